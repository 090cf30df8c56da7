/** Weights that were trained elsewhere: fitted to a network, looked at, scanned. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { loadDataset } from '../../main/engine/dataset/load';
import { readTensors } from '../../main/engine/checkpoint/safetensors';
import { parseOwn } from '../../main/engine/files';
import { readLines } from '../../main/engine/run/log';
import { buildModel } from '../../main/engine/model/build';
import { toTorchOrder } from '../../main/engine/model/torch-order';
import { fitWeights } from '../../main/engine/study/import-run';
import { runStudy } from '../../main/engine/study/run-study';
import { layout, openStudy } from '../../main/engine/workspace';
import { takeWeights } from '../support/reader';
import { guessArchitecture } from '../../shared/foreign/guess';
import { matchTensors } from '../../shared/foreign/match';
import type { StudyResults } from '../../shared/spec/results';
import type { EpochMetrics } from '../../shared/spec/run';
import { ModelSpec } from '../../shared/spec/model';
import { check } from '../../shared/spec/check';
import { checkStudy } from '../../shared/spec/study';
import { startForTest } from '../support/backend';
import { differences, freshFolder, runSmall, SMALL_STUDY } from '../support/small-study';

let backend: Backend;
const trained = freshFolder();

beforeAll(async () => {
  backend = await startForTest();
  await runSmall(trained, backend);
});

/** Runs a study of imported weights in a folder of its own. */
async function runImported(folder: string, file: unknown): Promise<StudyResults> {
  const study = checkStudy(file, 'imported');
  openStudy(folder, study);
  const dataset = await loadDataset(study.dataset);
  const { signal } = new AbortController();
  const work = runStudy({ study, folder, layout: layout(folder), dataset, backend, signal });
  for await (const _event of work);
  return parseOwn(readFileSync(layout(folder).results, 'utf8')) as StudyResults;
}

const importing = (file: string) => ({
  name: 'imported',
  question: 'Is it the same network?',
  dataset: SMALL_STUDY.dataset,
  base: { model: SMALL_STUDY.base.model },
  seeds: [1, 2],
  variants: [{ name: 'skip', model: { skip: 'projection' }, weights: { file, source: 'skip.pt' } }],
  scans: SMALL_STUDY.scans.filter(({ name }) => ['line', 'plane'].includes(name)),
});

describe('a checkpoint that was trained here and comes back', () => {
  const last = join(layout(trained).checkpoints('skip-s1'), 'step-000012.safetensors');

  test('has the losses and the surfaces it had, twice the same bytes', async () => {
    const before = parseOwn(readFileSync(layout(trained).results, 'utf8')) as StudyResults;
    const [once, again] = [freshFolder(), freshFolder()];
    const { path: copy } = await takeWeights(last);
    const results = await runImported(once, importing(copy));
    expect(results.complete).toBe(true);
    // One network is one run, whatever the seeds of others.
    expect(results.runs.map(({ id }) => id)).toEqual(['skip-s1']);
    const known = before.runs.find(({ id }) => id === 'skip-s1')!;
    expect(results.runs[0].weightsHash).toBe(known.weightsHash);
    expect(results.runs[0].summary.trainLoss).toBeCloseTo(known.summary.trainLoss, 6);
    for (const id of ['skip-s1.line-d1', 'skip-s1.plane-d1', 'skip-s1.plane-d2']) {
      const table = (folder: string) =>
        readFileSync(join(layout(folder).surface(id), 'surface.csv'), 'utf8');
      expect(table(once)).toBe(table(trained));
    }
    await runImported(again, importing(copy));
    expect(differences(again, once)).toEqual([]);
  });

  test('that does not fit the network is refused by name, and nothing is kept', async () => {
    const folder = freshFolder();
    const file = importing((await takeWeights(last)).path);
    const other = { ...file, base: { model: { ...file.base.model, depth: 14 } } };
    await expect(runImported(folder, other)).rejects.toThrow(
      /skip.pt does not fit this network: it has nothing for layer1\.1\.conv1\.weight \(3×3×2×2\).* more/,
    );
  });
});

describe('checkpoints of a training that come back as a series', () => {
  const steps = [0, 3, 6, 9, 12];
  const files = async () => {
    const folder = layout(trained).checkpoints('skip-s1');
    const name = (step: number) => `step-${String(step).padStart(6, '0')}.safetensors`;
    const taken = [];
    for (const step of steps) taken.push(await takeWeights(join(folder, name(step))));
    return taken.map(({ path }, i) => ({ file: path, source: name(steps[i]), step: steps[i] }));
  };
  const seriesOf = async () => {
    const all = await files();
    const weights = { ...all[all.length - 1], earlier: all.slice(0, -1) };
    const [variant] = importing('').variants;
    const scans = SMALL_STUDY.scans.filter(({ name }) => name === 'path');
    return { ...importing(''), variants: [{ ...variant, weights }], scans };
  };

  test('are one run with the losses and the trajectory of that training', async () => {
    const before = parseOwn(readFileSync(layout(trained).results, 'utf8')) as StudyResults;
    const folder = freshFolder();
    const { runs, surfaces } = await runImported(folder, await seriesOf());
    expect(runs).toHaveLength(1);
    expect(runs[0].checkpoints).toEqual(steps);
    const known = before.runs.find(({ id }) => id === 'skip-s1')!;
    expect(runs[0].weightsHash).toBe(known.weightsHash);
    const epochs = (of: string) =>
      readLines<EpochMetrics>(join(layout(of).run('skip-s1'), 'epochs.jsonl'));
    expect(epochs(folder).map(({ step }) => step)).toEqual(steps);
    const told = new Map(epochs(folder).map((epoch) => [epoch.step, epoch]));
    for (const { step, trainLoss, testAccuracy } of epochs(trained)) {
      expect(told.get(step)?.trainLoss).toBeCloseTo(trainLoss, 5);
      expect(told.get(step)?.testAccuracy).toBeCloseTo(testAccuracy, 6);
    }
    const pathOf = ({ surfaces: all }: Pick<StudyResults, 'surfaces'>) =>
      all.find(({ id }) => id === 'skip-s1.path')!.trajectory!;
    const [came, went] = [pathOf({ surfaces }), pathOf(before)];
    for (const key of ['steps', 'x', 'y', 'residuals', 'trueLosses'] as const) {
      expect(came[key]).toEqual(went[key]);
    }
    // How it was trained is not known, so neither is when its rate was cut.
    expect(went.drops).not.toEqual([]);
    expect(came.drops).toEqual([]);
  });

  test('twice give the same bytes', async () => {
    const [once, again] = [freshFolder(), freshFolder()];
    const file = await seriesOf();
    for (const folder of [once, again]) await runImported(folder, file);
    expect(differences(again, once)).toEqual([]);
  });

  test('whose steps do not ascend are refused', async () => {
    const file = await seriesOf();
    const [{ weights, ...variant }] = file.variants;
    const refuse = (patch: object) =>
      expect(() =>
        checkStudy(
          { ...file, variants: [{ ...variant, weights: { ...weights, ...patch } }] },
          'it',
        ),
      );
    refuse({ step: 9 }).toThrow(/variants\.0\.weights: its steps must ascend .*; got 9 after 9/);
    refuse({ step: undefined }).toThrow(/no step of its own/);
    refuse({ earlier: [...weights.earlier].reverse() }).toThrow(/got 6 after 9/);
  });
});

describe("PyTorch's weights", () => {
  const model = buildModel(check(ModelSpec, { family: 'resnet', depth: 8, width: 2 }, 'model'), {
    inputShape: [8, 8, 1],
    classes: 10,
  });

  test('lie in the network as PyTorch has them, number by number', async () => {
    const { path } = await takeWeights('test/oracle/foreign/resnet8.pth');
    const { weights, statistics, match } = fitWeights(model, { file: path });
    const { tensors } = readTensors(readFileSync(path), path);
    expect(match.pairs.every(({ by, order }) => by === 'name' && order === 'torch')).toBe(true);
    for (const parameter of model.parameters) {
      const { shape, values } = toTorchOrder(weights, parameter);
      const written = tensors.get(parameter.name)!;
      expect([shape, [...values]]).toEqual([written.shape, [...written.values]]);
    }
    for (const { name, offset, size } of model.statistics) {
      const written = tensors.get(name.replace('variance', 'var'))!;
      expect([...statistics.subarray(offset, offset + size)]).toEqual([...written.values]);
    }
  });

  test('of a net without projections leave open which one it is', async () => {
    const { report } = await takeWeights('test/oracle/foreign/resnet8-noshort-module.t7');
    expect(report.guess).toMatchObject({ model: { depth: 8, width: 2, skip: 'none' } });
    expect(report.guess!.open).toMatch(/--skip identity or --skip none/);
  });

  test('of a net that is not built here are named', () => {
    const named = ['layer1.0.conv1', 'layer1.0.conv3', 'layer4.0.conv1'].map((name) => ({
      name: `${name}.weight`,
      shape: [8, 8, 3, 3],
    }));
    const guess = guessArchitecture([{ name: 'conv1.weight', shape: [8, 3, 7, 7] }, ...named]);
    expect(guess).toMatchObject({ model: null, says: 'a ResNet with bottlenecks' });
  });
});

describe('tensors are matched', () => {
  const wanted = [
    { name: 'conv1.weight', shape: [3, 3, 1, 4] },
    { name: 'bn1.weight', shape: [4] },
    { name: 'bn1.bias', shape: [4] },
    { name: 'bn1.running_mean', shape: [4] },
    { name: 'linear.weight', shape: [4, 10] },
  ];
  const fits = (file: { name: string; shape: number[] }[], mapping?: ReadonlyMap<string, string>) =>
    matchTensors(wanted, file, mapping);

  test('by order where no name says anything, in the axes that fit', () => {
    const { pairs, missing } = fits([
      { name: 'a', shape: [3, 3, 1, 4] },
      { name: 'b', shape: [4] },
      { name: 'c', shape: [4] },
      { name: 'd/moving_mean', shape: [4] },
      { name: 'e', shape: [4, 10] },
    ]);
    expect(missing).toEqual([]);
    expect(pairs.map(({ from, order, by }) => [from, order, by])).toEqual(
      ['a', 'b', 'c', 'd/moving_mean', 'e'].map((from) => [from, 'ours', 'order']),
    );
  });

  test('by name and never by order where names say something', () => {
    const { pairs, missing, left } = fits([
      { name: 'module.conv1.weight', shape: [4, 1, 3, 3] },
      { name: 'module.fc.weight', shape: [10, 4] },
      { name: 'module.other', shape: [4] },
    ]);
    expect(pairs.map(({ name }) => name)).toEqual(['conv1.weight', 'linear.weight']);
    expect(missing.map(({ name }) => name)).toEqual(['bn1.weight', 'bn1.bias', 'bn1.running_mean']);
    expect(left.map(({ name }) => name)).toEqual(['module.other']);
  });

  test('by hand before all else', () => {
    const file = [
      { name: 'conv1.weight', shape: [4, 1, 3, 3] },
      { name: 'other', shape: [4, 1, 3, 3] },
    ];
    const { pairs } = fits(file, new Map([['conv1.weight', 'other']]));
    expect(pairs[0]).toMatchObject({ from: 'other', by: 'hand' });
  });
});
