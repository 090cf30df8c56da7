/**
 * The interface between a network and everything that is done to it. Weights live in one flat
 * float32 vector, in the
 * order of `parameters`; a direction, a gradient and an optimiser's memory are vectors of the same
 * length.
 */

import * as tf from '@tensorflow/tfjs';
import type { Stream } from '../backend/random';

export type ParameterRole = 'weight' | 'bias' | 'norm-scale' | 'norm-shift';

/** One trainable tensor and its place in the flat vector. */
export interface Parameter {
  readonly name: string;
  readonly role: ParameterRole;
  /**
   * Ours: [height, width, in, out] for convolutions, [in, out] for dense layers, [channels] for the
   * rest.
   */
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
  /** The axis that counts filters (output channels or neurons); null where there are none. */
  readonly filterAxis: number | null;
}

/** A running statistic of a batch-norm layer, in a flat vector of their own. */
export interface Statistic {
  readonly name: string;
  readonly kind: 'mean' | 'variance';
  readonly size: number;
  readonly offset: number;
}

/** Where batch norm takes its statistics from. */
export type NormMode = 'batch' | 'frozen';

export interface Output {
  /** [batch, classes] */
  logits: tf.Tensor2D;
  /** The batch's own statistics, as long as `statisticsSize`; in `frozen` mode what went in. */
  statistics: tf.Tensor1D;
}

export interface Model {
  readonly parameters: readonly Parameter[];
  readonly statistics: readonly Statistic[];
  /** Length of the flat weight vector. */
  readonly size: number;
  readonly statisticsSize: number;
  /** Multiply-adds of one forward pass of one sample. */
  readonly cost: number;
  /** Fresh weights; the same stream gives the same numbers. */
  initialise(chance: Stream): Float32Array;
  /** Running statistics before training: mean 0, variance 1. */
  initialStatistics(): Float32Array;
  /** The network as a pure function: flat weights, flat statistics and a batch in, logits out. */
  apply(weights: tf.Tensor1D, statistics: tf.Tensor1D, batch: tf.Tensor, mode: NormMode): Output;
}

/** Cuts a flat vector into named tensors of the given shapes. */
export function unflatten(
  flat: tf.Tensor1D,
  parts: readonly { name: string; size: number; shape?: readonly number[] }[],
): Map<string, tf.Tensor> {
  const sizes = parts.map((part) => part.size);
  const pieces = parts.length === 1 ? [flat] : tf.split(flat, sizes);
  return new Map(
    parts.map((part, i) => [
      part.name,
      part.shape === undefined || part.shape.length === 1
        ? pieces[i]
        : tf.reshape(pieces[i], [...part.shape]),
    ]),
  );
}
