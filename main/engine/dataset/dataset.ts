/**
 * The dataset the engine works on: standardised images, labels, a fixed split, and a hash that
 * names the content.
 */

import { createHash } from 'node:crypto';
import { Fault } from '../../../shared/fault';
import { PEER_NORMALISATION, type NormaliseSpec } from '../../../shared/spec/dataset';

export interface Split {
  readonly size: number;
  readonly labels: Int32Array;
  /**
   * Writes the standardised values of samples `indices` into `into`, one after the other, channels
   * last.
   */
  read(indices: ArrayLike<number>, into: Float32Array): void;
}

export interface Dataset {
  readonly name: string;
  /** [height, width, channels], or [features]. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** As many as classes, or none. */
  readonly classNames: readonly string[];
  readonly train: Split;
  readonly test: Split;
  /** The raw value that is drawn as white; 0 is black. */
  readonly white: number;
  /** Per channel (last axis): what standardising takes off raw values, and divides them by. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** SHA-256 of the raw samples and labels of both splits. */
  readonly hash: string;
}

/** Raw samples in memory. */
export interface RawSplit {
  /** `size` samples of `inputShape`, one after the other, channels last. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly size: number;
}

/** What a source gives before standardising. */
export interface RawDataset {
  name: string;
  inputShape: readonly number[];
  classes: number;
  white: number;
  train: RawSplit;
  test: RawSplit;
}

export interface Moments {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export const sampleSize = (inputShape: readonly number[]): number =>
  inputShape.reduce((product, length) => product * length, 1);

function contentHash({ train, test }: RawDataset): string {
  const hash = createHash('sha256');
  for (const { images, labels } of [train, test]) {
    hash.update(new Uint8Array(images.buffer, images.byteOffset, images.byteLength));
    hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
  }
  return hash.digest('hex');
}

/** Mean and deviation of each channel, in float64. */
function channelMoments(images: Float32Array, channels: number): Moments {
  const count = images.length / channels;
  const mean = new Array<number>(channels).fill(0);
  const squares = new Array<number>(channels).fill(0);
  for (let i = 0; i < images.length; i++) mean[i % channels] += images[i] / count;
  for (let i = 0; i < images.length; i++) {
    squares[i % channels] += (images[i] - mean[i % channels]) ** 2 / count;
  }
  return { mean, deviation: squares.map((square) => Math.sqrt(square) || 1) };
}

/**
 * What `normalise` takes off and divides by, where the training split has the moments `own`.
 * @throws Fault 'bad-value' when it is not of as many channels
 */
export function momentsFor(
  normalise: NormaliseSpec | undefined,
  own: () => Moments,
  { inputShape, white, name }: Pick<Dataset, 'inputShape' | 'white' | 'name'>,
): Moments {
  const channels = inputShape[inputShape.length - 1];
  if (normalise === undefined || normalise === 'own') return own();
  if (normalise === 'unit') {
    return { mean: Array(channels).fill(0), deviation: Array(channels).fill(white) };
  }
  const moments = normalise === 'loss-landscape' ? PEER_NORMALISATION : normalise;
  for (const key of ['mean', 'deviation'] as const) {
    if (moments[key].length === channels) continue;
    throw new Fault(
      'bad-value',
      `the normalisation has ${moments[key].length} numbers in its ${key} and ${name} has ${channels} channels; give one per channel`,
    );
  }
  if (moments.deviation.some((value) => value === 0)) {
    throw new Fault('bad-value', 'a deviation of 0 cannot be divided by; give one above 0');
  }
  return moments;
}

/** A split in memory whose values are standardised once. */
function heldSplit({ images, labels, size }: RawSplit, { mean, deviation }: Moments): Split {
  const channels = mean.length;
  const values = images.map((value, i) => (value - mean[i % channels]) / deviation[i % channels]);
  const length = size === 0 ? 0 : values.length / size;
  return {
    size,
    labels,
    read(indices, into) {
      for (let i = 0; i < indices.length; i++) {
        const from = indices[i] * length;
        into.set(values.subarray(from, from + length), i * length);
      }
    },
  };
}

/** Standardises both splits, by the training set's channel means and deviations unless told. */
export function standardise(raw: RawDataset, normalise?: NormaliseSpec): Dataset {
  const channels = raw.inputShape[raw.inputShape.length - 1];
  const moments = momentsFor(normalise, () => channelMoments(raw.train.images, channels), raw);
  const { name, inputShape, classes, white } = raw;
  const described = { name, inputShape, classes, white, classNames: [], hash: contentHash(raw) };
  const splits = { train: heldSplit(raw.train, moments), test: heldSplit(raw.test, moments) };
  return { ...described, ...splits, ...moments };
}
