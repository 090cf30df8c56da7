/** A plane through three checkpoints, which the paths of several runs share. */

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { stream } from '../../main/engine/backend/random';
import { loadDataset } from '../../main/engine/dataset/load';
import { parseOwn } from '../../main/engine/files';
import { loadFigureSources } from '../../main/engine/study/figure-sources';
import { runStudy } from '../../main/engine/study/run-study';
import { planeThrough } from '../../main/engine/surface/trajectory';
import { layout, openStudy } from '../../main/engine/workspace';
import { buildFigure } from '../../shared/figure/build';
import { captionIn } from '../../shared/figure/captions';
import { check } from '../../shared/spec/check';
import { FigureSpec } from '../../shared/spec/figure';
import type { StudyResults } from '../../shared/spec/results';
import { checkStudy } from '../../shared/spec/study';
import { startForTest } from '../support/backend';
import { differences, freshFolder } from '../support/small-study';

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.sqrt(Array.from(a).reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0));

describe('the plane through three points', () => {
  const chance = stream(2, 'points');
  const points = [0, 1, 2].map(() => Float32Array.from({ length: 50 }, () => chance.normal()));
  const plane = planeThrough(points)!;
  const placed = points.map((point) => plane.place(point));

  test('has the first as its origin, the second on its first axis, and none beside it', () => {
    expect([placed[0].x, placed[0].y, placed[1].y].map(Math.abs)).toEqual([
      0,
      0,
      expect.closeTo(0, 5),
    ]);
    for (const { residual } of placed) expect(residual).toBeCloseTo(0, 3);
  });

  test('keeps their distances', () => {
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const drawn = Math.hypot(placed[i].x - placed[j].x, placed[i].y - placed[j].y);
      expect(drawn).toBeCloseTo(distance(points[i], points[j]), 4);
    }
  });

  test('is none where they lie on one line', () => {
    const [a, b] = points;
    const between = a.map((value, i) => (value + b[i]) / 2);
    expect(planeThrough([a, b, between])).toBeNull();
    expect(planeThrough([a, a, b])).toBeNull();
  });
});

const FILE = {
  name: 'shared',
  question: 'Where do two seeds end?',
  dataset: { kind: 'digits' },
  seeds: [1, 2],
  base: {
    model: { family: 'resnet', depth: 8, width: 2 },
    recipe: { epochs: 1, batch: 256, learningRate: 0.05, checkpointEvery: 2 },
  },
  variants: [{ name: 'net', label: 'Net' }],
  scans: [
    {
      name: 'ends',
      directions: {
        kind: 'through',
        checkpoints: [{ seed: 1, step: 'first' }, { seed: 1 }, { seed: 2 }],
      },
      ...{ x: { points: 5 }, y: { points: 5 }, subset: 32, bn: 'batch' },
    },
  ],
};

describe('a study that scans it', () => {
  let backend: Backend;
  const folders = [freshFolder(), freshFolder()];
  let results: StudyResults;

  beforeAll(async () => {
    backend = await startForTest();
    const study = checkStudy(FILE, 'shared');
    for (const folder of folders) {
      openStudy(folder, study);
      const dataset = await loadDataset(study.dataset);
      const { signal } = new AbortController();
      const context = { study, folder, layout: layout(folder), dataset, backend, signal };
      for await (const _event of runStudy(context));
    }
    results = parseOwn(readFileSync(layout(folders[0]).results, 'utf8')) as StudyResults;
  });

  test('measures it once, when all of its runs are trained, with the paths of both', () => {
    expect(results.surfaces.map(({ id }) => id)).toEqual(['net-s1.ends']);
    const [{ shared, centre, x, y }] = results.surfaces;
    expect(shared!.corners.map(({ run, step }) => `${run}@${step}`)).toEqual([
      'net-s1@0',
      'net-s1@6',
      'net-s2@6',
    ]);
    expect(shared!.paths.map(({ run, steps }) => [run, steps])).toEqual([
      ['net-s1', [0, 2, 4, 6]],
      ['net-s2', [0, 2, 4, 6]],
    ]);
    for (const { x: at, y: up } of shared!.corners) {
      expect(at).toBeGreaterThan(x[0]);
      expect(at).toBeLessThan(x[x.length - 1]);
      expect(up).toBeGreaterThan(y![0]);
      expect(up).toBeLessThan(y![y!.length - 1]);
    }
    const [first] = shared!.paths;
    expect([first.x[0], first.y[0], first.residuals[0]]).toEqual([0, 0, 0]);
    expect(centre!.before).toBeCloseTo(centre!.checkpoint, 4);
  });

  test('gives the same bytes twice', () => {
    expect(differences(folders[1], folders[0])).toEqual([]);
  });

  test('is drawn with both paths and told in labels', () => {
    const figure = buildFigure(
      loadFigureSources(folders[0]),
      check(FigureSpec, { kind: 'contours' }, 'figure'),
    );
    const names = figure.data.map(({ name }) => name);
    expect(names).toContain('Net, seed 1');
    expect(names).toContain('Net, seed 2');
    const said = JSON.stringify(figure.layout['annotations']) + captionIn(figure);
    expect(said.replaceAll('<br>', ' ')).toMatch(
      /span the plane \(Net, seed 1 at step 0; Net, seed 1 at step 6; Net, seed 2 at step 6\)/,
    );
    expect(said).not.toMatch(/net-s1/);
  });

  test('refuses three checkpoints on one line, and says which', async () => {
    const same = { ...FILE, name: 'same' };
    const checkpoints = [{ step: 'first' }, { step: 'last' }, { step: 'last' }];
    const scans = [{ ...FILE.scans[0], directions: { kind: 'through', checkpoints } }];
    const study = checkStudy({ ...same, seeds: [1], scans }, 'same');
    const folder = freshFolder();
    openStudy(folder, study);
    const dataset = await loadDataset(study.dataset);
    const { signal } = new AbortController();
    const context = { study, folder, layout: layout(folder), dataset, backend, signal };
    const run = async () => {
      for await (const _event of runStudy(context));
    };
    await expect(run()).rejects.toThrow(
      /scan 'ends': its three checkpoints lie on one line \(net-s1@0, net-s1@6, net-s1@6\)/,
    );
  });
});
