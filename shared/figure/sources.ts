/** What figures are drawn from: a study and everything finished of it. */

import type { ClaimResult, RunResult, SurfaceResult } from '../spec/results';
import type { EpochMetrics, StepMetrics } from '../spec/run';
import type { FigureSpec } from '../spec/figure';
import type { Study } from '../spec/study';
import type { Surface } from '../spec/surface';

export interface RunCurves {
  readonly run: RunResult;
  readonly steps: readonly StepMetrics[];
  readonly epochs: readonly EpochMetrics[];
}

export interface SurfaceSource {
  readonly result: SurfaceResult;
  readonly surface: Surface;
}

/** Runs and surfaces in the order of the study's variants, then by seed, then of its scans. */
export interface FigureSources {
  readonly study: Study;
  /** Of its dataset; null: not known. */
  readonly classes: number | null;
  readonly runs: readonly RunCurves[];
  readonly surfaces: readonly SurfaceSource[];
  /** The verdicts of a study that is complete; left out or empty: it is not. */
  readonly claims?: readonly ClaimResult[];
}

/** `sources` with the variants called as `labels` says. */
export function relabelled(
  sources: FigureSources,
  { labels = {} }: Pick<FigureSpec, 'labels'>,
): FigureSources {
  const { study } = sources;
  const variants = study.variants.map((variant) => ({
    ...variant,
    label: new Map(Object.entries(labels)).get(variant.name) ?? variant.label,
  }));
  return { ...sources, study: { ...study, variants } };
}
