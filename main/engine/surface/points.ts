/**
 * The loss at points of a plane: several points in one recorded call, each with weights θ* + a·δ +
 * b·η of its own.
 */

import * as tf from '@tensorflow/tfjs';
import { record, type Replay } from '../backend/record';
import type { NodeBackend } from '../backend/tensorflow';
import type { Model, NormMode } from '../model/model';
import { batchSums, summarise, type PointValue } from './evaluate';
import type { EvaluationSet } from './evaluation-set';

/**
 * The flat vectors that span what is scanned. `statistics` are running statistics and their change
 * along each axis.
 */
export interface Span {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly directions: readonly Float32Array[];
  /** One per direction; null: the statistics stay as they are. */
  readonly statisticDirections: readonly (Float32Array | null)[];
}

export interface Points {
  /** Points measured in one call; fewer are padded by repetition. */
  readonly perCall: number;
  /** The values at `coordinates`, each as long as the span has directions. */
  measure(coordinates: readonly (readonly number[])[]): PointValue[];
  dispose(): void;
}

const matrix = (rows: readonly Float32Array[]): tf.Tensor2D =>
  tf.stack(rows.map((row) => tf.tensor1d(row))) as tf.Tensor2D;

/**
 * Weights from which on oneDNN's matrix product is not asked: on 132 million it ends the process.
 */
const MANY = 2 ** 25;

/**
 * Points in one call: many share what a call costs; those of a very large network fill the memory.
 */
export const pointsPerCall = ({ weights }: Span): number => (weights.length < MANY ? 4 : 1);

/** θ* + Σ cᵢ·dᵢ, always from θ*: offsets are never accumulated. */
function displaced(centre: tf.Tensor1D, directions: tf.Tensor2D, c: tf.Tensor1D): tf.Tensor1D {
  const offset: tf.Tensor1D =
    directions.shape[1] < MANY
      ? tf.reshape(tf.matMul(tf.reshape(c, [1, -1]), directions), [-1])
      : tf.sum(tf.mul(directions, tf.reshape(c, [-1, 1])), 0);
  return tf.add(centre, offset);
}

/**
 * The recorded step behind `measure`: it serves every span of one model. Free it with `dispose`.
 */
export function recordPoints(
  model: Model,
  mode: NormMode,
  movesStatistics: boolean,
  backend: NodeBackend | null,
): Replay {
  return record((inputs) => {
    const [weights, statistics, directions, drifts, coordinates, images, labels, counted] = inputs;
    const rows = tf.unstack(coordinates as tf.Tensor2D) as tf.Tensor1D[];
    const perPoint = rows.map((row) => {
      const theta = displaced(weights as tf.Tensor1D, directions as tf.Tensor2D, row);
      const running = movesStatistics
        ? displaced(statistics as tf.Tensor1D, drifts as tf.Tensor2D, row)
        : (statistics as tf.Tensor1D);
      const { logits } = model.apply(theta, running, images, mode);
      return batchSums(logits, labels as tf.Tensor1D, counted as tf.Tensor1D);
    });
    return [tf.stack(perPoint)];
  }, backend);
}

export const movesStatistics = (span: Span): boolean =>
  span.statisticDirections.some((direction) => direction !== null);

/**
 * Prepares measuring `span` on `set`. `replay` and `set` stay the caller's; `dispose` frees the
 * rest.
 */
export function buildPoints(
  replay: Replay,
  span: Span,
  set: EvaluationSet,
  perCall: number,
): Points {
  const still = span.statistics.map(() => 0);
  const held = tf.tidy(() => [
    tf.tensor1d(span.weights),
    tf.tensor1d(span.statistics),
    matrix(span.directions),
    matrix(span.statisticDirections.map((direction) => direction ?? still)),
  ]);
  return {
    perCall,
    measure(coordinates) {
      const padded = [...coordinates];
      while (padded.length < perCall) padded.push(coordinates[coordinates.length - 1]);
      const totals = new Float64Array(perCall * 3);
      tf.tidy(() => {
        const fed = tf.tensor2d(padded.map((point) => [...point]));
        for (const { images, labels, counted } of set.batches) {
          const [batch] = replay.run([...held, fed, images, labels, counted]);
          batch.dataSync().forEach((value, i) => (totals[i] += value));
        }
      });
      return coordinates.map((_, i) => summarise(totals.subarray(3 * i, 3 * i + 3), set.size));
    },
    dispose: () => tf.dispose(held),
  };
}
