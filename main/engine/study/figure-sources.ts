/** Reads from a study's folder what figures are drawn from. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FigureSources, RunCurves, SurfaceSource } from '../../../shared/figure/sources';
import type { GuardedPath } from '../../../shared/spec/place';
import type { SurfaceResult } from '../../../shared/spec/results';
import type { EpochMetrics, StepMetrics } from '../../../shared/spec/run';
import { listOwn } from '../own-file';
import { readLines } from '../run/log';
import { readStudy } from '../workspace';
import { classesOfStudy } from './manifest';
import { readResults } from './read-results';
import { readRunResult } from './run-files';
import { readSurface, readSurfaceResult } from './surface-files';

/** The folders under `path` that hold a manifest, in the order of their names. */
const finished = (path: string): string[] =>
  listOwn(path)
    .map((name) => join(path, name))
    .filter((folder) => existsSync(join(folder, 'manifest.json')));

const curvesOf = (folder: string): RunCurves => ({
  run: readRunResult(folder),
  steps: readLines<StepMetrics>(join(folder, 'metrics.jsonl')),
  epochs: readLines<EpochMetrics>(join(folder, 'epochs.jsonl')),
});

function surfaceOf(folder: string): SurfaceSource {
  const result = readSurfaceResult(folder)!;
  return { result, surface: readSurface(folder, result) };
}

/** Everything finished so far in the study's folder. */
export function loadFigureSources(folder: GuardedPath): FigureSources {
  const study = readStudy(folder);
  const order = study.variants.map((variant) => variant.name);
  const byVariant = (a: { variant: string; seed: number }, b: { variant: string; seed: number }) =>
    order.indexOf(a.variant) - order.indexOf(b.variant) || a.seed - b.seed;
  const scans = study.scans.map((scan) => scan.name);
  const byScan = (a: SurfaceResult, b: SurfaceResult) =>
    scans.indexOf(a.scan) - scans.indexOf(b.scan) ||
    (a.directionSeed ?? 0) - (b.directionSeed ?? 0);
  return {
    study,
    classes: classesOfStudy(folder, study.dataset),
    claims: readResults(folder, study)?.claims ?? [],
    runs: finished(join(folder, 'runs'))
      .map(curvesOf)
      .sort((a, b) => byVariant(a.run, b.run)),
    surfaces: finished(join(folder, 'surfaces'))
      .map(surfaceOf)
      .sort((a, b) => byVariant(a.result, b.result) || byScan(a.result, b.result)),
  };
}
