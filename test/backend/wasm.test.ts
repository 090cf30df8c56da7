import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { selfTest } from '../../main/engine/backend/self-test';
import { buildModel } from '../../main/engine/model/build';
import { stream } from '../../main/engine/backend/random';
import { hasTensorflow, keepsNoTensors, startForTest } from '../support/backend';
import { trainTwenty } from '../support/twenty-steps';
import { runInChild } from '../support/in-child';
import { check } from '../../shared/spec/check';
import { ModelSpec } from '../../shared/spec/model';
import { relativeError } from '../support/oracle';

const ON_TENSORFLOW = `
import { startBackend } from './main/engine/backend/start';
import { chooseBackend } from './main/native/choose';
import { trainTwenty } from './test/support/twenty-steps';
const backend = await startBackend(await chooseBackend());
console.log(JSON.stringify(trainTwenty(backend.node)));
`;

beforeAll(() => startForTest('wasm'));

test('the self-test passes on wasm', () =>
  keepsNoTensors(() => {
    expect(selfTest().filter(({ passed }) => !passed)).toEqual([]);
  }));

test.skipIf(!hasTensorflow)(
  'training on wasm gives the losses of the tensorflow tier within 1e-3 over 20 steps (needs both)',
  async () => {
    const reference = await runInChild<number[]>(ON_TENSORFLOW);
    expect(relativeError(trainTwenty(), reference)).toBeLessThan(1e-3);
  },
);

describe.each(['relu', 'leaky', 'tanh', 'gelu', 'softplus'])('with %s', (activation) => {
  test.each(['batch', 'layer', 'none'])(
    'and norm %s, every family has finite gradients',
    (norm) => {
      const shape = { inputShape: [8, 8, 1], classes: 3 };
      const specs = [
        { family: 'resnet', depth: 8, width: 2, skip: 'identity', order: 'pre' },
        { family: 'vgg', depth: 9, width: 2 },
        { family: 'mlp', blocks: 2, width: 4 },
      ];
      for (const raw of specs) {
        const spec = check(ModelSpec, { ...raw, activation, norm }, 'model');
        const model = buildModel(spec, shape);
        tf.tidy(() => {
          const chance = stream(1, 'images');
          const images = tf.tensor4d(
            Float32Array.from({ length: 256 }, () => chance.normal()),
            [4, 8, 8, 1],
          );
          const weights = tf.tensor1d(model.initialise(stream(1, 'initialisation')));
          const statistics = tf.tensor1d(model.initialStatistics());
          const gradient = tf.grad((theta) =>
            tf.sum(
              tf.square(model.apply(theta as tf.Tensor1D, statistics, images, 'batch').logits),
            ),
          )(weights);
          const values = gradient.dataSync();
          expect(values.every((value) => Number.isFinite(value))).toBe(true);
          expect(values.some((value) => value !== 0)).toBe(true);
        });
      }
    },
  );
});
