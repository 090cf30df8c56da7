import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { meanInterval, signFlipTest } from '../../shared/maths/paired';
import { studentQuantile, studentTail } from '../../shared/maths/student';

interface Oracle {
  readonly quantiles: readonly { tail: number; freedom: number; t: number }[];
  readonly tails: readonly { t: number; freedom: number; p: number }[];
  readonly samples: readonly {
    values: number[];
    p: number;
    interval95: number[] | null;
    interval90: number[] | null;
  }[];
}
const oracle = JSON.parse(readFileSync('test/oracle/statistics.json', 'utf8')) as Oracle;

describe("Student's t", () => {
  test.each(oracle.quantiles)(
    'with $freedom degrees of freedom exceeds SciPy’s quantile with probability $tail',
    ({ tail, freedom, t }) => {
      expect(Math.abs(studentQuantile(tail, freedom) / t - 1)).toBeLessThan(1e-9);
    },
  );

  test('has SciPy’s upper tails', () => {
    for (const { t, freedom, p } of oracle.tails) {
      expect(Math.abs(studentTail(t, freedom) / p - 1)).toBeLessThan(1e-9);
    }
  });
});

describe('the sign-flip test', () => {
  test('has the p and the intervals of SciPy', () => {
    for (const { values, p, interval95, interval90 } of oracle.samples) {
      expect(signFlipTest(values)).toBeCloseTo(p, 12);
      for (const [level, expected] of [
        [0.95, interval95],
        [0.9, interval90],
      ] as const) {
        const found = meanInterval(values, level);
        expect(found === null).toBe(expected === null);
        found?.forEach((end, i) => expect(end).toBeCloseTo(expected![i], 9));
      }
    }
  });

  test('gives 2⁻ⁿ where all differences are above zero, and 1 where all are below', () => {
    for (const count of [1, 2, 5, 8, 20, 31]) {
      const values = Array.from({ length: count }, (_, i) => 0.1 + 0.01 * i);
      expect(signFlipTest(values)).toBe(2 ** -count);
      expect(signFlipTest(values.map((value) => -value))).toBe(1);
    }
  });

  test('counts equal means as reached, whatever the rounding', () => {
    // 0.1 + 0.2 − 0.3 is not 0 in floating point: of the eight sums five are ≥ 0 in exact numbers.
    expect(signFlipTest([0.1, 0.2, -0.3])).toBe(5 / 8);
    expect(signFlipTest([0, 0, 0])).toBe(1);
  });
});
