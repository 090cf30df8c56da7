/**
 * The rules by which verdicts were given before seeds were the unit: kept as what the rules of
 * today are measured against (docs/verdicts.md).
 */

import { crossingIn } from '../../shared/spec/trajectory';
import { estimate } from '../../shared/maths/statistics';
import type { Findings } from '../../shared/spec/pairs';

/** Standard errors by which a difference had to exceed chance. */
const MARGIN = 2;
/** Share of seed pairs in which the faster network had to be faster. */
const PAIRS = 0.8;

type Earlier = 'supports' | 'contradicts' | 'undecided';

const beyond = (ahead: number, error: number): Earlier =>
  ahead > MARGIN * error ? 'supports' : ahead < -MARGIN * error ? 'contradicts' : 'undecided';

/** Every plane of every scan, direction pairs as if they were repetitions; fewer minima besides. */
export function earlierSmoother({ surfaces }: Findings): Earlier {
  const of = (variant: string) =>
    surfaces.flatMap(({ variant: name, metrics }) =>
      name === variant && metrics !== null ? [metrics] : [],
    );
  const [a, b] = [of('a'), of('b')];
  const shares = [a, b].map((all) => estimate(all.map((m) => m.misaligned)));
  if (shares.some(({ standardError }) => standardError === null)) return 'undecided';
  const minima = [a, b].map((all) => estimate(all.map((m) => m.minima)).mean);
  const gap = shares[1].mean - shares[0].mean;
  const found = beyond(gap, Math.hypot(shares[0].standardError!, shares[1].standardError!));
  const fewer = minima[0] < minima[1];
  if (found === 'supports') return gap > 0 && fewer ? 'supports' : 'undecided';
  return found === 'contradicts' || (gap < 0 && !fewer) ? 'contradicts' : 'undecided';
}

export function earlierFaster({ runs }: Findings): Earlier {
  const stepsOf = (variant: string) =>
    runs
      .filter((run) => run.variant === variant)
      .map(({ summary }) => summary.stepsTo03 ?? Infinity);
  const [a, b] = [stepsOf('a'), stepsOf('b')];
  const wins = a.filter((steps, i) => steps < b[i]).length;
  const losses = a.filter((steps, i) => steps > b[i]).length;
  if (wins >= PAIRS * a.length) return 'supports';
  return losses >= PAIRS * a.length ? 'contradicts' : 'undecided';
}

export function earlierPerpendicular({ surfaces }: Findings): Earlier {
  const of = (variant: string) =>
    estimate(
      surfaces.flatMap((surface) =>
        surface.variant === variant && surface.trajectory !== null
          ? [crossingIn(surface.trajectory, surface)!.late]
          : [],
      ),
    );
  const [a, b] = [of('a'), of('b')];
  if (a.standardError === null || b.standardError === null) return 'undecided';
  return beyond(a.mean - b.mean, Math.hypot(a.standardError, b.standardError));
}
