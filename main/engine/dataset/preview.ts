/** What a card shows of a dataset: its shape, its classes, one image of each. */

import type { DatasetPreview, SampleImage } from '../../../shared/spec/dataset';
import { sampleSize, type Dataset, type Split } from './dataset';

const BYTE = 255;
/** Classes of which an image is shown. */
const MOST_SAMPLES = 40;

function countsOf(split: Split, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  split.labels.forEach((label) => counts[label]++);
  return counts;
}

/** Whether samples are grey or RGB images. */
export const isImage = (shape: readonly number[]): boolean =>
  shape.length === 3 && (shape[2] === 1 || shape[2] === 3);

/** The bytes of sample `index`, standardising undone. */
export function pixelsOf(dataset: Dataset, split: Split, index: number): Uint8Array {
  const { inputShape, mean, deviation, white } = dataset;
  const channels = inputShape[inputShape.length - 1];
  const image = new Float32Array(sampleSize(inputShape));
  split.read([index], image);
  return Uint8Array.from(image, (value, i) => {
    const raw = value * deviation[i % channels] + mean[i % channels];
    return Math.max(0, Math.min(BYTE, Math.round((raw / white) * BYTE)));
  });
}

export function previewDataset(dataset: Dataset): DatasetPreview {
  const { train, classes, inputShape } = dataset;
  const shown = Math.min(classes, MOST_SAMPLES);
  const firsts = Array.from({ length: shown }, (_, label) => train.labels.indexOf(label));
  const samples = isImage(inputShape)
    ? firsts.flatMap((index, label): SampleImage[] =>
        index < 0 ? [] : [{ label, pixels: pixelsOf(dataset, train, index) }],
      )
    : [];
  return {
    name: dataset.name,
    shape: inputShape,
    classes,
    classNames: dataset.classNames,
    trainCounts: countsOf(train, classes),
    testCounts: countsOf(dataset.test, classes),
    mean: dataset.mean,
    deviation: dataset.deviation,
    hash: dataset.hash,
    samples,
  };
}
