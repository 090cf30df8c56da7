/** Everything that lies on disk of a study, finished or not: what a window needs to show it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type {
  RunSnapshot,
  StepColumns,
  StudySnapshot,
  SurfaceSnapshot,
} from '../../../shared/spec/library';
import type { GuardedPath } from '../../../shared/spec/place';
import type { EpochMetrics, StepMetrics } from '../../../shared/spec/run';
import type { LivePath } from '../../../shared/spec/trajectory';
import { runId, runsOf, type Study } from '../../../shared/spec/study';
import { readAnnotations } from '../library/annotations';
import { readManifest } from '../files';
import { listOwn } from '../own-file';
import { readLines } from '../run/log';
import { layout, readStudy } from '../workspace';
import { readMissed } from './attempts';
import { livePathFile } from './live-path';
import { classesOfStudy, lookAtManifest } from './manifest';
import { readResults } from './read-results';
import { readRunResult, runManifest } from './run-files';
import { readSurface, readSurfaceHead, readSurfaceResult } from './surface-files';

function columnsOf(steps: readonly StepMetrics[]): StepColumns {
  const column = (key: keyof StepMetrics) => Float64Array.from(steps, (step) => step[key]);
  return {
    step: column('step'),
    loss: column('loss'),
    rate: column('rate'),
    gradientNorm: column('gradientNorm'),
    weightNorm: column('weightNorm'),
  };
}

function runSnapshots(study: Study, folder: string): RunSnapshot[] {
  return runsOf(study).flatMap(({ variant, seed }) => {
    const id = runId(variant.name, seed);
    const path = layout(folder).run(id);
    if (!existsSync(path)) return [];
    return [
      {
        id,
        variant: variant.name,
        seed,
        result: existsSync(runManifest(path)) ? readRunResult(path) : null,
        steps: columnsOf(readLines<StepMetrics>(join(path, 'metrics.jsonl'))),
        epochs: readLines<EpochMetrics>(join(path, 'epochs.jsonl')),
        missed: readMissed(path),
        path: existsSync(livePathFile(path)) ? readManifest<LivePath>(livePathFile(path)) : null,
      },
    ];
  });
}

function surfaceSnapshots(study: Study, folder: string): SurfaceSnapshot[] {
  const surfaces = join(folder, 'surfaces');
  const variants = study.variants.map(({ name }) => name);
  const scans = study.scans.map(({ name }) => name);
  const all = listOwn(surfaces).flatMap((name): SurfaceSnapshot[] => {
    const path = join(surfaces, name);
    const head = readSurfaceHead(path);
    if (head === null) return [];
    const result = readSurfaceResult(path);
    return [{ head, result, surface: readSurface(path, head) }];
  });
  const key = ({ head }: SurfaceSnapshot) => [
    scans.indexOf(head.scan),
    variants.indexOf(head.variant),
    head.seed,
    head.directionSeed ?? 0,
  ];
  const compare = (a: readonly number[], b: readonly number[]): number =>
    a.map((value, i) => value - b[i]).find((difference) => difference !== 0) ?? 0;
  return all.sort((a, b) => compare(key(a), key(b)));
}

/** @throws Fault when `folder` is not a study's */
export function openSnapshot(folder: GuardedPath): StudySnapshot {
  const study = readStudy(folder);
  const { manifest } = lookAtManifest(folder);
  return {
    folder,
    file: study.file,
    runs: runSnapshots(study, folder),
    surfaces: surfaceSnapshots(study, folder),
    results: readResults(folder, study),
    sittings: manifest?.sittings ?? [],
    datasetHash: manifest?.dataset.hash ?? null,
    classes: classesOfStudy(folder, study.dataset),
    ...readAnnotations(folder),
  };
}
