/** Outcomes of runs and surfaces without any being made: what verdicts are decided by. */

import type { RunResult, SurfaceResult } from '../../shared/spec/results';
import { checkStudy, type ClaimSpec, type Study } from '../../shared/spec/study';

export interface Outcome {
  readonly stepsTo03?: number | null;
  /** Steps of the whole training. */
  readonly step?: number;
  readonly trained?: boolean;
  readonly diverged?: boolean;
  readonly trial?: RunResult['trial'];
}

export const runOf = (variant: string, seed: number, outcome: Outcome = {}): RunResult => {
  const { stepsTo03 = 40, step = 240, trained = true, diverged = false, trial = null } = outcome;
  return {
    id: `${variant}-s${seed}`,
    variant,
    seed,
    parameters: 1000,
    trial,
    checkpoints: [0, step],
    datasetHash: '',
    weightsHash: '',
    summary: {
      epoch: 19,
      step,
      trainLoss: diverged ? NaN : trained ? 0.01 : 1.3,
      trainAccuracy: trained ? 1 : 0.4,
      testLoss: 0.1,
      testAccuracy: trained ? 0.97 : 0.4,
      diverged,
      trained,
      learningRate: 0.05,
      stepsPerSecond: 10,
      stepsTo03,
    },
  };
};

const surfaceOf = (variant: string, seed: number, scan: string): SurfaceResult => ({
  id: `${variant}-s${seed}.${scan}`,
  run: `${variant}-s${seed}`,
  variant,
  seed,
  scan,
  kind: 'random',
  directionSeed: null,
  x: [-1, 0, 1],
  y: [-1, 0, 1],
  split: 'train',
  images: 128,
  bn: 'batch',
  normalisation: 'random, filter-normalised, weights only',
  validity: null,
  centre: null,
  standardError: 0.01,
  metrics: null,
  metricsOf: 'loss',
  barrier: null,
  trajectory: null,
  weightsHash: '',
  seconds: 1,
});

/** A plane along random directions: the pair of directions with `directionSeed`. */
export const planeOf = (
  variant: string,
  seed: number,
  misaligned: number,
  { directionSeed = 1, scan = 'plane', minima = 1 } = {},
): SurfaceResult => ({
  ...surfaceOf(variant, seed, scan),
  id: `${variant}-s${seed}.${scan}-d${directionSeed}`,
  directionSeed,
  metrics: {
    misaligned,
    minima,
    deepMinima: minima,
    lowArea: 0.1,
    basinArea: 0.1,
    fragments: [0.1, 0.5, 1, 2].map((above) => ({ above, count: 1 })),
    elongation: 1.5,
    negativeCurvature: 0.3,
    variation: 1,
    plateau: 0,
    lowest: 0,
    highest: 4,
    overflowed: 0,
  },
});

/** A trajectory on its principal plane, straight to the origin, with `late` as its late q. */
export function pathOf(variant: string, seed: number, late: number, steps = 20): SurfaceResult {
  const points = Array.from({ length: steps + 1 }, (_, t) => steps - t);
  const all = <T>(value: T): T[] => points.map(() => value);
  const [x, y] = [all(late), all(Math.sqrt(1 - late ** 2))];
  return {
    ...surfaceOf(variant, seed, 'path'),
    kind: 'principal',
    trajectory: {
      steps: points.map((_, t) => 10 * t),
      x: points,
      y: all(0),
      residuals: all(0),
      weightNorms: all(10),
      trueLosses: all(0.1),
      planeLosses: all(0.1),
      explained: [0.8, 0.1],
      walkShares: [0.61, 0.15],
      matchedWalkShares: [0.6, 0.15],
      slopes: [{ of: 'loss', bn: 'batch', x, y }],
      descentCosines: all(0.1).slice(1),
      drops: [],
    },
  };
}

/** A study of variants `a` and `b` with these claims, each about `a` beside `b`. */
export const studyOf = (
  seeds: number,
  claims: readonly Partial<ClaimSpec>[],
  scans: readonly object[] = [],
): Study =>
  checkStudy(
    {
      name: 'two',
      question: 'Do a and b differ?',
      seeds: Array.from({ length: seeds }, (_, i) => i + 1),
      variants: [
        { name: 'a', label: 'Net A', model: { skip: 'projection' } },
        { name: 'b', label: 'Net B', model: { skip: 'none' } },
      ],
      scans: [
        { name: 'line', directions: { kind: 'random', axes: 1 } },
        { name: 'plane', directions: { kind: 'random', repeats: 3 } },
        { name: 'path', directions: { kind: 'principal' } },
        ...scans,
      ],
      claims: claims.map((claim) => ({
        claim: `a is ${claim.rule}`,
        subject: 'a',
        reference: 'b',
        ...claim,
      })),
    },
    'study',
  );
