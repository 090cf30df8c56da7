import { describe, expect, test } from 'vitest';
import { stream } from '../../main/engine/backend/random';
import { dot, normalise, validityOf } from '../../main/engine/direction/normalise';
import { randomDirections } from '../../main/engine/direction/random';
import { buildModel } from '../../main/engine/model/build';
import type { Parameter } from '../../main/engine/model/model';
import { check } from '../../shared/spec/check';
import { RandomDirection } from '../../shared/spec/direction';
import { ModelSpec } from '../../shared/spec/model';

const spec = check(ModelSpec, { family: 'resnet', depth: 8, width: 3 }, 'model');
const model = buildModel(spec, { inputShape: [8, 8, 1], classes: 5 });
const weights = model.initialise(stream(1, 'initialisation'));
const directionSpec = (extra: object = {}) =>
  check(RandomDirection, { kind: 'random', ...extra }, 'd');

/**
 * Norm of one filter by brute force over all indices of the tensor: output channel is the last
 * axis.
 */
function filterNorm(
  values: Float32Array,
  { shape, offset, size }: Parameter,
  filter: number,
): number {
  const filters = shape[shape.length - 1];
  let sum = 0;
  for (let i = 0; i < size; i++) if (i % filters === filter) sum += values[offset + i] ** 2;
  return Math.sqrt(sum);
}

test('filter normalisation gives each filter the norm it has in the weights, and ignores the rest', () => {
  const [direction] = randomDirections(directionSpec(), weights, model.parameters);
  for (const parameter of model.parameters) {
    const { role, offset, size, shape } = parameter;
    if (role !== 'weight') {
      expect(direction.subarray(offset, offset + size).every((value) => value === 0)).toBe(true);
      continue;
    }
    for (let f = 0; f < shape[shape.length - 1]; f++) {
      const ratio = filterNorm(direction, parameter, f) / filterNorm(weights, parameter, f);
      expect(Math.abs(ratio - 1)).toBeLessThan(1e-6);
    }
  }
});

test('the validity report says so, and sees a direction that is not normalised', () => {
  const filtered = randomDirections(directionSpec(), weights, model.parameters);
  const report = validityOf(filtered, weights, model.parameters);
  expect(report.axes.every(({ worstRatio }) => Math.abs(worstRatio - 1) < 1e-6)).toBe(true);
  expect(Math.abs(report.cosine!)).toBeLessThan(0.1);
  expect(report.ignored).toBe('biases-and-norms');
  const raw = randomDirections(directionSpec({ normalise: 'none' }), weights, model.parameters);
  expect(
    Math.abs(validityOf(raw, weights, model.parameters).axes[0].worstRatio - 1),
  ).toBeGreaterThan(0.5);
});

test('a filter of zero norm gets a direction of zero, and is counted', () => {
  const zeroed = weights.slice();
  const conv = model.parameters[0];
  const filters = conv.shape[conv.shape.length - 1];
  for (let i = 0; i < conv.size; i += filters) zeroed[conv.offset + i] = 0;
  const directions = randomDirections(directionSpec(), zeroed, model.parameters);
  expect(filterNorm(directions[0], conv, 0)).toBe(0);
  expect(validityOf(directions, zeroed, model.parameters).zeroFilters).toBe(1);
});

describe('other normalisations', () => {
  test('layer: each tensor has the norm of its weights', () => {
    const [d] = randomDirections(directionSpec({ normalise: 'layer' }), weights, model.parameters);
    for (const { role, offset, size } of model.parameters.filter((p) => p.role === 'weight')) {
      expect(role).toBe('weight');
      const part = (values: Float32Array) => values.subarray(offset, offset + size);
      expect(dot(part(d), part(d)) / dot(part(weights), part(weights))).toBeCloseTo(1, 5);
    }
  });

  test('weight: the direction is multiplied by the weights', () => {
    const direction = new Float32Array(weights.length).fill(2);
    normalise(direction, weights, model.parameters, 'weight', 'nothing');
    expect(direction).toEqual(weights.map((value) => 2 * value));
  });

  test('nothing ignored: norm parameters move by their own size', () => {
    const [d] = randomDirections(directionSpec({ ignore: 'nothing' }), weights, model.parameters);
    const scale = model.parameters.find(({ role }) => role === 'norm-scale')!;
    expect(Math.abs(d[scale.offset])).toBeCloseTo(1, 5);
  });
});

test('the axes come from streams of their own: one axis is the same alone and in a pair', () => {
  const [alone] = randomDirections(directionSpec({ axes: 1 }), weights, model.parameters);
  const [first, second] = randomDirections(directionSpec(), weights, model.parameters);
  expect(alone).toEqual(first);
  expect(second).not.toEqual(first);
});
