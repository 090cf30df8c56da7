import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { parseOwn } from '../../main/engine/files';
import type { StudyResults } from '../../shared/spec/results';
import { startForTest } from '../support/backend';
import { contentOf, differences, freshFolder, resultsOf, runSmall } from '../support/small-study';
import type { StudyEvent } from '../../shared/spec/events';

let backend: Backend;
const whole = freshFolder();
let results: StudyResults;

beforeAll(async () => {
  backend = await startForTest();
  const before = tf.memory().numTensors;
  await runSmall(whole, backend);
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

/** Stops after `count` groups of cells of `surface` have been measured. */
function within(surface: string, count: number): (event: StudyEvent) => boolean {
  let left = -1;
  return (event) => {
    if (event.kind === 'grid') left = event.head.id === surface ? count : -1;
    else if (event.kind === 'progress' && left > 0) left--;
    return left === 0;
  };
}

describe('stopped and gone on with', { timeout: 10 * 60_000 }, () => {
  test.each<[string, () => (event: StudyEvent) => boolean]>([
    [
      'in its trial',
      () => (event) => event.kind === 'phase' && /trying learning rate 0\.8/.test(event.text),
    ],
    [
      'in the training of its first run',
      () =>
        ({ kind }) =>
          kind === 'epoch',
    ],
    [
      'after the manifest of its first run',
      () =>
        ({ kind }) =>
          kind === 'results',
    ],
    ['in its first plane', () => within('skip-s1.plane-d1', 2)],
    ['in a path', () => within('skip-s1.path', 4)],
    [
      'after a surface of its last run',
      () => (e) => e.kind === 'surface' && e.surface === 'plain-s1.plane-d2',
    ],
  ])('%s, a study gives the same bytes', async (_, stops) => {
    const folder = freshFolder();
    await runSmall(folder, backend, stops());
    expect(differences(folder, whole)).not.toEqual([]);
    await runSmall(folder, backend);
    expect(differences(folder, whole)).toEqual([]);
    expect(resultsOf(folder)).toBe(resultsOf(whole));
  });
});

test('a finished study that is run again is left as it is, every file', async () => {
  const state = () =>
    readdirSync(whole, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [
        path,
        statSync(path, { bigint: true }).mtimeNs,
        readFileSync(path, 'base64'),
      ]);
  const before = state();
  await runSmall(whole, backend);
  expect(state()).toEqual(before);
});

test('a truncated checkpoint is refused in one sentence, and nothing else is touched', async () => {
  const folder = freshFolder();
  await runSmall(folder, backend, ({ kind }) => kind === 'results');
  const { rmSync } = await import('node:fs');
  rmSync(join(folder, 'surfaces'), { recursive: true, force: true });
  truncateSync(join(folder, 'checkpoints/skip-s1/step-000012.safetensors'), 500);
  const before = contentOf(join(folder, 'runs'));
  await expect(runSmall(folder, backend)).rejects.toThrow(
    /step-000012.safetensors is cut: 500 of [0-9,]+ bytes; .*delete the folder checkpoints\/skip-s1/,
  );
  expect(contentOf(join(folder, 'runs'))).toEqual(before);
});
