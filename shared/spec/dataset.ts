/** The dataset noun: images and labels with a fixed split. */

import * as v from 'valibot';
import { whole } from './check';

const seed = v.optional(whole(0, 2 ** 31), 1);

/** 1,797 handwritten digits of 8×8 pixels, embedded; 1,437 to train, 360 to test. */
export const DigitsSpec = v.strictObject({ kind: v.literal('digits') });

/** Three interleaved spirals in the plane. */
export const SpiralsSpec = v.strictObject({
  kind: v.literal('spirals'),
  seed,
  train: v.optional(whole(3, 1000000), 600),
  test: v.optional(whole(3, 1000000), 600),
});

/** Six kinds of strokes on 12×12 grey images. */
export const GlyphsSpec = v.strictObject({
  kind: v.literal('glyphs'),
  seed,
  train: v.optional(whole(6, 1000000), 2000),
  test: v.optional(whole(6, 1000000), 1000),
});

/** Ten textured shapes on 32×32 colour images: CIFAR's shape and cost, without a download. */
export const ShapesSpec = v.strictObject({
  kind: v.literal('shapes'),
  seed,
  train: v.optional(whole(10, 200000), 5000),
  test: v.optional(whole(10, 200000), 1000),
});

export const DatasetSpec = v.variant('kind', [DigitsSpec, SpiralsSpec, GlyphsSpec, ShapesSpec]);
export type DatasetSpec = v.InferOutput<typeof DatasetSpec>;
export type ProceduralSpec = Exclude<DatasetSpec, { kind: 'digits' }>;

export const datasetKinds = ['digits', 'spirals', 'glyphs', 'shapes'] as const;

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
  /** Images per class. */
  readonly trainCounts: readonly number[];
  readonly testCounts: readonly number[];
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly hash: string;
  /** The first of each class; none where samples are not images. */
  readonly samples: readonly SampleImage[];
}
