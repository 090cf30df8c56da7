/** The loss of a network on an evaluation set. */

import * as tf from '@tensorflow/tfjs';
import { crossEntropy } from '../backend/kernels';
import { record, type Replay } from '../backend/record';
import type { NodeBackend } from '../backend/tensorflow';
import type { Model, NormMode } from '../model/model';
import type { EvaluationSet } from './evaluation-set';

/** What is measured at one point. NaN and Infinity are values: the network overflowed there. */
export interface PointValue {
  /** Mean cross-entropy over the evaluation set. */
  readonly loss: number;
  /** Share of samples classified right. */
  readonly accuracy: number;
  /** Standard error of `loss` as an estimate over the population the samples were drawn from. */
  readonly standardError: number;
}

/** Sums over one batch: [Σ loss, Σ loss², Σ correct], samples not counted left out. */
export function batchSums(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  counted: tf.Tensor1D,
): tf.Tensor1D {
  const hot = tf.oneHot(labels, logits.shape[1]).toFloat() as tf.Tensor2D;
  // An overflowing filler would give 0 · Infinity = NaN, so it is selected away, not multiplied.
  const losses = tf.where(tf.greater(counted, 0), crossEntropy(logits, hot), tf.zerosLike(counted));
  const right = tf.equal(tf.argMax(logits, 1), labels).toFloat();
  return tf.stack([
    tf.sum(losses),
    tf.sum(tf.mul(losses, losses)),
    tf.sum(tf.mul(right, counted)),
  ]) as tf.Tensor1D;
}

/** Mean, accuracy and standard error from the sums over `n` samples. */
export function summarise([loss, squares, correct]: Float64Array, n: number): PointValue {
  const mean = loss / n;
  const variance = Math.max(0, squares / n - mean * mean) * (n / Math.max(1, n - 1));
  return { loss: mean, accuracy: correct / n, standardError: Math.sqrt(variance / n) };
}

/**
 * The recorded step behind an evaluation: it serves every set of one model. Free it with `dispose`.
 */
export const recordEvaluation = (
  model: Model,
  mode: NormMode,
  backend: NodeBackend | null,
): Replay =>
  record(([weights, statistics, images, labels, counted]) => {
    const output = model.apply(weights as tf.Tensor1D, statistics as tf.Tensor1D, images, mode);
    return [batchSums(output.logits, labels as tf.Tensor1D, counted as tf.Tensor1D)];
  }, backend);

/** The loss of a network with these weights and statistics on `set`. Keeps no tensor. */
export function evaluate(
  replay: Replay,
  set: EvaluationSet,
  weights: tf.Tensor1D,
  statistics: tf.Tensor1D,
): PointValue {
  const totals = new Float64Array(3);
  tf.tidy(() => {
    for (const { images, labels, counted } of set.batches) {
      const [sums] = replay.run([weights, statistics, images, labels, counted]);
      sums.dataSync().forEach((value, i) => (totals[i] += value));
    }
  });
  return summarise(totals, set.size);
}

/** The recorded step behind `gradientOf`. Free it with `dispose`. */
export const recordGradient = (model: Model, mode: NormMode, backend: NodeBackend | null): Replay =>
  record(([weights, statistics, images, labels, counted]) => {
    const total = (theta: tf.Tensor): tf.Scalar => {
      const running = statistics as tf.Tensor1D;
      const { logits } = model.apply(theta as tf.Tensor1D, running, images, mode);
      const hot = tf.oneHot(labels, logits.shape[1]).toFloat() as tf.Tensor2D;
      return tf.sum(tf.mul(crossEntropy(logits, hot), counted));
    };
    return [tf.grad(total)(weights)];
  }, backend);

/** ∇L of the mean loss on `set`, as long as the weights. Keeps no tensor. */
export function gradientOf(
  replay: Replay,
  set: EvaluationSet,
  weights: tf.Tensor1D,
  statistics: tf.Tensor1D,
): Float64Array {
  const mean = new Float64Array(weights.size);
  tf.tidy(() => {
    for (const { images, labels, counted } of set.batches) {
      const [sum] = replay.run([weights, statistics, images, labels, counted]);
      sum.dataSync().forEach((value, i) => (mean[i] += value / set.size));
    }
  });
  return mean;
}

/** What `use` gives for these vectors as tensors, which it does not keep. */
export function onDevice<T>(
  weights: Float32Array,
  statistics: Float32Array,
  use: (weights: tf.Tensor1D, statistics: tf.Tensor1D) => T,
): T {
  const held = [tf.tensor1d(weights), tf.tensor1d(statistics)] as const;
  const result = use(...held);
  tf.dispose([...held]);
  return result;
}
