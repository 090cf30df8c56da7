/** The dataset noun: images and labels with a fixed split. */

import * as v from 'valibot';
import { between, whole } from './check';

/** Statistics that peers normalise CIFAR by, in raw values from 0 to 255. */
export const PEER_NORMALISATION = {
  mean: [125.3, 123.0, 113.9],
  deviation: [63.0, 62.1, 66.7],
} as const;

const perChannel = v.pipe(v.array(between(-1e9, 1e9)), v.minLength(1));

/**
 * What is taken off the raw values, and what they are divided by. `own`: mean and deviation of each
 * channel over the training split; `unit`: black is 0 and white is 1; `loss-landscape`: that of
 * tomgoldstein/loss-landscape for CIFAR; or numbers in raw values, one per channel.
 */
export const NormaliseSpec = v.union([
  v.picklist(['own', 'unit', 'loss-landscape']),
  v.strictObject({ mean: perChannel, deviation: perChannel }),
]);
export type NormaliseSpec = v.InferOutput<typeof NormaliseSpec>;

/** How a network does on its data under one normalisation. */
export interface NormalisationLoss {
  readonly normalise: NormaliseSpec;
  /** Mean cross-entropy on `images` training images. NaN or Infinity: it overflowed. */
  readonly loss: number;
  readonly accuracy: number;
  readonly images: number;
}

/** Left out: `own`. */
const normalise = v.optional(NormaliseSpec);
const seed = v.optional(whole(0, 2 ** 31), 1);

/** Names of datasets: folders of the cache, and parts of study folders. */
export const datasetName = v.pipe(
  v.string(),
  v.maxLength(100),
  v.check(
    (text) => /^[a-z0-9][a-z0-9.-]*$/.test(text),
    'a name of lower-case letters, digits, dots and dashes',
  ),
);

/** 1,797 handwritten digits of 8×8 pixels, embedded; 1,437 to train, 360 to test. */
export const DigitsSpec = v.strictObject({ kind: v.literal('digits'), normalise });

/** Three interleaved spirals in the plane. */
export const SpiralsSpec = v.strictObject({
  kind: v.literal('spirals'),
  seed,
  train: v.optional(whole(3, 1000000), 600),
  test: v.optional(whole(3, 1000000), 600),
  normalise,
});

/** Six kinds of strokes on 12×12 grey images. */
export const GlyphsSpec = v.strictObject({
  kind: v.literal('glyphs'),
  seed,
  train: v.optional(whole(6, 1000000), 2000),
  test: v.optional(whole(6, 1000000), 1000),
  normalise,
});

/** Ten textured shapes on 32×32 colour images: CIFAR's shape and cost, without a download. */
export const ShapesSpec = v.strictObject({
  kind: v.literal('shapes'),
  seed,
  train: v.optional(whole(10, 200000), 5000),
  test: v.optional(whole(10, 200000), 1000),
  normalise,
});

/** One that was added to the user's own store: downloaded, or taken from files. */
export const StoredSpec = v.strictObject({
  kind: v.literal('stored'),
  name: datasetName,
  /** SHA-256 of its content; left out, whatever has the name. */
  hash: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal'))),
  normalise,
});

export const DatasetSpec = v.variant('kind', [
  DigitsSpec,
  SpiralsSpec,
  GlyphsSpec,
  ShapesSpec,
  StoredSpec,
]);
export type DatasetSpec = v.InferOutput<typeof DatasetSpec>;
export type StoredSpec = v.InferOutput<typeof StoredSpec>;
export type ProceduralSpec = Exclude<DatasetSpec, { kind: 'digits' | 'stored' }>;

/** Those that come with the program. */
export const datasetKinds = ['digits', 'spirals', 'glyphs', 'shapes'] as const;

/** Classes of those that come with the program; null: only the store knows. */
export function classesOf(spec: DatasetSpec): number | null {
  switch (spec.kind) {
    case 'digits':
    case 'shapes':
      return 10;
    case 'glyphs':
      return 6;
    case 'spirals':
      return 3;
    case 'stored':
      return null;
    default:
      return spec satisfies never;
  }
}

/** What a dataset is called in titles, captions and folders. */
export const nameOfDataset = (spec: DatasetSpec): string =>
  spec.kind === 'stored' ? spec.name : spec.kind;

/** The manifest of a dataset in the store. */
export const StoredDataset = v.object({
  name: datasetName,
  /** [height, width, channels], or [features]. */
  inputShape: v.array(whole(1, 65536)),
  classes: whole(1, 1e6),
  /** As many as classes, or none. */
  classNames: v.array(v.string()),
  type: v.picklist(['uint8', 'float32']),
  /** The raw value that is drawn as white. */
  white: v.number(),
  /** Samples of each split. */
  train: whole(1, 1e9),
  test: whole(0, 1e9),
  /** Of each channel of the training split, in raw values. */
  mean: v.array(v.number()),
  deviation: v.array(v.number()),
  /** SHA-256 of the raw samples and labels of both splits. */
  hash: v.string(),
  /** The files it was taken from. */
  source: v.string(),
  /** Where the test split comes from. */
  split: v.picklist(['given', 'drawn']),
  /** ISO 8601. */
  added: v.string(),
});
export type StoredDataset = v.InferOutput<typeof StoredDataset>;

/** A dataset of the store as a list shows it. */
export interface StoredEntry extends StoredDataset {
  readonly folder: string;
  readonly bytes: number;
}

/** What files of others leave open. */
export const TakeOptions = v.strictObject({
  /** What it is to be called; left out, as its file or folder. */
  name: v.optional(datasetName),
  /** Pixels per side that images are cut and scaled to; left out, all must be of one size. */
  size: v.optional(whole(1, 1024)),
  /** CSV: the column of the labels, by its name or its number from 1. */
  label: v.optional(v.string()),
  /** Shape of a sample where rows of numbers are images. */
  shape: v.optional(v.pipe(v.array(whole(1, 65536)), v.minLength(1), v.maxLength(3))),
  /** Share drawn for testing where the files hold one split. */
  testShare: v.optional(between(0, 0.9)),
  /** Which of several datasets in one archive: EMNIST's `balanced`, `letters`, … */
  part: v.optional(v.string()),
  /** Of each class, in order, where the files have only numbers. */
  classNames: v.optional(v.array(v.string())),
});
export type TakeOptions = v.InferOutput<typeof TakeOptions>;

/** An image as a card shows it. */
export interface SampleImage {
  readonly label: number;
  /** Grey or RGB bytes, row by row. */
  readonly pixels: Uint8Array;
}

export interface DatasetPreview {
  readonly name: string;
  /** [height, width, channels], or [features]. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Of each class; none where they have only numbers. */
  readonly classNames: readonly string[];
  /** Images per class. */
  readonly trainCounts: readonly number[];
  readonly testCounts: readonly number[];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly hash: string;
  /** The first of each class; none where samples are not images. */
  readonly samples: readonly SampleImage[];
}
