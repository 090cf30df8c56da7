import { beforeAll, describe, expect, test } from 'vitest';
import { stream } from '../../main/engine/backend/random';
import type { Backend } from '../../main/engine/backend/start';
import { loadDataset } from '../../main/engine/dataset/load';
import { randomDirections } from '../../main/engine/direction/random';
import { buildModel } from '../../main/engine/model/build';
import type { Model, NormMode } from '../../main/engine/model/model';
import { buildEvaluationSet } from '../../main/engine/surface/evaluation-set';
import { buildPoints, recordPoints } from '../../main/engine/surface/points';
import { check } from '../../shared/spec/check';
import { RandomDirection } from '../../shared/spec/direction';
import { ModelSpec } from '../../shared/spec/model';
import { keepsNoTensors, startForTest } from '../support/backend';
import { relativeError } from '../support/oracle';

let backend: Backend;
beforeAll(async () => {
  backend = await startForTest();
});

const coordinates = [-1, -0.5, 0, 0.5, 1].flatMap((a) => [-1, 0, 0.7].map((b) => [a, b]));

async function lossesAround(
  model: Model,
  weights: Float32Array,
  mode: NormMode,
  normalise: 'filter' | 'none',
): Promise<number[]> {
  const dataset = await loadDataset({ kind: 'digits' });
  const set = buildEvaluationSet(dataset, 'train', 64, true);
  const spec = check(RandomDirection, { kind: 'random', normalise }, 'directions');
  const directions = randomDirections(spec, weights, model.parameters);
  const span = {
    weights,
    statistics: model.initialStatistics(),
    directions,
    statisticDirections: [null, null],
  };
  const replay = recordPoints(model, mode, false, backend.node);
  const points = buildPoints(replay, span, set, 4);
  const losses: number[] = [];
  for (let i = 0; i < coordinates.length; i += 4) {
    losses.push(...points.measure(coordinates.slice(i, i + 4)).map(({ loss }) => loss));
  }
  points.dispose();
  replay.dispose();
  set.dispose();
  return losses;
}

const modelOf = (raw: object) =>
  buildModel(check(ModelSpec, raw, 'model'), { inputShape: [8, 8, 1], classes: 10 });

/** Weights with one tensor, or one filter of it, multiplied. */
function scaled(
  model: Model,
  weights: Float32Array,
  name: string,
  factor: number,
  filter?: number,
): Float32Array {
  const { offset, size, shape } = model.parameters.find((parameter) => parameter.name === name)!;
  const filters = shape[shape.length - 1];
  const result = weights.slice();
  for (let i = 0; i < size; i++) {
    if (filter === undefined || i % filters === filter) result[offset + i] *= factor;
  }
  return result;
}

describe('a bias-free ReLU network with W₁·10 and W₂/10', () => {
  const model = modelOf({ family: 'mlp', blocks: 1, width: 16, skip: 'none', norm: 'none' });
  const weights = model.initialise(stream(1, 'initialisation'));
  const moved = scaled(
    model,
    scaled(model, weights, 'block1.fc1.weight', 10),
    'block1.fc2.weight',
    0.1,
  );

  test('has the same filter-normalised surface within 1e-6', async () => {
    const [one, other] = [
      await lossesAround(model, weights, 'frozen', 'filter'),
      await lossesAround(model, moved, 'frozen', 'filter'),
    ];
    expect(relativeError(other, one)).toBeLessThan(1e-6);
  });

  test('has another raw surface', async () => {
    const [one, other] = [
      await lossesAround(model, weights, 'frozen', 'none'),
      await lossesAround(model, moved, 'frozen', 'none'),
    ];
    expect(relativeError(other, one)).toBeGreaterThan(0.1);
  });
});

describe('a batch-norm network with one filter rescaled', () => {
  const model = modelOf({ family: 'resnet', depth: 8, width: 4 });
  const weights = model.initialise(stream(1, 'initialisation'));
  const moved = scaled(model, weights, 'layer2.0.conv1.weight', 16, 3);

  // The ε inside the square root is not rescaled with the variance; that is all that is left.
  test('has the same filter-normalised surface', async () => {
    const [one, other] = [
      await lossesAround(model, weights, 'batch', 'filter'),
      await lossesAround(model, moved, 'batch', 'filter'),
    ];
    expect(relativeError(other, one)).toBeLessThan(1e-4);
  });

  test('has another raw surface', async () => {
    const [one, other] = [
      await lossesAround(model, weights, 'batch', 'none'),
      await lossesAround(model, moved, 'batch', 'none'),
    ];
    expect(relativeError(other, one)).toBeGreaterThan(1e-3);
  });
});

test('a point has the same bits in whatever place of a call it is measured, and scanning keeps no tensor', async () => {
  const dataset = await loadDataset({ kind: 'digits' });
  await keepsNoTensors(() => {
    const model = modelOf({ family: 'resnet', depth: 14, width: 4 });
    const weights = model.initialise(stream(1, 'initialisation'));
    const set = buildEvaluationSet(dataset, 'train', 100, false);
    const directions = randomDirections(
      check(RandomDirection, { kind: 'random' }, 'd'),
      weights,
      model.parameters,
    );
    const span = {
      weights,
      statistics: model.initialStatistics(),
      directions,
      statisticDirections: [null, null],
    };
    const replay = recordPoints(model, 'frozen', false, backend.node);
    const points = buildPoints(replay, span, set, 4);
    const place = [0.3, -0.4];
    const values = [0, 1, 2, 3].map((slot) => {
      const asked = [
        [1, 1],
        [0, 1],
        [-1, 0.2],
        [0.1, 0.1],
      ];
      asked[slot] = place;
      return points.measure(asked)[slot];
    });
    expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(1);
    expect(points.measure([place])[0]).toEqual(values[0]);
    points.dispose();
    replay.dispose();
    set.dispose();
  });
});
