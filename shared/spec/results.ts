/** What a study found: the rows of its table, its surfaces with their numbers, and the verdicts. */

import type { SurfaceMetrics } from '../maths/surface-metrics';
import type { ValidityReport } from './direction';
import type { Attempt, RunSummary, TrialRow } from './run';
import type { SurfaceHead } from './surface';
import type { SharedPlane, Trajectory } from './trajectory';

/** The loss at the origin of a surface, from three sides; they have to agree. */
export interface CentreCheck {
  readonly checkpoint: number;
  readonly before: number;
  readonly after: number;
}

/** The manifest of a surface. */
export interface SurfaceResult extends SurfaceHead {
  /** How the directions were scaled, in words. */
  readonly normalisation: string;
  /** Null where it was measured elsewhere: the directions are not known. */
  readonly validity: ValidityReport | null;
  /** Null where it was measured elsewhere. */
  readonly centre: CentreCheck | null;
  /** Standard error of the loss at the centre over the images of the evaluation set. */
  readonly standardError: number;
  /** Of log₁₀(1 + L) where `bn` is frozen, else of L; null for lines. */
  readonly metrics: SurfaceMetrics | null;
  readonly metricsOf: 'loss' | 'log10(1 + loss)';
  /** Of a line between two checkpoints. */
  readonly barrier: number | null;
  readonly trajectory: Trajectory | null;
  /** Of a plane through checkpoints: those, and the paths of their runs on it. */
  readonly shared?: SharedPlane;
  readonly weightsHash: string;
  readonly seconds: number;
}

/** The manifest of a run. */
export interface RunResult {
  readonly id: string;
  readonly variant: string;
  readonly seed: number;
  readonly parameters: number;
  readonly summary: RunSummary;
  /** How the rates did that were tried; null: the rate was pinned. */
  readonly trial: readonly TrialRow[] | null;
  /** The schedules that were trained, this run's own last; only where it trains until a loss. */
  readonly attempts?: readonly Attempt[];
  readonly checkpoints: readonly number[];
  readonly datasetHash: string;
  readonly weightsHash: string;
}

/** The schedules of a run before its own, which missed the loss until which it trains. */
export const missedOf = ({ attempts }: Pick<RunResult, 'attempts'>): readonly Attempt[] =>
  attempts?.slice(0, -1) ?? [];

const runKeys: Readonly<Record<keyof RunResult, true>> = {
  id: true,
  variant: true,
  seed: true,
  parameters: true,
  summary: true,
  trial: true,
  attempts: true,
  checkpoints: true,
  datasetHash: true,
  weightsHash: true,
};

const headKeys: Readonly<Record<keyof SurfaceHead, true>> = {
  id: true,
  run: true,
  variant: true,
  seed: true,
  scan: true,
  kind: true,
  directionSeed: true,
  x: true,
  y: true,
  split: true,
  images: true,
  bn: true,
  origin: true,
};

const surfaceKeys: Readonly<Record<keyof SurfaceResult, true>> = {
  ...headKeys,
  normalisation: true,
  validity: true,
  centre: true,
  standardError: true,
  metrics: true,
  metricsOf: true,
  barrier: true,
  trajectory: true,
  shared: true,
  weightsHash: true,
  seconds: true,
};

/** The keys of `keys` that `value` has, in the order of `keys`. */
function pick<T extends object>(value: T, keys: Readonly<Record<keyof T, true>>): T {
  const names = Object.keys(keys) as (keyof T)[];
  const found = names.filter((name) => value[name] !== undefined);
  return Object.fromEntries(found.map((name) => [name, value[name]])) as T;
}

/** A run's result without what else its manifest says, in one order wherever it comes from. */
export const pickRun = (manifest: RunResult): RunResult => pick(manifest, runKeys);

/** A surface's result without what else its manifest says, in one order. */
export const pickSurface = (manifest: SurfaceResult): SurfaceResult => pick(manifest, surfaceKeys);

/** What was known of a surface before its first cell was measured. */
export const pickHead = (result: SurfaceHead): SurfaceHead => pick(result, headKeys);

/**
 * How much the seeds say. One seed is *observed*; two to four that agree *suggest*; from five on a
 * test at 5 % *supports* or *contradicts*; *no difference*: none beyond the claim's margin.
 */
export type Verdict =
  'observed' | 'suggests' | 'supports' | 'contradicts' | 'no difference' | 'undecided';

/** What one seed says of a claim: both networks trained with it, side by side. */
export interface SeedPair {
  readonly seed: number;
  /** The number of each network: the mean over the seed's directions, or steps to the loss. */
  readonly subject: number;
  readonly reference: number;
  /** By how much the subject is ahead, in the rule's unit: above 0, the seed is for the claim. */
  readonly difference: number;
  /** The same for each pair of directions by itself; empty where chance chose none. */
  readonly directions: readonly number[];
  /** One of the two never got there: the difference is at least as large. */
  readonly atLeast: boolean;
  /** Both networks trained. */
  readonly trained: boolean;
}

/** What a number of seeds say together. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Which way the seeds point where they are *observed* or *suggest*. */
  readonly leans: 'for' | 'against' | null;
  /** Seeds that were judged, and those among them that are for the claim. */
  readonly seeds: number;
  readonly wins: number;
  /** Mean difference; NaN where there is no seed. */
  readonly mean: number;
  /** 95 % t interval of the mean; null with fewer than three seeds. */
  readonly interval: readonly [low: number, high: number] | null;
  /** One-sided p of the exact sign-flip test, on the side of the mean; null without a seed. */
  readonly p: number | null;
}

export interface ClaimResult extends Judgement {
  readonly claim: string;
  readonly rule: 'smoother' | 'faster' | 'perpendicular';
  readonly subject: string;
  readonly reference: string;
  /** The scan whose surfaces were compared; null: none is, or training is compared. */
  readonly scan: string | null;
  /** A difference no larger than this is none: in the unit of the differences. */
  readonly margin: number;
  /** The numbers that decided, in a sentence. */
  readonly because: string;
  /** What else has to be known, a sentence each. */
  readonly notes: readonly string[];
  /** Every seed that has both networks, whether they trained or not. */
  readonly pairs: readonly SeedPair[];
}

export interface StudyResults {
  readonly runs: readonly RunResult[];
  readonly surfaces: readonly SurfaceResult[];
  readonly claims: readonly ClaimResult[];
  /** True when every run and surface of the study is there. */
  readonly complete: boolean;
}
