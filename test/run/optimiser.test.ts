import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { optimiserOf } from '../../main/engine/run/optimiser';
import { rateAt, rateDrops } from '../../main/engine/run/schedule';
import { check } from '../../shared/spec/check';
import { RecipeSpec } from '../../shared/spec/run';
import { keepsNoTensors, startForTest } from '../support/backend';
import optimiserOracle from '../oracle/optimisers.json';
import { relativeError } from '../support/oracle';

beforeAll(() => startForTest());

const parameters = [
  { name: 'w', role: 'weight', shape: [3, 1], offset: 0, size: 3, filterAxis: 1 },
  { name: 'b', role: 'bias', shape: [1], offset: 3, size: 1, filterAxis: null },
] as const;

/** Ten updates with the oracle's gradients. */
function run(recipeSpec: object): number[][] {
  const recipe = check(RecipeSpec, recipeSpec, 'recipe');
  const optimiser = optimiserOf(recipe, parameters);
  let weights = tf.tensor1d(optimiserOracle.start);
  let slots = Array.from({ length: optimiser.slots }, () => tf.zeros([4]) as tf.Tensor1D);
  return optimiserOracle.gradients.map((gradient, step) => {
    const [rate, correction1, correction2] = optimiser
      .scalarsAt(step, 0.1)
      .map((v) => tf.scalar(v));
    const next = optimiser.update(weights, tf.tensor1d(gradient), slots, {
      rate,
      correction1,
      correction2,
    });
    ({ weights, slots } = next);
    return [...weights.dataSync()];
  });
}

describe('ten updates equal those of PyTorch', () => {
  test.each(optimiserOracle.cases)('$name', ({ recipe, weights }) =>
    keepsNoTensors(() =>
      tf.tidy(() => {
        run(recipe).forEach((row, step) =>
          expect(relativeError(row, weights[step], 1e-2)).toBeLessThan(1e-5),
        );
      }),
    ),
  );
});

describe('schedules', () => {
  const rates = (recipe: object, steps = 100) =>
    Array.from({ length: steps }, (_, step) =>
      rateAt(check(RecipeSpec, recipe, 'recipe'), 0.4, step, steps),
    );

  test('the warm-up climbs linearly to the peak', () => {
    const climb = rates({ warmup: 4, schedule: { kind: 'constant' } });
    expect(climb.slice(0, 5)).toEqual([0.1, 0.2, 0.4 * 0.75, 0.4, 0.4]);
  });

  test('the step schedule cuts at its shares, and says where', () => {
    const recipe = { warmup: 0, schedule: { kind: 'step', at: [0.5, 0.8], factor: 0.1 } };
    const all = rates(recipe);
    expect([all[49], all[50], all[79], all[80]].map((r) => r.toFixed(6))).toEqual([
      '0.400000',
      '0.040000',
      '0.040000',
      '0.004000',
    ]);
    expect(rateDrops(check(RecipeSpec, recipe, 'recipe'), 100)).toEqual([50, 80]);
  });

  test('cosine starts at the peak and ends near zero; one-cycle peaks where it says', () => {
    const cosine = rates({ warmup: 0, schedule: { kind: 'cosine' } });
    expect(cosine[0]).toBe(0.4);
    expect(cosine[99]).toBeLessThan(0.001);
    const cycle = rates({ warmup: 0, schedule: { kind: 'one-cycle', peak: 0.3 } });
    expect(cycle.indexOf(Math.max(...cycle))).toBe(30);
    expect(cycle[0]).toBeCloseTo(0.4 / 25, 6);
  });
});
