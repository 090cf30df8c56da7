/**
 * The images a surface is measured on: a stratified subset, the same for every point and every
 * variant.
 */

import * as tf from '@tensorflow/tfjs';
import { Fault } from '../../../shared/fault';
import { permutation, stream } from '../backend/random';
import { sampleSize, type Dataset, type Split } from '../dataset/dataset';
import { takeBatch } from '../dataset/batches';

export interface EvaluationBatch {
  images: tf.Tensor;
  labels: tf.Tensor1D;
  /** 1 for samples that count, 0 for those that only fill the last batch. */
  counted: tf.Tensor1D;
}

export interface EvaluationSet {
  readonly size: number;
  /** Every batch in order; a batch is good until the next is asked for. */
  readonly batches: Iterable<EvaluationBatch>;
  dispose(): void;
}

/** Values in one batch of images; with 32×32×3 images that is 128 of them. */
const BATCH_VALUES = 128 * 32 * 32 * 3;
/** Values of a set that are kept as tensors; larger sets are read anew each time: 1 GiB. */
const MAX_HELD_VALUES = 2 ** 28;
/** Images beyond which statistics over the whole set no longer fit into memory at once. */
const MAX_ONE_BATCH_VALUES = 20 * BATCH_VALUES;

/** `count` sample numbers with each class in its share of the split, in ascending order. */
export function stratifiedSubset(split: Split, count: number, seed: number): Int32Array {
  const order = permutation(split.size, stream(seed, 'evaluation subset'));
  const byClass = new Map<number, number[]>();
  for (const index of order) {
    const label = split.labels[index];
    byClass.set(label, [...(byClass.get(label) ?? []), index]);
  }
  // Samples are ranked by how deep into their class they lie; the first `count` keep the shares.
  const ranked = [...byClass.entries()].flatMap(([label, members]) =>
    members.map((index, i) => ({ index, label, depth: (i + 0.5) / members.length })),
  );
  ranked.sort((a, b) => a.depth - b.depth || a.label - b.label);
  return Int32Array.from(ranked.slice(0, count), ({ index }) => index).sort();
}

/** Whether statistics over all images of an evaluation set can be taken at once. */
export const fitsOneBatch = (
  dataset: Dataset,
  splitName: 'train' | 'test',
  subset: number | 'all',
): boolean => {
  const size = subset === 'all' ? dataset[splitName].size : subset;
  return size * sampleSize(dataset.inputShape) <= MAX_ONE_BATCH_VALUES;
};

/**
 * The evaluation set for `subset` images of `split`.
 * `whole`: in one batch, because its statistics are to be those of the whole set.
 */
export function buildEvaluationSet(
  dataset: Dataset,
  splitName: 'train' | 'test',
  subset: number | 'all',
  whole: boolean,
  mostHeld = MAX_HELD_VALUES,
): EvaluationSet {
  const split = dataset[splitName];
  if (subset !== 'all' && subset > split.size) {
    throw new Fault(
      'bad-value',
      `cannot take ${subset} images: ${dataset.name} has ${split.size} in its ${splitName} split; use a smaller --subset or 'all'`,
    );
  }
  const size = subset === 'all' ? split.size : subset;
  const values = sampleSize(dataset.inputShape);
  if (whole && !fitsOneBatch(dataset, splitName, subset)) {
    const most = Math.floor(MAX_ONE_BATCH_VALUES / values);
    throw new Fault(
      'bad-value',
      `cannot take batch statistics over ${size} images at once; use --subset ${most} or fewer, or --bn frozen`,
    );
  }
  const indices = stratifiedSubset(split, size, 1);
  const perBatch = whole ? size : Math.min(size, Math.max(64, Math.floor(BATCH_VALUES / values)));
  const starts = Array.from({ length: Math.ceil(size / perBatch) }, (_, i) => i * perBatch);
  const build = (from: number): EvaluationBatch => {
    const chosen = indices.slice(from, from + perBatch);
    const filled = Int32Array.from({ length: perBatch }, (_, i) => chosen[i] ?? chosen[0]);
    const counted = Float32Array.from(filled, (_, i) => (i < chosen.length ? 1 : 0));
    return { ...takeBatch(dataset, split, filled), counted: tf.tensor1d(counted) };
  };
  const free = (batch: EvaluationBatch) => tf.dispose(Object.values(batch));
  if (size * values > mostHeld) {
    const batches = { [Symbol.iterator]: () => inTurn(starts, build, free) };
    return { size, batches, dispose: () => undefined };
  }
  const held = starts.map(build);
  return { size, batches: held, dispose: () => held.forEach(free) };
}

/** Builds each batch when it is asked for, and frees it when the next one is. */
function* inTurn(
  starts: readonly number[],
  build: (from: number) => EvaluationBatch,
  free: (batch: EvaluationBatch) => void,
): Generator<EvaluationBatch> {
  for (const from of starts) {
    const batch = build(from);
    try {
      yield batch;
    } finally {
      free(batch);
    }
  }
}
