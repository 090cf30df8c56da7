/**
 * The dataset in memory: standardised images, labels, a fixed split, and a hash that names the
 * content.
 */

import { createHash } from 'node:crypto';

export interface Split {
  /** `size` samples of `inputShape`, one after the other, channels last. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly size: number;
}

export interface Dataset {
  readonly name: string;
  /** [height, width, channels], or [features]. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly train: Split;
  readonly test: Split;
  /** The raw value that is drawn as white; 0 is black. */
  readonly white: number;
  /** Per channel (last axis), of the training set before standardising. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** SHA-256 of the raw samples and labels of both splits. */
  readonly hash: string;
}

/** What a source gives before standardising. */
export interface RawDataset {
  name: string;
  inputShape: readonly number[];
  classes: number;
  white: number;
  train: Split;
  test: Split;
}

function contentHash({ train, test }: RawDataset): string {
  const hash = createHash('sha256');
  for (const { images, labels } of [train, test]) {
    hash.update(new Uint8Array(images.buffer, images.byteOffset, images.byteLength));
    hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
  }
  return hash.digest('hex');
}

/** Mean and deviation of each channel, in float64. */
function channelMoments(images: Float32Array, channels: number) {
  const count = images.length / channels;
  const mean = new Array<number>(channels).fill(0);
  const squares = new Array<number>(channels).fill(0);
  for (let i = 0; i < images.length; i++) mean[i % channels] += images[i] / count;
  for (let i = 0; i < images.length; i++) {
    squares[i % channels] += (images[i] - mean[i % channels]) ** 2 / count;
  }
  return { mean, deviation: squares.map((square) => Math.sqrt(square) || 1) };
}

/** Standardises both splits by the training set's channel means and deviations. */
export function standardise(raw: RawDataset): Dataset {
  const channels = raw.inputShape[raw.inputShape.length - 1];
  const { mean, deviation } = channelMoments(raw.train.images, channels);
  const scaled = (split: Split): Split => ({
    ...split,
    images: split.images.map((value, i) => (value - mean[i % channels]) / deviation[i % channels]),
  });
  const hash = contentHash(raw);
  return { ...raw, train: scaled(raw.train), test: scaled(raw.test), mean, deviation, hash };
}
