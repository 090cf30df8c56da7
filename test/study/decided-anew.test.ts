import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadDataset } from '../../main/engine/dataset/load';
import { parseOwn, stringify } from '../../main/engine/files';
import { loadFigureSources } from '../../main/engine/study/figure-sources';
import { readResults } from '../../main/engine/study/read-results';
import { runStudy } from '../../main/engine/study/run-study';
import { openSnapshot } from '../../main/engine/study/snapshot';
import { layout, openStudy, readStudy } from '../../main/engine/workspace';
import type { StudyResults } from '../../shared/spec/results';
import { checkStudy } from '../../shared/spec/study';
import { startForTest } from '../support/backend';
import { freshFolder, SMALL_STUDY } from '../support/small-study';

const folder = freshFolder();
/** The same network under two names. */
const study = checkStudy(
  {
    ...SMALL_STUDY,
    seeds: [1, 2, 3],
    base: { ...SMALL_STUDY.base, recipe: { epochs: 1, batch: 512, learningRate: 0.05 } },
    variants: ['skip', 'plain'].map((name) => ({ name, model: { skip: 'projection' } })),
    scans: SMALL_STUDY.scans.filter(({ name }) => name === 'plane' || name === 'path'),
  },
  'study',
);
let made: StudyResults;

beforeAll(async () => {
  const backend = await startForTest();
  openStudy(folder, study);
  const dataset = await loadDataset(study.dataset);
  const { signal } = new AbortController();
  const context = { study, folder, layout: layout(folder), dataset, backend, signal };
  for await (const event of runStudy(context)) {
    if (event.kind === 'results') made = event.results;
  }
});

test('a network compared with itself is no difference or undecided, in every rule', () => {
  expect(made.claims.map(({ rule }) => rule)).toEqual(['smoother', 'faster', 'perpendicular']);
  for (const { verdict } of made.claims) expect(['no difference', 'undecided']).toContain(verdict);
});

/** Takes back what earlier versions did not write. */
function makeEarlier(): void {
  const without = (path: string) => {
    const json = parseOwn(readFileSync(path, 'utf8')) as {
      metrics: Record<string, unknown> | null;
    };
    if (json.metrics !== null) delete json.metrics['deepMinima'];
    writeFileSync(path, stringify(json));
  };
  const { results, surface } = layout(folder);
  for (const id of readdirSync(join(folder, 'surfaces'))) {
    without(join(surface(id), 'manifest.json'));
  }
  const file = parseOwn(readFileSync(results, 'utf8')) as { surfaces: { metrics: object }[] };
  for (const { metrics } of file.surfaces) delete (metrics as { deepMinima?: number }).deepMinima;
  const claims = study.claims.map((claim) => ({
    ...claim,
    verdict: 'does not support',
    because: 'difference -0.010 = -0.4 standard errors',
  }));
  writeFileSync(results, stringify({ ...file, claims }));
}

test('results of an earlier version are decided by the rules of today wherever they are opened', () => {
  makeEarlier();
  const before = readFileSync(layout(folder).results, 'utf8');
  const read = readResults(folder, readStudy(folder))!;
  expect(read.claims).toEqual(made.claims);
  expect(read.surfaces.map(({ metrics }) => metrics)).toEqual(
    made.surfaces.map(({ metrics }) => metrics),
  );
  expect(openSnapshot(folder).results).toEqual(read);
  expect(loadFigureSources(folder).claims).toEqual(made.claims);
  const [surface] = openSnapshot(folder).surfaces;
  expect(surface.result!.metrics!.deepMinima).toBeTypeOf('number');
  // Nothing is written by looking.
  expect(readFileSync(layout(folder).results, 'utf8')).toBe(before);
});
