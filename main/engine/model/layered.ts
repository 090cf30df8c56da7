/** A network that is a list of layers, each of which takes the outputs of others by their names. */

import * as tf from '@tensorflow/tfjs';
import { Fault } from '../../../shared/fault';
import { channelsOf, type LayerSpec } from '../../../shared/spec/layers';
import type { LayersSpec } from '../../../shared/spec/model';
import type { Layout } from './build';
import { activationOf, type Declaration, type Pass } from './layers';

type Shape = readonly number[];
type Of<Kind extends LayerSpec['kind']> = Extract<LayerSpec, { kind: Kind }>;

const invalid = ({ name, kind }: LayerSpec, reason: string): Fault =>
  new Fault('bad-value', `the layer '${name}' (${kind}) ${reason}`);

/** Pixels along one axis after a window has moved over it. */
function windows(
  length: number,
  kernel: number,
  stride: number,
  padding: Of<'conv'>['padding'],
): number {
  if (padding === 'same') return Math.ceil(length / stride);
  const padded = length + 2 * (padding === 'valid' ? 0 : padding);
  return Math.floor((padded - kernel) / stride) + 1;
}

/** Pixels that a kernel reaches over. */
const reachOf = (layer: Of<'conv'> | Of<'depthwise'>): number[] =>
  layer.kernel.map((length) => (length - 1) * layer.dilation + 1);

function slid(
  layer: Of<'conv'> | Of<'depthwise'> | Of<'pool'>,
  shape: Shape,
  channels: number,
): number[] {
  if (shape.length !== 3) throw invalid(layer, `needs images and gets ${shape.join('×')}`);
  const kernel = layer.kind === 'pool' ? layer.size : reachOf(layer);
  const [height, width] = [0, 1].map((axis) =>
    windows(shape[axis], kernel[axis], layer.stride[axis], layer.padding),
  );
  if (height < 1 || width < 1)
    throw invalid(layer, `is larger than its input of ${shape.join('×')}`);
  return [height, width, channels];
}

function joined(layer: LayerSpec, shapes: readonly Shape[]): number[] {
  const [first] = shapes;
  const axis = first.length - 1;
  const isConcat = layer.kind === 'concat';
  const fits = shapes.every(
    (shape) =>
      shape.length === first.length &&
      shape.every((n, i) => n === first[i] || (isConcat && i === axis)),
  );
  if (!fits)
    throw invalid(layer, `joins what does not fit: ${shapes.map((s) => s.join('×')).join(', ')}`);
  if (!isConcat) return [...first];
  return [...first.slice(0, -1), shapes.reduce((sum, shape) => sum + shape[axis], 0)];
}

/** What a layer gives for one sample. @throws Fault 'bad-value' where it does not fit */
function outputShape(layer: LayerSpec, shapes: readonly Shape[]): number[] {
  const [shape] = shapes;
  const channels = shape[shape.length - 1];
  switch (layer.kind) {
    case 'conv':
    case 'depthwise':
      return slid(layer, shape, channelsOf(layer, [channels]));
    case 'pool':
      return slid(layer, shape, channels);
    case 'dense':
      if (shape.length !== 1) throw invalid(layer, `needs rows and gets ${shape.join('×')}`);
      return [layer.units];
    case 'global':
      return [channels];
    case 'flatten':
      return [shape.reduce((product, length) => product * length, 1)];
    case 'pad': {
      const [top, bottom, left, right] = layer.by;
      return [shape[0] + top + bottom, shape[1] + left + right, channels];
    }
    case 'norm':
    case 'activation':
      return [...shape];
    case 'add':
    case 'concat':
      return joined(layer, shapes);
    default:
      return layer satisfies never;
  }
}

/** The tensors of a layer, in the order of Keras and PyTorch. */
function declareLayer(layer: LayerSpec, input: Shape, output: Shape, to: Declaration): void {
  const channels = input[input.length - 1];
  const { name } = layer;
  switch (layer.kind) {
    case 'conv': {
      const [height, width] = layer.kernel;
      const shape = [height, width, channels, layer.filters];
      to.tensor(`${name}.weight`, 'weight', shape);
      if (layer.bias) to.tensor(`${name}.bias`, 'bias', [layer.filters]);
      to.cost += height * width * channels * layer.filters * output[0] * output[1];
      return;
    }
    case 'depthwise': {
      const [height, width] = layer.kernel;
      const filters = channels * layer.multiplier;
      to.tensor(`${name}.weight`, 'weight', [height, width, 1, filters]);
      if (layer.bias) to.tensor(`${name}.bias`, 'bias', [filters]);
      to.cost += height * width * filters * output[0] * output[1];
      return;
    }
    case 'dense':
      to.tensor(`${name}.weight`, 'weight', [channels, layer.units]);
      if (layer.bias) to.tensor(`${name}.bias`, 'bias', [layer.units]);
      to.cost += channels * layer.units;
      return;
    case 'norm':
      if (layer.scale) to.tensor(`${name}.weight`, 'norm-scale', [channels]);
      if (layer.shift) to.tensor(`${name}.bias`, 'norm-shift', [channels]);
      to.runningStatistics(name, channels);
      return;
    default:
  }
}

/** `x` with a border on every side, where one is asked for; and how it is to be padded then. */
function bordered(x: tf.Tensor4D, padding: Of<'conv'>['padding'], value: number) {
  if (typeof padding !== 'number') return { padded: x, rest: padding };
  if (padding === 0) return { padded: x, rest: 'valid' as const };
  const margin: [number, number] = [padding, padding];
  return { padded: tf.pad4d(x, [[0, 0], margin, margin, [0, 0]], value), rest: 'valid' as const };
}

function activate({ as, slope }: Of<'activation'>, x: tf.Tensor): tf.Tensor {
  switch (as) {
    case 'relu6':
      return tf.clipByValue(x, 0, 6);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
    case 'elu':
      return tf.elu(x);
    case 'relu':
    case 'leaky':
    case 'tanh':
    case 'softplus':
    case 'gelu':
      return activationOf(as, slope)(x);
    default:
      return as satisfies never;
  }
}

/** Batch norm over rows or images alike. */
function normalised(pass: Pass, layer: Of<'norm'>, x: tf.Tensor): tf.Tensor {
  if (x.rank === 4) return pass.batchNorm(layer.name, x as tf.Tensor4D, layer.epsilon);
  const image = tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]!]) as tf.Tensor4D;
  return tf.reshape(pass.batchNorm(layer.name, image, layer.epsilon), x.shape);
}

function applyLayer(pass: Pass, layer: LayerSpec, inputs: readonly tf.Tensor[]): tf.Tensor {
  const [x] = inputs;
  const image = x as tf.Tensor4D;
  switch (layer.kind) {
    case 'conv': {
      const { padded, rest } = bordered(image, layer.padding, 0);
      const kernel = pass.tensor(`${layer.name}.weight`) as tf.Tensor4D;
      const { stride, dilation } = layer;
      return pass.biased(
        layer.name,
        tf.conv2d(padded, kernel, stride, rest, 'NHWC', [dilation, dilation]),
      );
    }
    case 'depthwise': {
      const { kernel, multiplier, stride, dilation } = layer;
      const { padded, rest } = bordered(image, layer.padding, 0);
      const flat = pass.tensor(`${layer.name}.weight`);
      const weights = tf.reshape(flat, [...kernel, image.shape[3], multiplier]) as tf.Tensor4D;
      const spread: [number, number] = [dilation, dilation];
      return pass.biased(
        layer.name,
        tf.depthwiseConv2d(padded, weights, stride, rest, 'NHWC', spread),
      );
    }
    case 'pool': {
      const isMax = layer.as === 'max';
      const { padded, rest } = bordered(image, layer.padding, isMax ? -Infinity : 0);
      const pool = isMax ? tf.maxPool : tf.avgPool;
      return pool(padded, layer.size, layer.stride, rest);
    }
    case 'dense':
      return pass.dense(layer.name, x as tf.Tensor2D);
    case 'norm':
      return normalised(pass, layer, x);
    case 'activation':
      return activate(layer, x);
    case 'global':
      return layer.as === 'max' ? tf.max(x, [1, 2]) : tf.mean(x, [1, 2]);
    case 'flatten': {
      const laid = layer.planar && x.rank === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x;
      return tf.reshape(laid, [x.shape[0], -1]);
    }
    case 'pad': {
      const [top, bottom, left, right] = layer.by;
      return tf.pad4d(image, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]);
    }
    case 'add':
      return tf.addN([...inputs]);
    case 'concat':
      return tf.concat([...inputs], -1);
    default:
      return layer satisfies never;
  }
}

const INPUT = 'input';

/** The inputs of a layer among what was made before it. */
function taken<T>(layer: LayerSpec, made: ReadonlyMap<string, T>): T[] {
  return layer.from.map((name) => {
    const found = made.get(name);
    if (found === undefined) throw invalid(layer, `takes '${name}', which does not come before it`);
    return found;
  });
}

/** The family as `build.ts` wants it. */
export function layered({ input: asked, layers }: LayersSpec) {
  const last = layers[layers.length - 1];
  return {
    declare(to: Declaration, layout: Layout): void {
      const input = asked ?? layout.inputShape;
      if (input.join() !== layout.inputShape.join()) {
        throw new Fault(
          'bad-value',
          `this network takes ${input.join('×')} and the dataset has ${layout.inputShape.join('×')}; give the data it was trained on by --dataset`,
        );
      }
      const shapes = new Map<string, Shape>([[INPUT, input]]);
      for (const layer of layers) {
        const from = taken(layer, shapes);
        const output = outputShape(layer, from);
        declareLayer(layer, from[0], output, to);
        shapes.set(layer.name, output);
      }
      const logits = shapes.get(last.name)!;
      if (logits.length === 1 && logits[0] === layout.classes) return;
      throw new Fault(
        'bad-value',
        `this network gives ${logits.join('×')} numbers and the dataset has ${layout.classes} classes; give the data it was trained on by --dataset`,
      );
    },
    forward(pass: Pass, images: tf.Tensor): tf.Tensor2D {
      const made = new Map<string, tf.Tensor>([[INPUT, images]]);
      for (const layer of layers) made.set(layer.name, applyLayer(pass, layer, taken(layer, made)));
      return made.get(last.name) as tf.Tensor2D;
    },
    blocks: 1,
    isInBranch: () => false,
    isLastOfBranch: () => false,
  };
}
