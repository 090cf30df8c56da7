/** Weights from elsewhere under each normalisation: the one they were trained with stands out. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { parseOwn } from '../../main/engine/files';
import { lossByNormalisation } from '../../main/engine/study/normalisations';
import { layout, readStudy } from '../../main/engine/workspace';
import type { StudyResults } from '../../shared/spec/results';
import { DOUBT, standingOf } from '../../shared/spec/tables';
import { takeWeights } from '../support/reader';
import { startForTest } from '../support/backend';
import { freshFolder, runSmall } from '../support/small-study';

let backend: Backend;
const [trained, imported] = [freshFolder(), freshFolder()];
/** As many images as the measurement takes: its loss is that of the whole split. */
const dataset = { kind: 'glyphs', train: 512, test: 60 };
const model = { family: 'resnet', depth: 8, width: 4 };

const resultsOf = (folder: string) =>
  parseOwn(readFileSync(layout(folder).results, 'utf8')) as StudyResults;

beforeAll(async () => {
  backend = await startForTest();
  const recipe = { epochs: 6, batch: 64, learningRate: 0.1, checkpointEvery: 1000 };
  const shared = { question: '', base: { model, recipe }, scans: [], claims: [] };
  await runSmall(trained, backend, undefined, {
    ...shared,
    name: 'there',
    dataset: { ...dataset, normalise: 'unit' },
    variants: [{ name: 'net' }],
  });
  const last = join(layout(trained).checkpoints('net-s1'), 'step-000048.safetensors');
  const { path: file } = await takeWeights(last);
  await runSmall(imported, backend, undefined, {
    ...shared,
    name: 'here',
    dataset: { ...dataset, normalise: { mean: [90], deviation: [7] } },
    variants: [{ name: 'net', weights: { file, source: 'net.pt' } }],
  });
});

test('the loss under the normalisation of the training is that of the training, and the best', async () => {
  const [known] = resultsOf(trained).runs;
  const study = readStudy(imported);
  const found = await lossByNormalisation({ study, layout: layout(imported), backend }, 'net-s1');
  // Those that the program knows, and that of the study itself; one channel has no colours.
  expect(found.map(({ normalise }) => normalise)).toHaveLength(3);
  expect(found[0]).toMatchObject({ normalise: 'unit', images: 512 });
  expect(found[0].loss).toBeCloseTo(known.summary.trainLoss, 5);
  expect(found[0].accuracy).toBeCloseTo(known.summary.trainAccuracy, 6);
  const given = found.find(({ normalise }) => typeof normalise === 'object')!;
  expect(given.loss).toBeCloseTo(resultsOf(imported).runs[0].summary.trainLoss, 5);
  expect(given.loss).toBeGreaterThan(found[0].loss);
});

test('weights from elsewhere with a high loss are doubted, and never said not to have trained', () => {
  const { runs } = resultsOf(imported);
  expect(runs[0].summary.trained).toBe(false);
  expect(standingOf(runs, 'net')).toBe(DOUBT);
  expect(standingOf(runs, 'net')).not.toMatch(/train/);
});

test('a run that the study does not have is refused', async () => {
  const study = readStudy(imported);
  await expect(
    lossByNormalisation({ study, layout: layout(imported), backend }, 'other-s1'),
  ).rejects.toThrow(/no checkpoint of a run 'other-s1'/);
});
