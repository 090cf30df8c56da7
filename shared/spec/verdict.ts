/**
 * Decides the claims of a study by rules that are written down (docs/verdicts.md). The unit is the
 * training seed; nothing here puts numbers of different scans together.
 */

import { meanInterval, signFlipTest } from '../maths/paired';
import { pairsOf, type Findings, type Pairing } from './pairs';
import type { ClaimResult, Judgement, SeedPair } from './results';
import { edgeOf } from './run';
import type { ClaimSpec, Study } from './study';
import { becauseOf, notesOf } from './verdict-text';

/** The size of the test that *supports* or *contradicts*, one-sided. */
export const SIZE = 0.05;
/** Seeds from which on that test can come out: all of four agree by chance once in 16. */
export const FEWEST_TESTED = 5;

/** A difference within these is none: a share of cells, a factor of steps, a mean |cos|. */
export const MARGINS: Readonly<Record<ClaimSpec['rule'], number>> = {
  smoother: 0.02,
  faster: 1.25,
  perpendicular: 0.1,
};

/** The margin of a claim in the unit of its differences. */
export function marginOf({ rule, margin = MARGINS[rule] }: ClaimSpec): number {
  return rule === 'faster' ? Math.log(margin) : margin;
}

type Words = Pick<Judgement, 'verdict' | 'leans'>;
const UNDECIDED: Words = { verdict: 'undecided', leans: null };

/** Whether the 90 % interval lies within the margin: two one-sided tests at 5 %. */
function isWithin(pairs: readonly SeedPair[], margin: number): boolean {
  // Where a network never got there, the difference may be larger than any that was seen.
  if (pairs.some(({ atLeast }) => atLeast)) return false;
  const differences = pairs.map(({ difference }) => difference);
  const interval = meanInterval(differences, 1 - 2 * SIZE);
  return interval !== null && -margin <= interval[0] && interval[1] <= margin;
}

function wordsFor(pairs: readonly SeedPair[], margin: number, mayDecide: boolean): Words {
  const differences = pairs.map(({ difference }) => difference);
  if (isWithin(pairs, margin)) return { verdict: 'no difference', leans: null };
  const sides = [
    { leans: 'for', decided: 'supports', signs: differences },
    { leans: 'against', decided: 'contradicts', signs: differences.map((value) => -value) },
  ] as const;
  for (const { leans, decided, signs } of sides) {
    if (signs.length < FEWEST_TESTED) {
      if (signs.length === 0 || signs.some((value) => value <= 0)) continue;
      return { verdict: signs.length === 1 ? 'observed' : 'suggests', leans };
    }
    if (signFlipTest(signs) > SIZE) continue;
    return mayDecide ? { verdict: decided, leans } : { verdict: 'suggests', leans };
  }
  return UNDECIDED;
}

/** What `pairs` say together; where an earlier claim failed, they *suggest* at most. */
export function judge(pairs: readonly SeedPair[], margin: number, mayDecide: boolean): Judgement {
  const differences = pairs.map(({ difference }) => difference);
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const towards = mean < 0 ? differences.map((value) => -value) : differences;
  return {
    ...wordsFor(pairs, margin, mayDecide),
    seeds: pairs.length,
    wins: differences.filter((value) => value > 0).length,
    mean,
    interval: meanInterval(differences, 0.95),
    p: pairs.length === 0 ? null : signFlipTest(towards),
  };
}

/** Names the networks of a claim about training whose best rate lies at an end of its trial. */
function atEdge({ rule, subject, reference }: ClaimSpec, { runs }: Findings): string[] {
  if (rule !== 'faster') return [];
  return [subject, reference].filter((name) =>
    runs.some(({ variant, trial }) => variant === name && trial !== null && edgeOf(trial) !== null),
  );
}

/** The pairs that count: what surrounds a network that did not train is not that of a minimum. */
const judgedOf = (rule: ClaimSpec['rule'], { pairs }: Pairing) =>
  // A network that does not train is slow: that is what a claim about training asks.
  rule === 'faster' ? pairs : pairs.filter(({ trained }) => trained);

function decideOne(
  study: Study,
  claim: ClaimSpec,
  findings: Findings,
  mayDecide: boolean,
): ClaimResult {
  const pairing = pairsOf(study, claim, findings);
  const margin = marginOf(claim);
  const judged = judge(judgedOf(claim.rule, pairing), margin, mayDecide);
  const all = judge(pairing.pairs, margin, mayDecide);
  const edges = atEdge(claim, findings);
  const about = { study, claim, findings, pairing, judged, all, edges, margin, mayDecide };
  const { rule, subject, reference } = claim;
  return {
    ...judged,
    ...(edges.length > 0 ? UNDECIDED : {}),
    claim: claim.claim,
    rule,
    subject,
    reference,
    scan: pairing.scan,
    margin,
    because: becauseOf(about),
    notes: notesOf(about),
    pairs: pairing.pairs,
  };
}

/**
 * The verdicts on all claims of a study, in their order: each is tested at 5 %, and after the first
 * whose test does not come out, later ones *suggest* at most (a fixed sequence; Maurer, Hothorn &
 * Lehmacher 1995), so that many claims are not many chances.
 */
export function decide(study: Study, findings: Findings): ClaimResult[] {
  let mayDecide = true;
  return study.claims.map((claim) => {
    const result = decideOne(study, claim, findings, mayDecide);
    mayDecide &&= result.verdict === 'supports' || result.verdict === 'contradicts';
    return result;
  });
}
