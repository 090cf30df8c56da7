/** Statistics of paired differences: an exact test of their mean, and intervals for it. */

import { studentQuantile, studentTail } from './student';
import { estimate } from './statistics';

/** Beyond this many pairs the 2ⁿ signs are too many to go through. */
const MOST_EXACT = 40;

/** All sums ±v₁ ± v₂ …, ascending. */
function signedSums(values: readonly number[]): Float64Array {
  let sums = Float64Array.of(0);
  for (const value of values) {
    const next = new Float64Array(2 * sums.length);
    sums.forEach((sum, i) => {
      next[2 * i] = sum + value;
      next[2 * i + 1] = sum - value;
    });
    sums = next;
  }
  return sums.sort();
}

/**
 * The exact sign-flip test (Fisher 1935, §21): the share of all 2ⁿ choices of signs of the
 * differences whose mean is at least the observed one. Small: the mean is above zero. The smallest
 * it can be is 2⁻ⁿ. With more than 40 pairs, p of Student's t test, which is then the same within
 * the digits that are shown. NaN: there is no pair.
 */
export function signFlipTest(differences: readonly number[]): number {
  const count = differences.length;
  if (count === 0) return NaN;
  const observed = differences.reduce((sum, value) => sum + value, 0);
  const size = differences.reduce((sum, value) => sum + Math.abs(value), 0);
  if (size === 0) return 1;
  if (count > MOST_EXACT) {
    const { mean, standardError } = estimate(differences);
    return studentTail(mean / standardError!, count - 1);
  }
  // The signs of one half against those of the other: 2ⁿ pairs counted in 2^(n/2) steps.
  const middle = count >> 1;
  const left = signedSums(differences.slice(0, middle));
  const right = signedSums(differences.slice(middle));
  // Sums that are equal in exact arithmetic differ in the last digits.
  const least = observed - 1e-12 * size;
  let fewest = right.length;
  let reached = 0;
  for (const sum of left) {
    while (fewest > 0 && sum + right[fewest - 1] >= least) fewest--;
    reached += right.length - fewest;
  }
  return reached / 2 ** count;
}

export type Interval = readonly [low: number, high: number];

/** The two-sided t interval of the mean at `level`; null with fewer than three values. */
export function meanInterval(values: readonly number[], level: number): Interval | null {
  if (values.length < 3) return null;
  const { mean, standardError } = estimate(values);
  const reach = studentQuantile((1 - level) / 2, values.length - 1) * standardError!;
  return [mean - reach, mean + reach];
}
