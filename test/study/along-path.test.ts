/** Gradients at the checkpoints of a path, in its plane, beside differences of the loss. */

import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { loadDataset } from '../../main/engine/dataset/load';
import { dot } from '../../main/engine/direction/normalise';
import { parseOwn } from '../../main/engine/files';
import { buildModel } from '../../main/engine/model/build';
import { keptCheckpoints } from '../../main/engine/study/kept-checkpoints';
import { runStudy } from '../../main/engine/study/run-study';
import { evaluate, onDevice, recordEvaluation } from '../../main/engine/surface/evaluate';
import { buildEvaluationSet } from '../../main/engine/surface/evaluation-set';
import { principalPlane } from '../../main/engine/surface/trajectory';
import { layout, openStudy } from '../../main/engine/workspace';
import type { StudyResults } from '../../shared/spec/results';
import { checkStudy } from '../../shared/spec/study';
import { crossingIn } from '../../shared/spec/trajectory';
import { startForTest } from '../support/backend';
import { freshFolder } from '../support/small-study';

const IMAGES = 64;
const DECAY = 0.01;
const points = { points: 5 };
const FILE = {
  name: 'along',
  question: 'Which way is down?',
  dataset: { kind: 'digits' },
  base: {
    model: { family: 'resnet', depth: 8, width: 2 },
    recipe: { epochs: 2, batch: 64, learningRate: 0.05, weightDecay: DECAY },
  },
  variants: [{ name: 'bn' }, { name: 'plain', model: { skip: 'none' } }],
  scans: ['whole', 'late'].map((part) => ({
    name: part,
    directions: { kind: 'principal', part, aspect: 0.6 },
    ...{ x: points, y: points, subset: IMAGES, bn: 'batch' },
  })),
  claims: ['loss', 'objective'].map((isocurves) => ({
    ...{ claim: 'it crosses more', rule: 'perpendicular', isocurves },
    ...{ subject: 'bn', reference: 'plain' },
  })),
};

let backend: Backend;
let results: StudyResults;
const folder = freshFolder();
const study = checkStudy(FILE, 'along');

beforeAll(async () => {
  backend = await startForTest();
  openStudy(folder, study);
  const dataset = await loadDataset(study.dataset);
  const { signal } = new AbortController();
  const context = { study, folder, layout: layout(folder), dataset, backend, signal };
  for await (const _event of runStudy(context));
  results = parseOwn(readFileSync(layout(folder).results, 'utf8')) as StudyResults;
});

const surfaceOf = (id: string) => results.surfaces.find((surface) => surface.id === id)!;

test.each(['batch', 'frozen'] as const)(
  'with batch norm %s they are central differences of the loss and of loss + decay',
  async (mode) => {
    const dataset = await loadDataset(study.dataset);
    const model = buildModel(study.variants[0].model, dataset);
    const { steps, load } = keptCheckpoints(layout(folder), 'bn-s1');
    const path = steps.map((step) => load(step, model));
    const { directions } = principalPlane(path, model.parameters)!;
    const { slopes } = surfaceOf('bn-s1.whole').trajectory!;
    const slope = (of: string) => slopes!.find((one) => one.of === of && one.bn === mode)!;
    const set = buildEvaluationSet(dataset, 'train', IMAGES, mode === 'batch');
    const replay = recordEvaluation(model, mode, backend.node);
    try {
      for (const t of [0, 3, steps.length - 1]) {
        const { weights, statistics } = path[t];
        directions.forEach((direction, axis) => {
          const step = 0.003;
          const [up, down] = [step, -step].map((h) => {
            const moved = weights.map((w, i) => w + h * direction[i]);
            return onDevice(moved, statistics, (w, s) => evaluate(replay, set, w, s).loss);
          });
          const difference = (up - down) / (2 * step);
          const of = axis === 0 ? 'x' : 'y';
          const scale = Math.hypot(slope('loss').x[t], slope('loss').y[t]);
          expect(Math.abs(slope('loss')[of][t] - difference)).toBeLessThan(0.02 * scale);
          // The norm's own gradient is exact: ∇(λ‖θ‖²/2) = λθ.
          const decay = DECAY * dot(weights, direction);
          expect(slope('objective')[of][t]).toBeCloseTo(slope('loss')[of][t] + decay, 10);
        });
      }
    } finally {
      set.dispose();
      replay.dispose();
    }
  },
);

test('a run that a claim judges has ten later steps, however short it is', () => {
  for (const { trajectory } of results.surfaces) {
    expect(trajectory!.steps.length - 1).toBeGreaterThanOrEqual(20);
  }
  expect(
    crossingIn(surfaceOf('bn-s1.whole').trajectory!, surfaceOf('bn-s1.whole'))!.lateSteps,
  ).toBeGreaterThanOrEqual(10);
});

test('the later half is a closer look at the same plane, never narrower than was asked', () => {
  const [whole, late] = ['whole', 'late'].map((part) => surfaceOf(`bn-s1.${part}`));
  expect(late.trajectory!.x).toEqual(whole.trajectory!.x);
  expect(late.trajectory!.slopes).toEqual(whole.trajectory!.slopes);
  const length = (axis: readonly number[]) => axis[axis.length - 1] - axis[0];
  expect(length(late.x)).toBeLessThan(length(whole.x));
  for (const { x, y } of [whole, late]) {
    const [long, short] = [length(x), length(y!)].sort((a, b) => b - a);
    expect(short / long).toBeGreaterThan(0.6 - 1e-9);
  }
  const half = late.trajectory!.x.slice(Math.floor((late.trajectory!.x.length - 1) / 2));
  expect(Math.min(...half)).toBeGreaterThan(late.x[0]);
  expect(Math.max(...half)).toBeLessThan(late.x[late.x.length - 1]);
});
