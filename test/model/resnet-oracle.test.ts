import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { buildTrainingStep } from '../../main/engine/run/step';
import { buildPoints, recordPoints } from '../../main/engine/surface/points';
import { readDirections } from '../../main/engine/direction/taken';
import { takeDirections } from '../support/reader';
import { check } from '../../shared/spec/check';
import { RecipeSpec } from '../../shared/spec/run';
import { startForTest } from '../support/backend';
import { oraclePath, readResnetOracle, relativeError } from '../support/oracle';
import { readOracleSurface } from '../support/oracle-surface';

let backend: Backend;
beforeAll(async () => {
  backend = await startForTest();
});
afterAll(() => tf.disposeVariables());

describe.each(['skip', 'plain'] as const)(
  'a ResNet-20 (%s) with the weights of PyTorch',
  (kind) => {
    const oracle = readResnetOracle(kind);

    test('has the parameters of PyTorch in its order and number', () => {
      const names = [...oracle.file.tensors.keys()]
        .filter((name) => name.startsWith('before.') && !name.includes('running'))
        .map((name) => name.slice('before.'.length));
      expect([...oracle.model.parameters.map((p) => p.name)].sort()).toEqual(names.sort());
    });

    test('gives its logits in evaluation and in training mode', () => {
      tf.tidy(() => {
        const weights = tf.tensor1d(oracle.weights);
        const statistics = tf.tensor1d(oracle.statistics);
        for (const [mode, name] of [
          ['frozen', 'eval.logits'],
          ['batch', 'train.logits'],
        ] as const) {
          const { logits } = oracle.model.apply(weights, statistics, oracle.images(), mode);
          expect(relativeError(logits.dataSync(), oracle.values(name), 0.1)).toBeLessThan(1e-4);
        }
      });
    });

    test('follows its ten training steps, weights and running statistics', () => {
      const recipe = check(RecipeSpec, { weightDecay: 5e-4 }, 'recipe');
      const step = buildTrainingStep(oracle.model, recipe, 10, backend.node);
      const batch = { images: oracle.images(), labels: oracle.labels() };
      let state = {
        weights: tf.tensor1d(oracle.weights),
        statistics: tf.tensor1d(oracle.statistics),
        slots: [tf.zeros([oracle.model.size]) as tf.Tensor1D],
      };
      const losses: number[] = [];
      for (let i = 0; i < 10; i++) {
        const taken = step.take(state, batch, i, 0.01);
        state = taken.state;
        losses.push(taken.report[0]);
      }
      expect(relativeError(losses, oracle.values('train.losses'))).toBeLessThan(1e-3);
      const statistics = state.statistics.dataSync();
      const width = 4;
      const variance = oracle.values('after.bn1.running_var');
      expect(relativeError(statistics.slice(width, 2 * width), variance)).toBeLessThan(1e-3);
      tf.dispose([state.weights, state.statistics, ...state.slots, batch.images, batch.labels]);
      step.dispose();
    });

    test('has its surface along the same directions, losses up to 100 included', async () => {
      const path = oraclePath(`resnet20-${kind}.h5`);
      const directions = readDirections(await takeDirections(path), oracle.model.parameters);
      const expected = await readOracleSurface(path);
      const counted = tf.ones([16]) as tf.Tensor1D;
      const batches = [{ images: oracle.images(), labels: oracle.labels(), counted }];
      const set = { batches, size: 16, dispose: () => undefined };
      const { weights, statistics, model } = oracle;
      const span = { weights, statistics, directions, statisticDirections: [null, null] };
      const replay = recordPoints(model, 'frozen', false, backend.node);
      const points = buildPoints(replay, span, set, 4);
      const losses = expected.y.flatMap((y) =>
        expected.x.map((x) => points.measure([[x, y]])[0].loss),
      );
      expect(relativeError(losses, expected.losses)).toBeLessThan(1e-4);
      points.dispose();
      replay.dispose();
      tf.dispose(Object.values(batches[0]));
    });
  },
);
