/** Reads what the scripts in test/oracle wrote, into our axis order. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { readTensors, type TensorFile } from '../../main/engine/checkpoint/safetensors';
import { buildModel } from '../../main/engine/model/build';
import type { Model } from '../../main/engine/model/model';
import { fromTorchOrder } from '../../main/engine/model/torch-order';
import { check } from '../../shared/spec/check';
import { ModelSpec } from '../../shared/spec/model';

const folder = fileURLToPath(new URL('../oracle/', import.meta.url));
export const oraclePath = (name: string) => join(folder, name);

export interface ResnetOracle {
  readonly model: Model;
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly file: TensorFile;
  /** NHWC */
  images(): tf.Tensor4D;
  labels(): tf.Tensor1D;
  values(name: string): Float32Array;
}

/** PyTorch's name of one of our statistics. */
const torchName = (name: string) => name.replace('running_variance', 'running_var');

/** The ResNet-20 of the oracle with (`skip`) or without (`plain`) skips. */
export function readResnetOracle(kind: 'skip' | 'plain'): ResnetOracle {
  const path = oraclePath(`resnet20-${kind}.safetensors`);
  const file = readTensors(readFileSync(path), path);
  const values = (name: string) => file.tensors.get(name)!.values as Float32Array;
  const skip = kind === 'skip' ? 'projection' : 'none';
  const spec = check(ModelSpec, { family: 'resnet', depth: 20, width: 4, skip }, 'oracle');
  const model = buildModel(spec, { inputShape: [16, 16, 3], classes: 10 });
  const weights = new Float32Array(model.size);
  for (const parameter of model.parameters) {
    fromTorchOrder(values(`before.${parameter.name}`), parameter, weights);
  }
  const statistics = new Float32Array(model.statisticsSize);
  for (const { name, offset } of model.statistics) {
    statistics.set(values(`before.${torchName(name)}`), offset);
  }
  return {
    model,
    weights,
    statistics,
    file,
    values,
    images: () =>
      tf.tidy(() =>
        tf.transpose(tf.tensor4d(values('images'), [16, 3, 16, 16]), [0, 2, 3, 1]),
      ) as tf.Tensor4D,
    labels: () => tf.tensor1d(file.tensors.get('labels')!.values as Int32Array, 'int32'),
  };
}

/** The largest |a − b|/max(|b|, floor). */
export function relativeError(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  floor = 1e-6,
): number {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(got[i] - expected[i]) / Math.max(Math.abs(expected[i]), floor);
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
  }
  return worst;
}
