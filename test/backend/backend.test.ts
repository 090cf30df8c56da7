import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { record } from '../../main/engine/backend/record';
import { selfTest } from '../../main/engine/backend/self-test';
import type { Backend } from '../../main/engine/backend/start';
import { buildTrainingStep, type TrainingState } from '../../main/engine/run/step';
import { evaluate, recordEvaluation } from '../../main/engine/surface/evaluate';
import { check } from '../../shared/spec/check';
import { RecipeSpec } from '../../shared/spec/run';
import { hasTensorflow, keepsNoTensors, startForTest } from '../support/backend';
import { runInChild } from '../support/in-child';
import { readResnetOracle, relativeError } from '../support/oracle';

let backend: Backend;
beforeAll(async () => {
  backend = await startForTest();
});

const oracle = readResnetOracle('plain');

const BOTH_WAYS = `
import { startBackend } from './main/engine/backend/start';
import { chooseBackend } from './main/native/choose';
import { trainTwenty } from './test/support/twenty-steps';
const backend = await startBackend(await chooseBackend());
console.log(JSON.stringify([trainTwenty(null), trainTwenty(backend.node)]));
`;

function tenLosses(node: Backend['node']): number[] {
  const step = buildTrainingStep(oracle.model, check(RecipeSpec, {}, 'recipe'), 10, node);
  const batch = { images: oracle.images(), labels: oracle.labels() };
  let state: TrainingState = {
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
  tf.dispose([state.weights, state.statistics, ...state.slots, batch.images, batch.labels]);
  step.dispose();
  return losses;
}

test('the self-test passes and keeps no tensor', () =>
  keepsNoTensors(() => {
    expect(selfTest().filter(({ passed }) => !passed)).toEqual([]);
  }));

describe.skipIf(!hasTensorflow)('a recorded step (needs libtensorflow)', () => {
  test('gives the eager losses of an evaluation bit for bit', () =>
    keepsNoTensors(() => {
      const counted = tf.ones([16]) as tf.Tensor1D;
      const batches = [{ images: oracle.images(), labels: oracle.labels(), counted }];
      const set = { batches, size: 16, dispose: () => undefined };
      const held = [tf.tensor1d(oracle.weights), tf.tensor1d(oracle.statistics)];
      const [eager, replayed] = [null, backend.node].map((node) => {
        const replay = recordEvaluation(oracle.model, 'frozen', node);
        const value = evaluate(replay, set, held[0], held[1]);
        replay.dispose();
        return value;
      });
      expect(replayed).toEqual(eager);
      tf.dispose([...held, ...Object.values(batches[0])]);
    }));

  test('trains to the same bits as eager steps where both run the same operations', async () => {
    const [eager, replayed] = await runInChild<number[][]>(BOTH_WAYS, {
      TF_ENABLE_ONEDNN_OPTS: '0',
    });
    expect(replayed).toEqual(eager);
  });

  // With oneDNN a graph may lay tensors out anew and fuse neighbours, which rounds differently from
  // single operations.
  test('trains as eager steps do within rounding with oneDNN, and keeps no tensor', () =>
    keepsNoTensors(() => {
      expect(relativeError(tenLosses(backend.node), tenLosses(null))).toBeLessThan(1e-4);
    }));

  test('repeats itself bit for bit', () => {
    expect(tenLosses(backend.node)).toEqual(tenLosses(backend.node));
  });

  test('is recorded anew for another batch size', () =>
    keepsNoTensors(() => {
      const sum = record(([x]) => [tf.sum(x)], backend.node);
      for (const size of [2, 3, 2]) {
        const x = tf.ones([size]);
        const [total] = sum.run([x]);
        expect(total.dataSync()[0]).toBe(size);
        tf.dispose([x, total]);
      }
      sum.dispose();
    }));

  test('keeps NaN and infinity', () => {
    const double = record(([x]) => [tf.mul(x, 2)], backend.node);
    const [y] = double.run([tf.tensor1d([NaN, Infinity, 1])]);
    expect([...y.dataSync()]).toEqual([NaN, Infinity, 2]);
    double.dispose();
  });
});
