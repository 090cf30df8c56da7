import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { stream } from '../../main/engine/backend/random';
import type { Backend } from '../../main/engine/backend/start';
import {
  evaluate,
  gradientOf,
  recordEvaluation,
  recordGradient,
} from '../../main/engine/surface/evaluate';
import { keepsNoTensors, startForTest } from '../support/backend';
import { readResnetOracle } from '../support/oracle';

let backend: Backend;
beforeAll(async () => {
  backend = await startForTest();
});

const oracle = readResnetOracle('skip');

describe.each(['frozen', 'batch'] as const)('the gradient of the loss in mode %s', (mode) => {
  test('agrees with central differences of the loss, and keeps no tensor', () =>
    keepsNoTensors(() => {
      const counted = tf.ones([16]) as tf.Tensor1D;
      const batches = [{ images: oracle.images(), labels: oracle.labels(), counted }];
      const set = { batches, size: 16, dispose: () => undefined };
      const statistics = tf.tensor1d(oracle.statistics);
      const loss = recordEvaluation(oracle.model, mode, backend.node);
      const slope = recordGradient(oracle.model, mode, backend.node);
      const at = (values: Float32Array, use: (weights: tf.Tensor1D) => number) => {
        const weights = tf.tensor1d(values);
        const result = use(weights);
        weights.dispose();
        return result;
      };
      let gradient: Float64Array = new Float64Array(0);
      at(oracle.weights, (w) => (gradient = gradientOf(slope, set, w, statistics)).length);

      // Along the gradient itself the difference is largest against float32 rounding.
      const length = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const chance = stream(1, 'along');
      for (const wobble of [0, 0.3]) {
        const along = gradient.map((g) => g / length + (wobble * chance.normal()) / 100);
        const step = 3e-4;
        const [up, down] = [step, -step].map((h) =>
          at(
            oracle.weights.map((w, i) => w + h * along[i]),
            (w) => evaluate(loss, set, w, statistics).loss,
          ),
        );
        const expected = gradient.reduce((sum, g, i) => sum + g * along[i], 0);
        expect((up - down) / (2 * step) / expected).toBeCloseTo(1, 1.7);
      }
      tf.dispose([statistics, ...Object.values(batches[0])]);
      loss.dispose();
      slope.dispose();
    }));
});
