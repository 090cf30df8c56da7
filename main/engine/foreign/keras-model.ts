/**
 * The architecture that a Keras or TensorFlow.js file writes down, as a list of layers: Sequential
 * and Functional models of layers that are known here. It is read as data; a layer that is not
 * known is named and the weights alone are taken.
 */

import { check } from '../../../shared/spec/check';
import type { LayerSpec } from '../../../shared/spec/layers';
import { LayersSpec } from '../../../shared/spec/model';

/** Why an architecture cannot be taken. */
export class Unsupported extends Error {}

type Keys = ReadonlyMap<string, unknown>;

const keysOf = (value: unknown): Keys =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A value under its name in Python's spelling or JavaScript's. */
const at = (keys: Keys, name: string): unknown =>
  keys.get(name) ??
  keys.get(name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));

interface KerasLayer {
  readonly kind: string;
  readonly name: string;
  readonly config: Keys;
  /** Names of the layers that it takes. */
  readonly from: readonly string[];
}

const pair = (value: unknown): [number, number] => {
  const [first, second] = Array.isArray(value) ? (value as unknown[]) : [value, value];
  return [Number(first), Number(second)];
};

const ACTIVATIONS = new Map<string, Extract<LayerSpec, { kind: 'activation' }>['as']>([
  ['relu', 'relu'],
  ['relu6', 'relu6'],
  ['tanh', 'tanh'],
  ['sigmoid', 'sigmoid'],
  ['softplus', 'softplus'],
  ['elu', 'elu'],
  ['gelu', 'gelu'],
  ['silu', 'silu'],
  ['swish', 'silu'],
]);

/** Layers that do nothing to a trained network. */
const IDLE = new Set([
  'Dropout',
  'SpatialDropout2D',
  'GaussianNoise',
  'GaussianDropout',
  'ActivityRegularization',
]);

const activation = (name: string, from: readonly string[], as: string): LayerSpec[] => {
  const known = ACTIVATIONS.get(as);
  if (known === undefined)
    throw new Unsupported(`the activation '${as}' of '${name}' is not known here`);
  return [{ kind: 'activation', name, from: [...from], as: known, slope: 0 }];
};

/** The name of an activation: a text, or an object that Keras 3 writes. */
const activationName = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : String(keysOf(value).get('class_name') ?? keysOf(value).get('config') ?? 'linear');

/** A layer with weights, and the activation that Keras lets it carry. */
function withActivation(layer: LayerSpec, config: Keys, isLast: boolean): LayerSpec[] {
  const as = activationName(at(config, 'activation') ?? 'linear');
  if (as === 'linear' || (as === 'softmax' && isLast)) return [layer];
  return [layer, ...activation(`${layer.name}/activation`, [layer.name], as)];
}

function checkChannels(config: Keys, name: string): void {
  const format = at(config, 'data_format');
  if (format === undefined || format === null || format === 'channels_last') return;
  throw new Unsupported(`'${name}' has its channels first`);
}

/** How the kernel of a convolution moves. */
function sliding({ name, config }: KerasLayer) {
  checkChannels(config, name);
  const [dilation, across] = pair(at(config, 'dilation_rate') ?? 1);
  if (dilation !== across) throw new Unsupported(`'${name}' is dilated by ${dilation}×${across}`);
  return {
    kernel: pair(at(config, 'kernel_size')),
    stride: pair(at(config, 'strides') ?? 1),
    padding: at(config, 'padding') === 'same' ? ('same' as const) : ('valid' as const),
    dilation,
  };
}

const hasBias = (config: Keys): boolean => at(config, 'use_bias') !== false;

function convolution(layer: KerasLayer, isLast: boolean): LayerSpec[] {
  const { name, config, from } = layer;
  if ((at(config, 'groups') ?? 1) !== 1) throw new Unsupported(`'${name}' is in groups`);
  const [filters, bias] = [Number(at(config, 'filters')), hasBias(config)];
  const ours = { kind: 'conv' as const, name, from: [...from], ...sliding(layer), filters, bias };
  return withActivation(ours, config, isLast);
}

const depthwise = (layer: KerasLayer, name: string, bias: boolean): LayerSpec => ({
  kind: 'depthwise',
  name,
  from: [...layer.from],
  ...sliding(layer),
  multiplier: Number(at(layer.config, 'depth_multiplier') ?? 1),
  bias,
});

/** What a separable convolution does first, as a layer of its own. */
export const firstHalf = (name: string): string => `${name}/depthwise`;

function separable(layer: KerasLayer, isLast: boolean): LayerSpec[] {
  const { name, config } = layer;
  const first = depthwise(layer, firstHalf(name), false);
  const second: LayerSpec = {
    kind: 'conv',
    name,
    from: [first.name],
    kernel: [1, 1],
    stride: [1, 1],
    padding: 'valid',
    dilation: 1,
    filters: Number(at(config, 'filters')),
    bias: hasBias(config),
  };
  return [first, ...withActivation(second, config, isLast)];
}

function batchNorm({ name, config, from }: KerasLayer): LayerSpec[] {
  const axis = listOf(at(config, 'axis'))[0] ?? at(config, 'axis') ?? -1;
  if (axis !== -1 && axis !== 3 && axis !== 1)
    throw new Unsupported(`'${name}' normalises axis ${String(axis)}`);
  return [
    {
      kind: 'norm',
      name,
      from: [...from],
      epsilon: Number(at(config, 'epsilon') ?? 1e-3),
      scale: at(config, 'scale') !== false,
      shift: at(config, 'center') !== false,
    },
  ];
}

function pooling({ kind, name, config, from }: KerasLayer): LayerSpec[] {
  checkChannels(config, name);
  const size = pair(at(config, 'pool_size') ?? 2);
  return [
    {
      kind: 'pool',
      name,
      from: [...from],
      as: kind === 'MaxPooling2D' ? 'max' : 'mean',
      size,
      stride: pair(at(config, 'strides') ?? size),
      padding: at(config, 'padding') === 'same' ? 'same' : 'valid',
    },
  ];
}

function border({ name, config, from }: KerasLayer): LayerSpec[] {
  const sides = at(config, 'padding');
  const [rows, columns] = Array.isArray(sides) ? (sides as unknown[]) : [sides, sides];
  const [top, bottom] = pair(rows);
  const [left, right] = pair(columns);
  return [{ kind: 'pad', name, from: [...from], by: [top, bottom, left, right] }];
}

/** Our layers for one of Keras'; none where it does nothing. @throws Unsupported */
function translated(layer: KerasLayer, isLast: boolean): LayerSpec[] {
  const { kind, name, config, from } = layer;
  const plain = { name, from: [...from] };
  switch (kind) {
    case 'Conv2D':
      return convolution(layer, isLast);
    case 'DepthwiseConv2D':
      return withActivation(depthwise(layer, name, hasBias(config)), config, isLast);
    case 'SeparableConv2D':
      return separable(layer, isLast);
    case 'Dense': {
      const units = Number(at(config, 'units'));
      const bias = hasBias(config);
      return withActivation({ kind: 'dense', ...plain, units, bias }, config, isLast);
    }
    case 'BatchNormalization':
      return batchNorm(layer);
    case 'Activation': {
      const as = activationName(at(config, 'activation'));
      return as === 'linear' || (as === 'softmax' && isLast) ? [] : activation(name, from, as);
    }
    case 'Softmax':
      if (isLast) return [];
      throw new Unsupported(`'${name}' is a softmax within the network`);
    case 'ReLU':
      return activation(name, from, at(config, 'max_value') === 6 ? 'relu6' : 'relu');
    case 'LeakyReLU': {
      const slope = Number(at(config, 'negative_slope') ?? at(config, 'alpha') ?? 0.3);
      return [{ kind: 'activation', ...plain, as: 'leaky', slope }];
    }
    case 'ELU':
      return activation(name, from, 'elu');
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return pooling(layer);
    case 'GlobalAveragePooling2D':
    case 'GlobalMaxPooling2D':
      checkChannels(config, name);
      return [{ kind: 'global', ...plain, as: kind === 'GlobalMaxPooling2D' ? 'max' : 'mean' }];
    case 'Flatten':
      return [{ kind: 'flatten', ...plain, planar: false }];
    case 'ZeroPadding2D':
      return border(layer);
    case 'Add':
      return [{ kind: 'add', ...plain }];
    case 'Concatenate':
      return [{ kind: 'concat', ...plain }];
    default:
      if (IDLE.has(kind)) return [];
      throw new Unsupported(`the layer '${name}' is of the kind ${kind}, which is not known here`);
  }
}

/** The layers that a node names, however deep: `[name, 0, 0, {}]`, or Keras 3's histories. */
function namesIn(node: unknown): string[] {
  const history = listOf(keysOf(keysOf(node).get('config')).get('keras_history'));
  if (history.length > 0) return [String(history[0])];
  if (Array.isArray(node)) {
    const [name, index] = node as unknown[];
    if (typeof name === 'string' && typeof index === 'number') {
      if (index !== 0) throw new Unsupported(`'${name}' is used more than once`);
      return [name];
    }
    return (node as unknown[]).flatMap(namesIn);
  }
  return typeof node === 'object' && node !== null ? namesIn(keysOf(node).get('args')) : [];
}

const INPUT = 'input';

/** The shape of a sample: the first axis counts samples. */
function inputShape(layers: readonly Keys[]): number[] {
  const shapes = layers.map((layer) => {
    const config = keysOf(layer.get('config'));
    return listOf(at(config, 'batch_input_shape') ?? at(config, 'batch_shape'));
  });
  const shape = (shapes.find((found) => found.length > 1) ?? []).slice(1);
  if (shape.length > 0 && shape.every((length) => typeof length === 'number'))
    return shape as number[];
  throw new Unsupported('it does not say which shape its input has');
}

function layersOf(model: Keys): { layers: KerasLayer[]; input: number[] } {
  const config = keysOf(model.get('config'));
  const given = listOf(config.get('layers') ?? model.get('config')).map(keysOf);
  const isSequential = model.get('class_name') === 'Sequential';
  const inputs = new Set<string>();
  let before = INPUT;
  const layers = given.flatMap((layer): KerasLayer[] => {
    const inner = keysOf(layer.get('config'));
    const kind = String(layer.get('class_name'));
    const name = String(layer.get('name') ?? inner.get('name'));
    if (kind === 'InputLayer') {
      inputs.add(name);
      return [];
    }
    const nodes = listOf(at(layer, 'inbound_nodes'));
    if (nodes.length > 1) throw new Unsupported(`'${name}' is used more than once`);
    const from = isSequential ? [before] : namesIn(nodes);
    before = name;
    return [{ kind, name, config: inner, from }];
  });
  if (inputs.size > 1) throw new Unsupported('it has several inputs');
  const renamed = layers.map((layer) => ({
    ...layer,
    from: layer.from.map((name) => (inputs.has(name) ? INPUT : name)),
  }));
  return { layers: renamed, input: inputShape(given) };
}

/**
 * The network of a model's config. @throws Unsupported for what is not known here, Fault for what
 * is malformed
 */
export function kerasNetwork(json: unknown): LayersSpec {
  const model = keysOf(json);
  const { layers, input } = layersOf(model);
  const outputs = namesIn(at(keysOf(model.get('config')), 'output_layers'));
  if (outputs.length > 1) throw new Unsupported('it has several outputs');
  const last = outputs[0] ?? layers[layers.length - 1]?.name;
  /** What stands for a layer of Keras: its last one here, or what it passes on. */
  const stands = new Map<string, string>([[INPUT, INPUT]]);
  const made: LayerSpec[] = [];
  for (const layer of layers) {
    const from = layer.from.map((name) => {
      const found = stands.get(name);
      if (found === undefined)
        throw new Unsupported(`'${layer.name}' comes before '${name}', which it takes`);
      return found;
    });
    const ours = translated({ ...layer, from }, layer.name === last);
    made.push(...ours);
    stands.set(layer.name, ours[ours.length - 1]?.name ?? from[0]);
  }
  const output = stands.get(last ?? '');
  if (output === undefined || made[made.length - 1]?.name !== output) {
    throw new Unsupported('its last layer is not its output');
  }
  return check(LayersSpec, { family: 'layers', input, layers: made }, 'its architecture');
}
