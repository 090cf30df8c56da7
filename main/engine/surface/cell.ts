/** A network at one point of a surface, image by image: confusion matrix and the hardest images. */

import * as tf from '@tensorflow/tfjs';
import type { CellReport, HardImage } from '../../../shared/spec/cell';
import type { Dataset } from '../dataset/dataset';
import { isImage, pixelsOf } from '../dataset/preview';
import type { Model, NormMode } from '../model/model';
import { stratifiedSubset, type EvaluationSet } from './evaluation-set';
import type { Span } from './points';

/** How many of the hardest images are shown. */
const WORST = 12;

/** centre + Σ aᵢ·dᵢ */
function displaced(
  centre: Float32Array,
  directions: readonly (Float32Array | null)[],
  at: readonly number[],
): Float32Array {
  const moved = centre.slice();
  directions.forEach((direction, axis) => {
    if (direction === null) return;
    for (let i = 0; i < moved.length; i++) moved[i] += at[axis] * direction[i];
  });
  return moved;
}

/** Logits of every counted image of `set`, one row each. Keeps no tensor. */
function logitsOf(
  model: Model,
  mode: NormMode,
  set: EvaluationSet,
  weights: Float32Array,
  statistics: Float32Array,
): number[][] {
  const rows: number[][] = [];
  tf.tidy(() => {
    const [theta, running] = [tf.tensor1d(weights), tf.tensor1d(statistics)];
    for (const { images, counted } of set.batches) {
      const { logits } = model.apply(theta, running, images, mode);
      const counts = counted.dataSync();
      rows.push(...(logits.arraySync() as number[][]).filter((_, i) => counts[i] === 1));
    }
  });
  return rows;
}

interface Judged {
  readonly loss: number;
  readonly predicted: number;
  readonly confidence: number;
}

/** Cross-entropy and the predicted class of one image's logits, in float64. */
function judge(logits: readonly number[], label: number): Judged {
  const highest = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  const predicted = Math.max(0, logits.indexOf(highest));
  return {
    loss: Math.log(sum) + highest - logits[label],
    predicted,
    confidence: Math.exp(logits[predicted] - highest) / sum,
  };
}

/** NaN counts as the worst there is. */
const badness = (loss: number) => (Number.isNaN(loss) ? Infinity : loss);

/** What `openCell` looks at. */
export interface CellPlace {
  readonly surface: string;
  readonly at: readonly number[];
  readonly span: Span;
  readonly mode: NormMode;
  readonly split: 'train' | 'test';
  readonly images: number;
}

/** Opens the network at `at`, on the images of the surface itself. Frees nothing of `set`. */
export function openCell(
  dataset: Dataset,
  model: Model,
  set: EvaluationSet,
  { surface, at, span, mode, split: splitName, images }: CellPlace,
): CellReport {
  const split = dataset[splitName];
  const { classes } = dataset;
  const weights = displaced(span.weights, span.directions, at);
  const statistics = displaced(span.statistics, span.statisticDirections, at);
  const indices = stratifiedSubset(split, images, 1);
  const judged = logitsOf(model, mode, set, weights, statistics).map((logits, i) => {
    const label = split.labels[indices[i]];
    return { index: indices[i], label, ...judge(logits, label) };
  });
  const confusion = new Uint32Array(classes * classes);
  judged.forEach(({ label, predicted }) => confusion[label * classes + predicted]++);
  const right = judged.filter(({ label, predicted }) => label === predicted).length;
  const loss = judged.reduce((sum, item) => sum + item.loss, 0) / images;
  const squares = judged.reduce((sum, item) => sum + (item.loss - loss) ** 2, 0);
  const drawable = isImage(dataset.inputShape);
  const worst = [...judged]
    .sort((a, b) => badness(b.loss) - badness(a.loss) || a.index - b.index)
    .slice(0, WORST)
    .map((item): HardImage => ({
      ...item,
      pixels: drawable ? pixelsOf(dataset, split, item.index) : new Uint8Array(),
    }));
  return {
    surface,
    at,
    loss,
    accuracy: right / images,
    standardError: Math.sqrt(squares / Math.max(1, images - 1) / images),
    split: splitName,
    images,
    classes,
    confusion,
    shape: drawable ? dataset.inputShape : [],
    worst,
  };
}
