/** A network as a list of layers: what a file of another library says of its own architecture. */

import * as v from 'valibot';
import { between, whole } from './check';

const size = v.tuple([whole(1, 1024), whole(1, 1024)]);
/** `same` as TensorFlow pads; a number: so many on every side, as PyTorch does. */
const padding = v.union([v.picklist(['same', 'valid']), whole(0, 512)]);

export const layerActivations = [
  'relu',
  'relu6',
  'leaky',
  'tanh',
  'sigmoid',
  'softplus',
  'elu',
  'gelu',
  'silu',
] as const;

const common = {
  /** Its tensors are called by it: `NAME.weight`. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  /** Names of the layers it takes; `input` is the images. */
  from: v.pipe(v.array(v.string()), v.minLength(1)),
};

export const LayerSpec = v.variant('kind', [
  v.strictObject({
    kind: v.literal('conv'),
    ...common,
    kernel: size,
    filters: whole(1, 65536),
    stride: size,
    padding,
    dilation: v.optional(whole(1, 1024), 1),
    bias: v.boolean(),
  }),
  v.strictObject({
    /** Every channel by itself gives `multiplier` channels, which lie beside each other. */
    kind: v.literal('depthwise'),
    ...common,
    kernel: size,
    multiplier: whole(1, 1024),
    stride: size,
    padding,
    dilation: v.optional(whole(1, 1024), 1),
    bias: v.boolean(),
  }),
  v.strictObject({ kind: v.literal('dense'), ...common, units: whole(1, 1e6), bias: v.boolean() }),
  v.strictObject({
    kind: v.literal('norm'),
    ...common,
    epsilon: between(0, 1),
    scale: v.boolean(),
    shift: v.boolean(),
  }),
  v.strictObject({
    kind: v.literal('activation'),
    ...common,
    as: v.picklist(layerActivations),
    /** Slope below zero, of `leaky`. */
    slope: v.optional(between(0, 10), 0),
  }),
  v.strictObject({
    kind: v.literal('pool'),
    ...common,
    as: v.picklist(['max', 'mean']),
    size,
    stride: size,
    padding,
  }),
  v.strictObject({ kind: v.literal('global'), ...common, as: v.picklist(['max', 'mean']) }),
  v.strictObject({
    kind: v.literal('flatten'),
    ...common,
    /** Channel by channel, as PyTorch lays images out; else pixel by pixel. */
    planar: v.optional(v.boolean(), false),
  }),
  v.strictObject({
    kind: v.literal('pad'),
    ...common,
    /** Rows above and below, columns left and right. */
    by: v.tuple([whole(0, 512), whole(0, 512), whole(0, 512), whole(0, 512)]),
  }),
  v.strictObject({ kind: v.literal('add'), ...common }),
  v.strictObject({ kind: v.literal('concat'), ...common }),
]);
export type LayerSpec = v.InferOutput<typeof LayerSpec>;

/** Layers that multiply by a kernel. */
export const isWeighted = ({ kind }: LayerSpec): boolean =>
  kind === 'conv' || kind === 'depthwise' || kind === 'dense';

/** Channels that a layer gives, of those that it takes. */
export function channelsOf(layer: LayerSpec, taken: readonly number[]): number {
  switch (layer.kind) {
    case 'conv':
      return layer.filters;
    case 'depthwise':
      return taken[0] * layer.multiplier;
    case 'dense':
      return layer.units;
    case 'concat':
      return taken.reduce((sum, channels) => sum + channels, 0);
    default:
      return taken[0];
  }
}

/** Layers that a network may have. */
export const MOST_LAYERS = 5000;
