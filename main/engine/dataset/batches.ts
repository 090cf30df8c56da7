/**
 * The order in which training sees the samples, and their augmentation: functions of seed and epoch
 * alone.
 */

import * as tf from '@tensorflow/tfjs';
import { permutation, stream, type Stream } from '../backend/random';
import { sampleSize, type Dataset, type Split } from './dataset';

/** Samples of one training batch, as tensors the caller disposes of. */
export interface Batch {
  images: tf.Tensor;
  labels: tf.Tensor1D;
}

/**
 * The sample numbers of each batch of an epoch: a fresh order every epoch, the last batch as large
 * as is left.
 */
export function batchOrder(size: number, batch: number, seed: number, epoch: number): Int32Array[] {
  const order = permutation(size, stream(seed, `data order, epoch ${epoch}`));
  const batches: Int32Array[] = [];
  for (let from = 0; from < size; from += batch) batches.push(order.slice(from, from + batch));
  return batches;
}

/**
 * Copies one image, shifted by up to 4 pixels over zeros and mirrored half of the time (He et al.
 * 2015, §4.2).
 */
function augment(
  from: Float32Array,
  to: Float32Array,
  [height, width, channels]: readonly number[],
  chance: Stream,
): void {
  const shiftY = chance.below(9) - 4;
  const shiftX = chance.below(9) - 4;
  const mirrored = chance.uniform() < 0.5;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sourceY = y + shiftY;
      const sourceX = (mirrored ? width - 1 - x : x) + shiftX;
      const inside = sourceY >= 0 && sourceY < height && sourceX >= 0 && sourceX < width;
      for (let c = 0; c < channels; c++) {
        const source = (sourceY * width + sourceX) * channels + c;
        to[(y * width + x) * channels + c] = inside ? from[source] : 0;
      }
    }
  }
}

/** Every image of a batch, augmented. */
function augmented(
  images: Float32Array,
  size: number,
  shape: readonly number[],
  chance: Stream,
): Float32Array {
  const result = new Float32Array(images.length);
  for (let from = 0; from < images.length; from += size) {
    const [image, target] = [images, result].map((all) => all.subarray(from, from + size));
    augment(image, target, shape, chance);
  }
  return result;
}

/** The samples `indices` of a split. With `chance`, each image is augmented by it. */
export function takeBatch(
  dataset: Dataset,
  split: Split,
  indices: Int32Array,
  chance: Stream | null = null,
): Batch {
  const { inputShape } = dataset;
  const size = sampleSize(inputShape);
  const images = new Float32Array(indices.length * size);
  split.read(indices, images);
  const labels = indices.map((index) => split.labels[index]);
  const given = chance === null ? images : augmented(images, size, inputShape, chance);
  return {
    images: tf.tensor(given, [indices.length, ...inputShape]),
    labels: tf.tensor1d(labels, 'int32'),
  };
}
