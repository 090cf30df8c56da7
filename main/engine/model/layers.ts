/**
 * Layers as declarations and as operations: a network first declares its tensors in the order
 * PyTorch would list
 * them, then is applied by looking them up. Padding follows PyTorch's.
 */

import * as tf from '@tensorflow/tfjs';
import { batchNorm, biasAdd, EPSILON } from '../backend/kernels';
import type { NormMode, Parameter, ParameterRole, Statistic } from './model';

export type Norm = 'batch' | 'layer' | 'none';

/** Collects the tensors of a network, in order, and its cost. */
export class Declaration {
  readonly parameters: Parameter[] = [];
  readonly statistics: Statistic[] = [];
  size = 0;
  statisticsSize = 0;
  cost = 0;

  constructor(private readonly norm: Norm) {}

  /** A convolution without bias, or with one where no norm follows to shift its output. */
  conv(name: string, kernel: number, input: number, output: number, pixels: number): void {
    this.tensor(`${name}.weight`, 'weight', [kernel, kernel, input, output]);
    if (this.norm === 'none') this.tensor(`${name}.bias`, 'bias', [output]);
    this.cost += kernel * kernel * input * output * pixels;
  }

  dense(name: string, input: number, output: number, bias = this.norm === 'none'): void {
    this.tensor(`${name}.weight`, 'weight', [input, output]);
    if (bias) this.tensor(`${name}.bias`, 'bias', [output]);
    this.cost += input * output;
  }

  normalisation(name: string, channels: number): void {
    if (this.norm === 'none') return;
    this.tensor(`${name}.weight`, 'norm-scale', [channels]);
    this.tensor(`${name}.bias`, 'norm-shift', [channels]);
    if (this.norm === 'batch') this.runningStatistics(name, channels);
  }

  /** Mean and variance of a batch norm. */
  runningStatistics(name: string, channels: number): void {
    for (const kind of ['mean', 'variance'] as const) {
      const offset = this.statisticsSize;
      this.statistics.push({ name: `${name}.running_${kind}`, kind, size: channels, offset });
      this.statisticsSize += channels;
    }
  }

  /** One trainable tensor; the last axis of weights counts filters. */
  tensor(name: string, role: ParameterRole, shape: number[]): void {
    const size = shape.reduce((product, length) => product * length, 1);
    const filterAxis = role === 'weight' ? shape.length - 1 : null;
    this.parameters.push({ name, role, shape, offset: this.size, size, filterAxis });
    this.size += size;
  }
}

/**
 * One application of a network: its tensors by name, and the batch statistics it meets on the way.
 */
export class Pass {
  private readonly measured = new Map<string, tf.Tensor1D>();

  constructor(
    private readonly parameters: Map<string, tf.Tensor>,
    private readonly running: Map<string, tf.Tensor>,
    private readonly mode: NormMode,
    private readonly norm: Norm,
    private readonly activate: (x: tf.Tensor4D) => tf.Tensor4D,
  ) {}

  /** x [batch, height, width, in] → [batch, …, out], with the bias where there is one. */
  conv(name: string, x: tf.Tensor4D, stride: 1 | 2 = 1): tf.Tensor4D {
    return this.biased(name, convolve(x, this.tensor(`${name}.weight`) as tf.Tensor4D, stride));
  }

  /** `y` with the bias of a layer where it has one. */
  biased(name: string, y: tf.Tensor4D): tf.Tensor4D {
    return this.parameters.has(`${name}.bias`)
      ? biasAdd(y, this.tensor(`${name}.bias`) as tf.Tensor1D)
      : y;
  }

  /**
   * A convolution and the normalisation after it. With frozen statistics both are one affine map,
   * so the norm is
   * folded into kernel and bias, which the backend then fuses: a fifth less time for a scan point.
   */
  convNorm(name: string, norm: string, x: tf.Tensor4D, stride: 1 | 2 = 1): tf.Tensor4D {
    if (this.norm !== 'batch' || this.mode !== 'frozen') {
      return this.normalise(norm, this.conv(name, x, stride));
    }
    const statistic = (kind: string) => this.running.get(`${norm}.running_${kind}`)!;
    const inverse = tf.rsqrt(tf.add(statistic('variance'), EPSILON));
    const scale = tf.mul(this.tensor(`${norm}.weight`), inverse);
    const bias = tf.sub(this.tensor(`${norm}.bias`), tf.mul(statistic('mean'), scale));
    const kernel = tf.mul(this.tensor(`${name}.weight`), scale) as tf.Tensor4D;
    return biasAdd(convolve(x, kernel, stride), bias as tf.Tensor1D);
  }

  /** x [batch, in] → [batch, out] */
  dense(name: string, x: tf.Tensor2D): tf.Tensor2D {
    const y: tf.Tensor2D = tf.matMul(x, this.tensor(`${name}.weight`) as tf.Tensor2D);
    return this.parameters.has(`${name}.bias`) ? tf.add(y, this.tensor(`${name}.bias`)) : y;
  }

  normalise(name: string, x: tf.Tensor4D): tf.Tensor4D {
    if (this.norm === 'none') return x;
    const scale = this.tensor(`${name}.weight`) as tf.Tensor1D;
    const shift = this.tensor(`${name}.bias`) as tf.Tensor1D;
    if (this.norm === 'layer') return layerNorm(x, scale, shift);
    if (this.mode === 'frozen') return this.byRunning(name, x, scale, shift, EPSILON);
    const { y, mean, variance } = batchNorm(x, scale, shift);
    this.keep(name, mean, variance);
    return y;
  }

  /** Batch norm of any epsilon, with or without scale and shift. */
  batchNorm(name: string, x: tf.Tensor4D, epsilon: number): tf.Tensor4D {
    const channels = x.shape[3];
    const scale = this.parameters.get(`${name}.weight`) ?? tf.ones([channels]);
    const shift = this.parameters.get(`${name}.bias`) ?? tf.zeros([channels]);
    if (this.mode === 'frozen') return this.byRunning(name, x, scale, shift, epsilon);
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    this.keep(name, mean as tf.Tensor1D, variance as tf.Tensor1D);
    const unit = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
    return tf.add(tf.mul(unit, scale), shift);
  }

  private byRunning(
    name: string,
    x: tf.Tensor4D,
    scale: tf.Tensor,
    shift: tf.Tensor,
    epsilon: number,
  ): tf.Tensor4D {
    const of = (kind: string) => this.running.get(`${name}.running_${kind}`) as tf.Tensor1D;
    const [mean, variance] = [of('mean'), of('variance')];
    return tf.batchNorm4d(x, mean, variance, shift as tf.Tensor1D, scale as tf.Tensor1D, epsilon);
  }

  private keep(name: string, mean: tf.Tensor1D, variance: tf.Tensor1D): void {
    this.measured.set(`${name}.running_mean`, mean);
    this.measured.set(`${name}.running_variance`, variance);
  }

  activation(x: tf.Tensor4D): tf.Tensor4D {
    return this.activate(x);
  }

  /**
   * The measured statistics as a flat vector in the order of `declared`, or `fallback` where none
   * were measured.
   */
  statistics(declared: readonly Statistic[], fallback: tf.Tensor1D): tf.Tensor1D {
    if (this.measured.size === 0) return fallback;
    return tf.concat1d(declared.map((statistic) => this.measured.get(statistic.name)!));
  }

  tensor(name: string): tf.Tensor {
    return this.parameters.get(name)!;
  }
}

/**
 * x [batch, height, width, in] → [batch, ⌊(height − 1)/stride⌋ + 1, …, out], padded as PyTorch
 * pads.
 */
function convolve(x: tf.Tensor4D, kernel: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D {
  if (stride === 1) return tf.conv2d(x, kernel, 1, 'same');
  // At stride 2, TensorFlow's 'same' would pad below and right only; PyTorch pads all sides.
  const reach = (kernel.shape[0] - 1) / 2;
  const margin: [number, number] = [reach, reach];
  const padded = reach === 0 ? x : tf.pad4d(x, [[0, 0], margin, margin, [0, 0]]);
  return tf.conv2d(padded, kernel, stride, 'valid');
}

/**
 * Per sample over space and channels, with a scale and shift per channel (Wu & He 2018 with one
 * group).
 */
function layerNorm(x: tf.Tensor4D, scale: tf.Tensor1D, shift: tf.Tensor1D): tf.Tensor4D {
  const centred = tf.sub(x, tf.mean(x, [1, 2, 3], true));
  const variance = tf.mean(tf.mul(centred, centred), [1, 2, 3], true);
  const unit = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(unit, scale), shift);
}

/** The activation of a spec as a function of any tensor. */
export function activationOf(
  kind: 'relu' | 'leaky' | 'tanh' | 'gelu' | 'softplus',
  leak: number,
): <T extends tf.Tensor>(x: T) => T {
  switch (kind) {
    case 'relu':
      return (x) => tf.relu(x);
    case 'leaky':
      // max(x, 0) and its mirror, because the leaky kernel's gradient is missing on some tiers.
      return (x) => tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), leak));
    case 'tanh':
      return (x) => tf.tanh(x);
    case 'gelu':
      // x·Φ(x) with the exact error function, as PyTorch's default.
      return (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    case 'softplus':
      return (x) => tf.softplus(x);
    default:
      return kind satisfies never;
  }
}
