/**
 * What the seeds of two networks say of a claim: one pair per seed, paired by the seed that drew
 * their weights and the order of their data. Numbers of different scans are never put together.
 */

import type { RunResult, SeedPair, SurfaceResult } from './results';
import { isImported } from './run';
import { crossingIn, FEWEST_LATE, USUAL_ISOCURVES, type WhichIsocurves } from './trajectory';
import { decidesBy, scansVariant, type ClaimSpec, type Study } from './study';

export interface Findings {
  readonly runs: readonly RunResult[];
  readonly surfaces: readonly SurfaceResult[];
}

/** The seeds of both networks, side by side. */
export interface Pairing {
  readonly scan: string | null;
  readonly pairs: readonly SeedPair[];
  /** Seeds of which one of the two networks has no number. */
  readonly missing: readonly number[];
  /**
   * Seeds whose numbers cannot be compared: neither network, or only the other, got so far; or a
   * path has too few later steps.
   */
  readonly open: readonly number[];
}

type Measure = (surface: SurfaceResult) => number | null | undefined;

const misaligned: Measure = ({ metrics }) => metrics?.misaligned;

/** The isocurves that a claim names. */
export const isocurvesOf = ({ isocurves, bn }: ClaimSpec): WhichIsocurves => ({
  of: isocurves ?? USUAL_ISOCURVES.of,
  bn: bn ?? USUAL_ISOCURVES.bn,
});

/** The late q of a path with enough later steps. */
const lateQ =
  (claim: ClaimSpec): Measure =>
  (surface) => {
    if (surface.trajectory === null) return null;
    const crossing = crossingIn(surface.trajectory, surface, isocurvesOf(claim));
    return crossing === null || crossing.lateSteps < FEWEST_LATE ? null : crossing.late;
  };

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The scan that decides a claim: the one it names, or the first of its kind around both. */
export function scanOf(study: Pick<Study, 'scans'>, claim: ClaimSpec): string | null {
  const fits = study.scans.find(
    (scan) =>
      decidesBy(claim.rule, scan) &&
      scansVariant(scan, claim.subject) &&
      scansVariant(scan, claim.reference),
  );
  return claim.scan ?? fits?.name ?? null;
}

/** The seeds of both variants, in their order. */
const seedsOf = ({ variants }: Study, claim: ClaimSpec): number[] => [
  ...new Set(
    [claim.subject, claim.reference].flatMap(
      (name) => variants.find((variant) => variant.name === name)!.seeds,
    ),
  ),
];

/** The runs of a variant, by seed. */
const runsBySeed = ({ runs }: Findings, variant: string): Map<number, RunResult> =>
  new Map(runs.filter((run) => run.variant === variant).map((run) => [run.seed, run]));

/** A variant's numbers on one scan: by seed, then by the seed of the directions. */
function bySeed(
  { surfaces }: Findings,
  variant: string,
  scan: string | null,
  pick: Measure,
): Map<number, Map<number | null, number>> {
  const found = new Map<number, Map<number | null, number>>();
  for (const surface of surfaces) {
    // What was measured elsewhere has images, range and batch norm of its own.
    if (surface.variant !== variant || surface.scan !== scan || surface.origin !== undefined)
      continue;
    const value = pick(surface);
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    const own = found.get(surface.seed) ?? new Map<number | null, number>();
    found.set(surface.seed, own.set(surface.directionSeed, value));
  }
  return found;
}

/**
 * The pairs of seeds of a claim about surfaces, `pick` being what is compared and `sign` +1 where
 * more of it is better.
 */
export function pairSurfaces(
  study: Study,
  claim: ClaimSpec,
  findings: Findings,
  pick: Measure,
  sign: 1 | -1,
): Pairing {
  const scan = scanOf(study, claim);
  const [subjects, references] = [claim.subject, claim.reference].map((variant) => ({
    runs: runsBySeed(findings, variant),
    values: bySeed(findings, variant, scan, pick),
  }));
  const pairs: SeedPair[] = [];
  const missing: number[] = [];
  for (const seed of seedsOf(study, claim)) {
    const [subject, reference] = [subjects.values.get(seed), references.values.get(seed)];
    if (subject === undefined || reference === undefined) {
      missing.push(seed);
      continue;
    }
    const shared = [...subject.keys()].filter((key) => key !== null && reference.has(key));
    const ahead = (one: number, other: number) => sign * (one - other);
    const [one, other] = [subject, reference].map((values) => mean([...values.values()]));
    pairs.push({
      seed,
      subject: one,
      reference: other,
      difference: ahead(one, other),
      directions: shared.map((key) => ahead(subject.get(key)!, reference.get(key)!)),
      atLeast: false,
      trained: [subjects, references].every(({ runs }) => runs.get(seed)?.summary.trained ?? true),
    });
  }
  return { scan, pairs, missing, open: [] };
}

/**
 * The pairs of seeds of a claim about paths. Those with fewer later steps than can be judged, or
 * without gradients of these isocurves, are open.
 */
function pairPaths(study: Study, claim: ClaimSpec, findings: Findings): Pairing {
  const pairing = pairSurfaces(study, claim, findings, lateQ(claim), 1);
  const scanned = [claim.subject, claim.reference].map((variant) =>
    bySeed(findings, variant, pairing.scan, ({ trajectory }) => (trajectory === null ? null : 1)),
  );
  const isOpen = (seed: number) => scanned.every((seeds) => seeds.has(seed));
  return {
    ...pairing,
    missing: pairing.missing.filter((seed) => !isOpen(seed)),
    open: pairing.missing.filter(isOpen),
  };
}

interface Reach {
  readonly steps: number;
  /** It was still above the loss when training ended. */
  readonly never: boolean;
}

/**
 * Says how soon a run got to the loss. One that did not counts with its last step; one that
 * diverged will not get there, and counts with the longer training of the two.
 */
const reachOf = ({ summary }: RunResult, other: RunResult): Reach => {
  const { stepsTo03, step, diverged } = summary;
  if (stepsTo03 !== null) return { steps: stepsTo03, never: false };
  return { steps: diverged ? Math.max(step, other.summary.step) : step, never: true };
};

/** The pairs of seeds of a claim about training: natural logarithms of the ratio of steps. */
export function pairSteps(study: Study, claim: ClaimSpec, findings: Findings): Pairing {
  const [subjects, references] = [claim.subject, claim.reference].map((variant) =>
    runsBySeed(findings, variant),
  );
  const pairs: SeedPair[] = [];
  const missing: number[] = [];
  const open: number[] = [];
  const trainedHere = (run: RunResult | undefined): run is RunResult =>
    run !== undefined && !isImported(run.summary);
  for (const seed of seedsOf(study, claim)) {
    const [subject, reference] = [subjects.get(seed), references.get(seed)];
    if (!trainedHere(subject) || !trainedHere(reference)) {
      missing.push(seed);
      continue;
    }
    const [one, other] = [reachOf(subject, reference), reachOf(reference, subject)];
    const tooShort = (a: Reach, b: Reach) => a.never && (b.never || a.steps < b.steps);
    if (tooShort(one, other) || tooShort(other, one)) {
      open.push(seed);
      continue;
    }
    pairs.push({
      seed,
      subject: one.steps,
      reference: other.steps,
      difference: Math.log(other.steps / one.steps),
      directions: [],
      atLeast: one.never || other.never,
      trained: subject.summary.trained && reference.summary.trained,
    });
  }
  return { scan: null, pairs, missing, open };
}

/** The pairs that decide a claim. */
export function pairsOf(study: Study, claim: ClaimSpec, findings: Findings): Pairing {
  switch (claim.rule) {
    case 'smoother':
      return pairSurfaces(study, claim, findings, misaligned, -1);
    case 'perpendicular':
      return pairPaths(study, claim, findings);
    case 'faster':
      return pairSteps(study, claim, findings);
    default:
      return claim.rule satisfies never;
  }
}
