/** A study small enough for tests: two tiny networks, a trial, every kind of scan. */

import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../../main/engine/backend/start';
import { loadDataset } from '../../main/engine/dataset/load';
import type { StudyContext } from '../../main/engine/study/context';
import { runStudy } from '../../main/engine/study/run-study';
import { layout, openStudy } from '../../main/engine/workspace';
import { usersOwn } from '../../main/native/paths';
import type { StudyEvent } from '../../shared/spec/events';
import type { GuardedPath } from '../../shared/spec/place';
import { checkStudy } from '../../shared/spec/study';

const points = { points: 5 };

export const SMALL_STUDY = {
  name: 'small',
  question: 'Does it all work?',
  dataset: { kind: 'digits' },
  base: {
    model: { family: 'resnet', depth: 8, width: 2 },
    recipe: {
      epochs: 2,
      batch: 256,
      warmup: 2,
      checkpointEvery: 3,
      learningRate: { rates: [3.2, 0.8, 0.1], epochs: 1 },
    },
  },
  variants: [
    { name: 'skip', model: { skip: 'projection' } },
    { name: 'plain', model: { skip: 'none' } },
  ],
  scans: [
    { name: 'line', directions: { kind: 'random', axes: 1 }, x: { points: 7 }, subset: 32 },
    {
      name: 'plane',
      directions: { kind: 'random', repeats: 2 },
      x: points,
      y: { from: -0.5, to: 0.5, points: 3 },
      subset: 32,
      bn: 'batch',
    },
    { name: 'path', directions: { kind: 'principal' }, x: points, y: points, subset: 32 },
    {
      name: 'grown',
      directions: { kind: 'between', from: { step: 'first' }, to: { step: 'last' } },
      x: { from: -0.5, to: 1.5, points: 9 },
      subset: 32,
      bn: 'states',
    },
  ],
  claims: [
    { claim: 'skips smooth', rule: 'smoother', subject: 'skip', reference: 'plain' },
    { claim: 'skips speed up', rule: 'faster', subject: 'skip', reference: 'plain' },
    { claim: 'skips turn', rule: 'perpendicular', subject: 'skip', reference: 'plain' },
  ],
};

export const freshFolder = (): GuardedPath =>
  usersOwn(join(mkdtempSync(join(tmpdir(), 'isocurve-')), 'study'));

/** Runs the study in `folder` until it ends, or until the first event for which `stops` holds. */
export async function runSmall(
  folder: string,
  backend: Backend,
  stops: (event: StudyEvent) => boolean = () => false,
  file: unknown = SMALL_STUDY,
): Promise<StudyEvent[]> {
  const study = checkStudy(file, 'small study');
  openStudy(folder, study);
  const dataset = await loadDataset(study.dataset);
  const abort = new AbortController();
  const context: StudyContext = {
    study,
    folder,
    layout: layout(folder),
    dataset,
    backend,
    signal: abort.signal,
  };
  const events: StudyEvent[] = [];
  try {
    for await (const event of runStudy(context)) {
      events.push(event);
      if (!abort.signal.aborted && stops(event)) abort.abort();
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  }
  return events;
}

/**
 * Everything in which two runs of one study must agree, by path: all files but manifests, which
 * hold times.
 */
export function contentOf(folder: string, under = ''): Map<string, string> {
  const content = new Map<string, string>();
  for (const name of readdirSync(join(folder, under)).sort()) {
    const path = join(under, name);
    if (statSync(join(folder, path)).isDirectory()) {
      for (const [key, value] of contentOf(folder, path)) content.set(key, value);
    } else if (!['manifest.json', 'results.json', '.lock'].includes(name)) {
      content.set(path, readFileSync(join(folder, path)).toString('base64'));
    }
  }
  return content;
}

/** The results of a study without what a clock measured. */
export const resultsOf = (folder: string): string =>
  readFileSync(join(folder, 'results.json'), 'utf8').replaceAll(
    /"(seconds|stepsPerSecond)": .*/g,
    '"$1": 0',
  );

/** The files that only one of two folders has, or that differ. */
export function differences(folder: string, other: string): string[] {
  const [a, b] = [contentOf(folder), contentOf(other)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path));
}
