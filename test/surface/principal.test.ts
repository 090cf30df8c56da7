import { describe, expect, test } from 'vitest';
import { stream } from '../../main/engine/backend/random';
import { dot } from '../../main/engine/direction/normalise';
import { descentCosine, principalPlane } from '../../main/engine/surface/trajectory';
import type { Parameter } from '../../main/engine/model/model';
import { principalComponents, randomWalkShares } from '../../shared/maths/principal';

const N = 5000;

function orthonormalPair(): [Float64Array, Float64Array] {
  const chance = stream(3, 'pair');
  const [u, v] = [0, 1].map(() => Float64Array.from({ length: N }, () => chance.normal()));
  const scale = (x: Float64Array, s: number) => x.map((value) => value * s);
  const first = scale(u, 1 / Math.sqrt(dot(u, u)));
  const overlap = dot(first, v);
  const rest = v.map((value, i) => value - overlap * first[i]);
  return [first, scale(rest, 1 / Math.sqrt(dot(rest, rest)))];
}

describe('a path that lies in a plane', () => {
  const [u, v] = orthonormalPair();
  const chance = stream(4, 'path');
  const a = Array.from({ length: 20 }, (_, t) => (t === 19 ? 0 : 3 * chance.normal()));
  const b = a.map((_, t) => (t === 19 ? 0 : chance.normal()));
  const rows = a.map((_, t) => u.map((value, i) => a[t] * value + b[t] * v[i]));
  const { vectors, explained } = principalComponents(rows, 2);

  test('is found whole: shares add up to 1 and nothing is left outside', () => {
    expect(explained[0] + explained[1]).toBeCloseTo(1, 10);
    for (const row of rows) {
      const [x, y] = vectors.map((vector) => dot(row, vector));
      const error = row.reduce(
        (sum, value, i) => sum + (value - x * vectors[0][i] - y * vectors[1][i]) ** 2,
        0,
      );
      expect(Math.sqrt(error)).toBeLessThan(1e-8);
    }
  });

  test('keeps its distances', () => {
    const place = (row: Float64Array) => vectors.map((vector) => dot(row, vector));
    const [p, q] = [place(rows[0]), place(rows[5])];
    expect(Math.hypot(p[0] - q[0], p[1] - q[1])).toBeCloseTo(
      Math.hypot(a[0] - a[5], b[0] - b[5]),
      8,
    );
  });

  test('starts on the positive side', () => {
    expect(dot(rows[0], vectors[0])).toBeGreaterThan(0);
  });
});

test('uncorrelated coordinates with var a > var b give p₁ = ±u', () => {
  const [u, v] = orthonormalPair();
  const a = [2, -2, 2, -2];
  const b = [1, 1, -1, -1];
  const rows = a.map((_, t) => u.map((value, i) => a[t] * value + b[t] * v[i]));
  expect(Math.abs(dot(principalComponents(rows, 2).vectors[0], u))).toBeCloseTo(1, 10);
});

describe('a random walk', () => {
  test('has the shares 6/(π²k²) in the limit of many equal steps', () => {
    const shares = randomWalkShares(new Array<number>(300).fill(1));
    [0.608, 0.152, 0.068].forEach((share, k) =>
      expect(Math.abs(shares[k] - share)).toBeLessThan(0.01),
    );
  });

  test('that is really walked agrees', () => {
    const chance = stream(5, 'walk');
    const rows: Float64Array[] = [new Float64Array(20000)];
    for (let t = 1; t < 60; t++) rows.push(rows[t - 1].map((value) => value + chance.normal()));
    const { explained } = principalComponents(rows, 3);
    const expected = randomWalkShares(new Array<number>(59).fill(1));
    [0, 1, 2].forEach((k) => expect(Math.abs(explained[k] - expected[k])).toBeLessThan(0.01));
  });
});

test('the last checkpoint is the origin, and biases do not count', () => {
  const parameters: Parameter[] = [
    { name: 'w', role: 'weight', shape: [3, 1], offset: 0, size: 3, filterAxis: 1 },
    { name: 'b', role: 'bias', shape: [1], offset: 3, size: 1, filterAxis: null },
  ];
  const path = [
    [3, 0, 0, 9],
    [1, 1, 0, 5],
    [0, 0, 1, 1],
  ].map((weights, step) => ({
    step,
    weights: Float32Array.from(weights),
    statistics: new Float32Array(0),
  }));
  const plane = principalPlane(path, parameters)!;
  expect([plane.x[2], plane.y[2]].map(Math.abs)).toEqual([0, 0]);
  expect(plane.directions.every((direction) => direction[3] === 0)).toBe(true);
});

test('the cosine with descent is 1 straight downhill, −1 uphill, 0 across, whatever the lengths', () => {
  const path = [
    [0, 0, 0],
    [-2, 0, 0],
    [1, 0, 0],
    [1, 5, 0],
  ].map((weights) => Float32Array.from(weights));
  const slope = Float64Array.of(3, 0, 7); // the last coordinate is a bias and does not count
  const parameters: Parameter[] = [
    { name: 'w', role: 'weight', shape: [2, 1], offset: 0, size: 2, filterAxis: 1 },
    { name: 'b', role: 'bias', shape: [1], offset: 2, size: 1, filterAxis: null },
  ];
  const cosine = (t: number) => descentCosine(path[t], path[t + 1], slope, parameters);
  expect([cosine(0), cosine(1)]).toEqual([1, -1]);
  expect(Math.abs(cosine(2))).toBe(0);
});
