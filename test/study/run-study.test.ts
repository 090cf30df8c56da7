import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { parseOwn } from '../../main/engine/files';
import type { StudyResults } from '../../shared/spec/results';
import { startForTest } from '../support/backend';
import { contentOf, differences, freshFolder, runSmall } from '../support/small-study';

let backend: Backend;
const whole = freshFolder();
let eventCount = 0;
let results: StudyResults;

beforeAll(async () => {
  backend = await startForTest();
  const before = tf.memory().numTensors;
  eventCount = (await runSmall(whole, backend)).length;
  expect(tf.memory().numTensors).toBe(before);
  results = parseOwn(readFileSync(join(whole, 'results.json'), 'utf8')) as StudyResults;
});

test('a study leaves runs, checkpoints, directions, surfaces and results with hashes', () => {
  const paths = [...contentOf(whole).keys()];
  for (const expected of [
    'study.json',
    'runs/skip-s1/metrics.jsonl',
    'runs/skip-s1/trial.json',
    'checkpoints/plain-s1/step-000012.safetensors',
    'surfaces/plain-s1.plane-d2/surface.h5',
    'surfaces/skip-s1.path/surface.csv',
    'directions/skip-s1.line-d1/directions.h5',
  ]) {
    expect(paths).toContain(expected);
  }
  expect(results.complete).toBe(true);
  expect(results.surfaces).toHaveLength(10);
  expect(results.runs[0].checkpoints).toEqual([0, 3, 6, 9, 12]);
});

test('the centre of every surface is the loss of its checkpoint, before and after', () => {
  for (const { centre: found } of results.surfaces) {
    const centre = found!;
    expect(Math.abs(centre.before / centre.checkpoint - 1)).toBeLessThan(1e-5);
    expect(centre.after).toBe(centre.before);
  }
});

test('every filter-normalised direction fits its weights', () => {
  const planes = results.surfaces.filter(({ kind }) => kind === 'random');
  for (const { validity } of planes) {
    for (const { worstRatio } of validity!.axes)
      expect(Math.abs(worstRatio - 1)).toBeLessThan(1e-6);
  }
});

test('the line from first to last checkpoint has the losses of both ends, statistics joined', () => {
  const grown = results.surfaces.filter(({ scan }) => scan === 'grown');
  expect(grown).toHaveLength(2);
  for (const { barrier } of grown) expect(barrier).toBeGreaterThanOrEqual(0);
});

test('the last checkpoint of a trajectory is the origin and lies in the plane', () => {
  for (const { trajectory } of results.surfaces.filter((s) => s.trajectory !== null)) {
    const last = trajectory!.x.length - 1;
    expect(
      [trajectory!.x[last], trajectory!.y[last], trajectory!.residuals[last]].map(Math.abs),
    ).toEqual([0, 0, 0]);
    expect(trajectory!.walkShares[0]).toBeGreaterThan(0.6);
  }
});

test('every claim has a verdict with the number that decided', () => {
  expect(results.claims).toHaveLength(3);
  for (const { because, notes } of results.claims) {
    expect([because, ...notes].join()).toMatch(/\d/);
  }
});

test('the same study gives the same bytes', async () => {
  const again = freshFolder();
  await runSmall(again, backend);
  expect(differences(again, whole)).toEqual([]);
});

describe('stopped and gone on with', () => {
  // Shares of all events, so that trial, training, lines, planes and paths are all cut.
  test.each([0.05, 0.2, 0.35, 0.5, 0.8, 0.95])(
    'after %f of its events, a study gives the same bytes',
    async (share) => {
      const folder = freshFolder();
      await runSmall(folder, backend, Math.ceil(share * eventCount));
      await runSmall(folder, backend);
      expect(differences(folder, whole)).toEqual([]);
    },
  );
});

test('a truncated checkpoint is refused in one sentence, and nothing else is touched', async () => {
  const folder = freshFolder();
  await runSmall(folder, backend, Math.ceil(0.3 * eventCount));
  const { rmSync } = await import('node:fs');
  rmSync(join(folder, 'surfaces'), { recursive: true, force: true });
  truncateSync(join(folder, 'checkpoints/skip-s1/step-000012.safetensors'), 500);
  const before = contentOf(join(folder, 'runs'));
  await expect(runSmall(folder, backend)).rejects.toThrow(
    /step-000012.safetensors cannot be read as a whole file/,
  );
  expect(contentOf(join(folder, 'runs'))).toEqual(before);
});
