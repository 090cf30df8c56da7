import { describe, expect, test } from 'vitest';
import { components } from '../../shared/maths/grid';
import { barrier, surfaceMetrics } from '../../shared/maths/surface-metrics';
import { axisPoints, emptySurface, type Surface } from '../../shared/spec/surface';

/** The surface of a function on a square grid. */
function surfaceOf(side: number, f: (a: number, b: number) => number): Surface {
  const points = axisPoints({ from: -1, to: 1, points: side });
  const surface = emptySurface(points, points);
  points.forEach((b, row) =>
    points.forEach((a, column) => (surface.losses[row * side + column] = f(a, b))),
  );
  surface.measured.fill(1);
  return surface;
}

const eggCrate = (a: number, b: number) => -Math.cos(4 * Math.PI * a) - Math.cos(4 * Math.PI * b);

describe('the bowl ½(a² + 25b²)', () => {
  const bowl = (a: number, b: number) => 0.5 * (a ** 2 + 25 * b ** 2);
  const metrics = surfaceMetrics(surfaceOf(401, bowl), false);

  test('has nothing misaligned and one minimum', () => {
    expect(metrics.misaligned).toBe(0);
    expect(metrics.minima).toBe(1);
    expect(metrics.fragments.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
    expect(metrics.negativeCurvature).toBe(0);
  });

  test('has the area 2π·0.1/5 below 0.1', () => {
    expect(metrics.lowArea / 0.12566).toBeCloseTo(1, 1.7);
    expect(Math.abs(metrics.basinArea / 0.12566 - 1)).toBeLessThan(0.02);
  });

  test('is five times longer than wide', () => {
    const low = surfaceMetrics(
      surfaceOf(401, (a, b) => bowl(a, b) / 3),
      false,
    ); // component Z < 0.3
    expect(Math.abs(low.elongation / 5 - 1)).toBeLessThan(0.05);
  });
});

describe('the egg crate', () => {
  test('has nine interior minima on a 41² grid', () => {
    expect(surfaceMetrics(surfaceOf(41, eggCrate), false).minima).toBe(9);
  });

  test('falls into 25 parts below −1.5', () => {
    const { losses } = surfaceOf(41, eggCrate);
    expect(components(41, 41, (cell) => losses[cell] < -1.5)).toHaveLength(25);
  });
});

describe('variation', () => {
  const ofLine = (f: (a: number) => number) => {
    // The same in both axes: rows and columns then have the variation of the line.
    const along = surfaceOf(401, (a) => f(a));
    const metrics = surfaceMetrics(along, false);
    return metrics.variation * 2; // half of the lines are constant
  };

  test('is 2 for a², 2m for m cycles of a sine, 1 for what only rises', () => {
    expect(ofLine((a) => a ** 2)).toBeCloseTo(2, 6);
    expect(ofLine((a) => Math.sin(3 * Math.PI * (a + 1)))).toBeCloseTo(12 / 2, 2);
    expect(ofLine((a) => a ** 3)).toBeCloseTo(1, 6);
  });
});

test('an overflowing cell counts as the highest, and is counted', () => {
  const surface = surfaceOf(11, (a, b) => a ** 2 + b ** 2);
  surface.losses[0] = Infinity;
  surface.losses[1] = NaN;
  const metrics = surfaceMetrics(surface, false);
  expect(metrics.overflowed).toBe(2);
  expect(metrics.highest).toBeCloseTo(2);
});

test('swapping the axes leaves the metrics as they were', () => {
  const f = (a: number, b: number) => Math.sin(3 * a) + b ** 2 + a * b;
  const [one, other] = [surfaceOf(31, f), surfaceOf(31, (a, b) => f(b, a))].map((s) =>
    surfaceMetrics(s, false),
  );
  expect(other.misaligned).toBeCloseTo(one.misaligned, 12);
  expect(other.minima).toBe(one.minima);
  expect(other.variation).toBeCloseTo(one.variation, 12);
});

test('the barrier of (x² − 1)² between −1 and 1 is 1', () => {
  const a = axisPoints({ from: -0.5, to: 1.5, points: 401 });
  const losses = a.map((share) => ((2 * share - 1) ** 2 - 1) ** 2);
  expect(Math.abs(barrier(a, losses) - 1)).toBeLessThan(1e-6);
});

test('what overflows beyond the two ends does not touch the barrier between them', () => {
  const a = axisPoints({ from: -0.5, to: 1.5, points: 9 });
  const losses = a.map((share) => (share < 0 || share > 1 ? NaN : ((2 * share - 1) ** 2 - 1) ** 2));
  expect(barrier(a, losses)).toBeCloseTo(1, 12);
});
