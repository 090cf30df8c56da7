/** Decides the claims of a study by rules that are written down, and says which number decided. */

import { estimate, estimateText, median, numberText } from '../maths/statistics';
import type { ClaimResult, RunResult, SurfaceResult, Verdict } from './results';
import type { ClaimSpec, Study } from './study';

/** Standard errors by which a difference must exceed chance. */
const MARGIN = 2;
/** Share of seed pairs in which the faster network has to be faster. */
const PAIRS = 0.8;

interface Findings {
  readonly runs: readonly RunResult[];
  readonly surfaces: readonly SurfaceResult[];
}

interface Decision {
  readonly verdict: Verdict;
  readonly because: string;
}

const inconclusive = (because: string): Decision => ({ verdict: 'inconclusive', because });

/** Why these runs cannot be compared as trained networks; null when they can. */
function untrained(claim: ClaimSpec, { runs }: Findings): string | null {
  for (const variant of [claim.reference, claim.subject]) {
    const failed = runs.find((run) => run.variant === variant && !run.summary.trained);
    if (failed === undefined) continue;
    const { trainLoss, diverged } = failed.summary;
    const how = diverged ? 'diverged' : `ended at training loss ${numberText(trainLoss)}`;
    return `${variant} did not train (${how}), so its surface is not that of a minimum`;
  }
  return null;
}

/**
 * The planes along random directions of a variant: the repetitions over seeds and direction pairs.
 */
const planes = (variant: string, { surfaces }: Findings) =>
  surfaces.filter((s) => s.variant === variant && s.kind === 'random' && s.metrics !== null);

function describePlanes(surfaces: readonly SurfaceResult[]): string {
  const seeds = new Set(surfaces.map((surface) => surface.seed)).size;
  const pairs = new Set(surfaces.map((surface) => surface.directionSeed)).size;
  const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  return `${plural(seeds, 'seed')}, ${plural(pairs, 'direction pair')}`;
}

function smoother(claim: ClaimSpec, findings: Findings): Decision {
  const [subject, reference] = [claim.subject, claim.reference].map((v) => planes(v, findings));
  if (subject.length === 0 || reference.length === 0) {
    return inconclusive('no plane along random directions was scanned');
  }
  const share = [subject, reference].map((all) => estimate(all.map((s) => s.metrics!.misaligned)));
  const minima = [subject, reference].map((all) => estimate(all.map((s) => s.metrics!.minima)));
  const numbers =
    `misaligned ${estimateText(share[0])} against ${estimateText(share[1])}, ` +
    `minima ${estimateText(minima[0], 1)} against ${estimateText(minima[1], 1)} (${describePlanes(subject)})`;
  const reason = untrained(claim, findings);
  if (reason !== null) return inconclusive(`${reason}; ${numbers}`);
  const errors = share.map((s) => s.standardError);
  if (errors[0] === null || errors[1] === null) {
    return inconclusive(`one surface each gives no standard error; ${numbers}`);
  }
  const error = Math.hypot(errors[0], errors[1]);
  const gap = share[1].mean - share[0].mean;
  const because = `${numbers}; difference ${numberText(gap)} = ${ratio(gap, error)} standard errors`;
  const fewer = minima[0].mean < minima[1].mean;
  if (gap > MARGIN * error && gap > 0 && fewer) return { verdict: 'supports', because };
  if (gap < -MARGIN * error || (gap < 0 && !fewer)) return { verdict: 'does not support', because };
  return inconclusive(because);
}

const ratio = (gap: number, error: number) =>
  error === 0 ? (gap === 0 ? '0' : 'infinitely many') : numberText(gap / error, 1);

function faster(claim: ClaimSpec, { runs }: Findings): Decision {
  const stepsOf = (variant: string) =>
    new Map(
      runs
        .filter((run) => run.variant === variant)
        .map((run) => [run.seed, run.summary.stepsTo03 ?? Infinity]),
    );
  const [subject, reference] = [stepsOf(claim.subject), stepsOf(claim.reference)];
  const seeds = [...subject.keys()].filter((seed) => reference.has(seed));
  const wins = seeds.filter((seed) => subject.get(seed)! < reference.get(seed)!).length;
  const losses = seeds.filter((seed) => subject.get(seed)! > reference.get(seed)!).length;
  const text = (steps: Map<number, number>) => {
    const middle = median([...steps.values()]);
    return Number.isFinite(middle) ? String(middle) : 'never';
  };
  const because =
    `median steps to loss 0.3: ${text(subject)} against ${text(reference)}; ` +
    `sooner in ${wins} of ${seeds.length} seed pair${seeds.length === 1 ? '' : 's'}`;
  if (wins >= PAIRS * seeds.length) return { verdict: 'supports', because };
  if (losses >= PAIRS * seeds.length) return { verdict: 'does not support', because };
  return inconclusive(because);
}

function perpendicular(claim: ClaimSpec, findings: Findings): Decision {
  const scores = [claim.subject, claim.reference].map((variant) =>
    findings.surfaces
      .filter((s) => s.variant === variant && s.trajectory !== null)
      .map((s) => s.trajectory!.late),
  );
  if (scores.some((all) => all.length === 0)) return inconclusive('no trajectory was scanned');
  const [subject, reference] = scores.map((all) => estimate(all));
  const because = `late perpendicularity ${estimateText(subject)} against ${estimateText(reference)}`;
  const reason = untrained(claim, findings);
  if (reason !== null) return inconclusive(`${reason}; ${because}`);
  if (subject.standardError === null || reference.standardError === null) {
    return inconclusive(`${because}, but 1 seed gives no standard error; run more with --seeds`);
  }
  const error = Math.hypot(subject.standardError, reference.standardError);
  if (subject.mean - reference.mean > MARGIN * error) return { verdict: 'supports', because };
  if (reference.mean - subject.mean > MARGIN * error)
    return { verdict: 'does not support', because };
  return inconclusive(because);
}

/** The verdicts on all claims of a study, by what was found so far. */
export function decide(study: Study, findings: Findings): ClaimResult[] {
  const rules = { smoother, faster, perpendicular };
  return study.claims.map((claim) => ({ ...claim, ...rules[claim.rule](claim, findings) }));
}
