/** The model noun: an architecture, not weights. */

import * as v from 'valibot';
import { between, whole } from './check';
import { LayerSpec, MOST_LAYERS } from './layers';

export const activations = ['relu', 'leaky', 'tanh', 'gelu', 'softplus'] as const;
export const norms = ['batch', 'layer', 'none'] as const;
export const initialisations = ['he', 'xavier', 'uniform', 'orthogonal', 'fixup'] as const;

export const resnetSkips = ['none', 'projection', 'identity'] as const;

const common = {
  norm: v.optional(v.picklist(norms), 'batch'),
  activation: v.optional(v.picklist(activations), 'relu'),
  /** Slope of the leaky ReLU below zero. */
  leak: v.optional(between(0, 1), 0.1),
  init: v.optional(v.picklist(initialisations), 'he'),
  /** Standard deviation of the head's weights at initialisation. */
  headScale: v.optional(between(0, 10), 0.1),
};

const resnetDepth = v.pipe(
  v.number(),
  v.check(
    (depth) => Number.isInteger(depth) && depth >= 8 && depth <= 1202 && (depth - 2) % 6 === 0,
    '6n+2: 8, 14, 20, 26…',
  ),
);

/**
 * The CIFAR ResNet of He et al. 2015, §4.2, of any depth 6n+2 and any width, with or without its
 * skips.
 */
export const ResnetSpec = v.strictObject({
  family: v.literal('resnet'),
  depth: v.optional(resnetDepth, 20),
  /** Channels of the first stage; the next two have twice and four times as many. */
  width: v.optional(whole(1, 1024), 16),
  /**
   * `projection`: 1×1 convolution where the shape changes; `identity`: subsampling and zero
   * channels.
   */
  skip: v.optional(v.picklist(resnetSkips), 'projection'),
  /**
   * Activation after the addition (v1), or normalisation and activation before each convolution
   * (v2).
   */
  order: v.optional(v.picklist(['post', 'pre']), 'post'),
  ...common,
});

/**
 * Convolutions per stage of VGG nets by depth, so that with the head they add up to it (Simonyan &
 * Zisserman 2014, table 1).
 */
export const vggStages: ReadonlyMap<number, readonly number[]> = new Map([
  [9, [1, 1, 2, 2, 2]],
  [11, [2, 2, 2, 2, 2]],
  [13, [2, 2, 2, 3, 3]],
  [16, [2, 2, 3, 4, 4]],
  [19, [2, 2, 4, 5, 5]],
]);

/** Channels per stage of VGG nets as multiples of the width. */
export const vggWidening = [1, 2, 4, 8, 8] as const;

/** VGG-like plain nets (Simonyan & Zisserman 2014) with global pooling before the head. */
export const VggSpec = v.strictObject({
  family: v.literal('vgg'),
  depth: v.optional(v.picklist([9, 11, 13, 16, 19]), 9),
  width: v.optional(whole(1, 512), 16),
  ...common,
});

/** The reference MLP of residual and plain two-layer blocks. */
export const MlpSpec = v.strictObject({
  family: v.literal('mlp'),
  blocks: v.optional(whole(1, 512), 12),
  width: v.optional(whole(1, 8192), 16),
  skip: v.optional(v.picklist(['none', 'identity']), 'identity'),
  order: v.optional(v.picklist(['post', 'pre']), 'post'),
  ...common,
});

/** A network that a file describes layer by layer. */
export const LayersSpec = v.strictObject({
  family: v.literal('layers'),
  /** [height, width, channels], or [features]; left out, whatever the data are. */
  input: v.optional(v.pipe(v.array(whole(1, 65536)), v.minLength(1), v.maxLength(3))),
  /** In an order in which each comes after those it takes; the last gives the logits. */
  layers: v.pipe(v.array(LayerSpec), v.minLength(1), v.maxLength(MOST_LAYERS)),
  ...common,
});

export const ModelSpec = v.variant('family', [ResnetSpec, VggSpec, MlpSpec, LayersSpec]);

export type ResnetSpec = v.InferOutput<typeof ResnetSpec>;
export type VggSpec = v.InferOutput<typeof VggSpec>;
export type LayersSpec = v.InferOutput<typeof LayersSpec>;
export type MlpSpec = v.InferOutput<typeof MlpSpec>;
export type ModelSpec = v.InferOutput<typeof ModelSpec>;
