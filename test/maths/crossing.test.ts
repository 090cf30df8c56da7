/** How a path crosses isocurves, where closed forms tell it. */

import { describe, expect, test } from 'vitest';
import { stream } from '../../main/engine/backend/random';
import { CHANCE, crossings, lateAngles, phasesOf } from '../../shared/maths/crossing';
import { crossingIn, type Trajectory } from '../../shared/spec/trajectory';

/** A path over the bowl x² + κy², whose gradient is (2x, 2κy). */
const over = (x: readonly number[], y: readonly number[], curvature = 1) =>
  crossings({ x, y }, { x: x.map((v) => 2 * v), y: y.map((v) => 2 * curvature * v) });

describe('q', () => {
  test('is 1 for gradient descent, whatever the shape of the bowl', () => {
    for (const curvature of [1, 5]) {
      const path = [[1.5, 2]];
      for (let t = 0; t < 20; t++) {
        const [x, y] = path[t];
        path.push([x - 0.02 * 2 * x, y - 0.02 * 2 * curvature * y]);
      }
      const scores = over(
        path.map(([x]) => x),
        path.map(([, y]) => y),
        curvature,
      );
      scores.forEach((score) => expect(score).toBeCloseTo(1, 12));
    }
  });

  test('is sin(π/n) along a circle of n points around an isotropic bowl', () => {
    const angles = Array.from({ length: 100 }, (_, i) => (2 * Math.PI * i) / 100);
    const scores = over(angles.map(Math.cos), angles.map(Math.sin));
    scores.forEach((score) => expect(score).toBeCloseTo(Math.sin(Math.PI / 100), 12));
  });

  test('has the mean 2/π over steps drawn at random', () => {
    const chance = stream(5, 'random steps');
    const n = 20_000;
    const draw = () => Array.from({ length: n + 1 }, () => chance.normal());
    const path = { x: accumulate(draw()), y: accumulate(draw()) };
    const scores = crossings(path, { x: draw(), y: draw() });
    const mean = scores.reduce((total, score) => total + score, 0) / n;
    // The variance of |cos φ| is 1/2 − 4/π².
    const error = Math.sqrt((0.5 - CHANCE ** 2) / n);
    expect(Math.abs(mean - CHANCE)).toBeLessThan(4 * error);
  });

  test('is the same in any orthonormal axes of the plane', () => {
    const [x, y] = [
      [3, 2, 2.5, 0],
      [1, 0, -1, 0],
    ];
    const slope = { x: [1, 2, 3, 4], y: [2, -1, 0.5, 1] };
    const turn = ({ x: a, y: b }: { x: readonly number[]; y: readonly number[] }) => ({
      x: a.map((v, i) => 0.6 * v - 0.8 * b[i]),
      y: a.map((v, i) => -0.8 * v - 0.6 * b[i]),
    });
    const turned = crossings(turn({ x, y }), turn(slope));
    crossings({ x, y }, slope).forEach((score, i) => expect(turned[i]).toBeCloseTo(score, 12));
  });

  test('is no number where there is no step or no slope', () => {
    const path = { x: [1, 1, 0], y: [0, 0, 0] };
    expect(crossings(path, { x: [1, 0, 0], y: [0, 0, 0] })).toEqual([NaN, NaN]);
  });
});

function accumulate(steps: readonly number[]): number[] {
  let at = 0;
  return steps.map((step) => (at += step));
}

test('phases are means over the first sixth, to the half, and the rest; angles are of the rest', () => {
  const scores = [0.1, 0.3, 0.5, 0.5, 0.5, 0.5, 1, 1, 1, 0.5, 0.5, NaN];
  const { early, middle, late } = phasesOf(scores);
  expect(early).toBeCloseTo(0.2, 12);
  expect(middle).toBeCloseTo(0.5, 12);
  expect(late).toBeCloseTo(0.8, 12);
  const angles = lateAngles(scores);
  expect(angles.slice(0, 3)).toEqual([0, 0, 0]);
  expect(angles[3]).toBeCloseTo(60, 10);
  expect(angles).toHaveLength(5);
});

describe('a trajectory of an earlier version, with q by the grid of its plane', () => {
  const points = Array.from({ length: 21 }, (_, t) => 20 - t);
  const old = {
    x: points,
    y: points.map(() => 0),
    perpendicularity: points.slice(1).map(() => 0.7),
  } as unknown as Trajectory;

  test('keeps it, said to be by the grid, where steps are as long as cells', () => {
    const crossing = crossingIn(old, { x: [0, 1], y: [0, 1] })!;
    expect(crossing.by).toBe('grid');
    expect(crossing.late).toBeCloseTo(0.7, 12);
  });

  test('has none where they are shorter, and none of the objective', () => {
    expect(crossingIn(old, { x: [0, 2], y: [0, 1] })).toBeNull();
    const objective = { of: 'objective', bn: 'batch' } as const;
    expect(crossingIn(old, { x: [0, 1], y: [0, 1] }, objective)).toBeNull();
  });
});
