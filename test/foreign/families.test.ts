/**
 * Networks of other people's PyTorch code by their names and shapes alone: with the same weights
 * they have the same logits (`test/oracle/torch_networks.py`), within four times the rounding of
 * PyTorch's float32, whatever the processor.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeTensors } from '../../main/engine/checkpoint/safetensors';
import { buildModel } from '../../main/engine/model/build';
import { fitWeights } from '../../main/engine/study/import-run';
import { importsFolder } from '../../main/native/places';
import { guessArchitecture } from '../../shared/foreign/guess';
import { check } from '../../shared/spec/check';
import { ModelSpec } from '../../shared/spec/model';
import { keepsNoTensors, startForTest } from '../support/backend';

const Networks = v.record(
  v.string(),
  v.object({
    tensors: v.array(v.tuple([v.string(), v.array(v.number())])),
    /** In float64. */
    logits: v.array(v.number()),
    /** How far PyTorch's own float32 is off them, of the largest. */
    float32Error: v.number(),
  }),
);
const networks = v.parse(
  Networks,
  JSON.parse(readFileSync('test/oracle/torch_networks.json', 'utf8')),
);

const SAYS = new Map([
  ['torchvision resnet18', 'ResNet-18, 2-2-2-2 blocks, with projections'],
  ['torchvision bottlenecks', 'ResNet-17 of bottlenecks, 1-2-1-1 blocks, with projections'],
  ['torchvision densenet', 'DenseNet-18 of growth 8, 2-3-2 layers'],
  ['loss-landscape ResNet18', 'ResNet-18, 2-2-2-2 blocks, with projections'],
  ['loss-landscape ResNet18_noshort', 'ResNet-18, 2-2-2-2 blocks, without skips'],
  ['loss-landscape VGG9', 'VGG-9 of 64 to 256 channels'],
  ['loss-landscape densenet_cifar', 'DenseNet-121 of growth 12, 6-12-24-16 layers'],
]);

/** Sixteen units in the last place of float32: what no order of additions is asked to beat. */
const ROUNDING = 16 * 2 ** -23;

beforeAll(() => startForTest());

/** The weights that the oracle's formula gives the `k`th tensor. */
function filled(name: string, shape: readonly number[], k: number): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const fan = size / (shape[0] ?? 1);
  const scale = 2 ** -Math.floor(Math.log2(Math.sqrt(fan)) - 0.5);
  return Float32Array.from({ length: size }, (_, i) => {
    const value = (((i * 37 + k * 101) % 65) - 32) / 32;
    if (name.endsWith('running_var')) return 0.5 + value * value;
    if (shape.length === 1 && name.endsWith('weight')) return 1 + value / 4;
    return shape.length > 1 ? value * scale : value;
  });
}

test.each(Object.keys(networks))('%s', async (name) => {
  const { tensors, logits, float32Error } = networks[name];
  const named = tensors.map(([tensor, shape]) => ({ name: tensor, shape }));
  const guess = guessArchitecture(named)!;
  expect(guess.says).toBe(SAYS.get(name));
  expect(guess).toMatchObject({ classes: 10, channels: 3, open: '' });
  mkdirSync(importsFolder(), { recursive: true });
  const folder = mkdtempSync(join(importsFolder(), 'family-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'weights.safetensors');
  const held = named
    .map(({ name: tensor, shape }, k) => ({
      name: tensor,
      shape,
      values: filled(tensor, shape, k),
    }))
    .filter((tensor) => !tensor.name.endsWith('num_batches_tracked'));
  writeFileSync(file, writeTensors(held, new Map()));
  const layout = { inputShape: [32, 32, 3], classes: 10 };
  const model = buildModel(check(ModelSpec, guess.model, 'the network'), layout);
  const { weights, statistics, match } = fitWeights(model, { file });
  expect(match.left).toEqual([]);
  expect(new Set(match.pairs.map(({ by }) => by))).toEqual(new Set(['name']));
  await keepsNoTensors(() => {
    const found = tf.tidy(() => {
      const pixels = Float32Array.from(
        { length: 2 * 32 * 32 * 3 },
        (_, i) => (((i * 37 + 505) % 65) - 32) / 16,
      );
      const images = tf.tensor4d(pixels, [2, 32, 32, 3]);
      const [theta, running] = [tf.tensor1d(weights), tf.tensor1d(statistics)];
      return model.apply(theta, running, images, 'frozen').logits.dataSync();
    });
    const scale = Math.max(...logits.map(Math.abs));
    const off = logits.map((value, i) => Math.abs(value - found[i]) / scale);
    expect(Math.max(...off)).toBeLessThan(Math.max(ROUNDING, 4 * float32Error));
  });
});
