/**
 * Our kernels on the `wasm` tier, composed from kernels that it has, and `Conv2DBackpropFilter`,
 * which it lacks.
 * Inside a kernel nothing is taped, so these compositions cost no gradient bookkeeping.
 */

import * as tf from '@tensorflow/tfjs';
import {
  BATCH_NORM,
  BATCH_NORM_GRAD,
  BIAS_ADD,
  CROSS_ENTROPY,
  EPSILON,
  RELU_GRAD,
} from './kernels';

const CHANNELS_LAST = [0, 1, 2];

const register = (
  kernelName: string,
  kernelFunc: (inputs: Map<string, tf.Tensor>, attrs: tf.NamedAttrMap) => tf.Tensor | tf.Tensor[],
) =>
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => kernelFunc(new Map(Object.entries(inputs as tf.NamedTensorMap)), attrs ?? {})),
  });

/**
 * ∂L/∂filter of a convolution is itself a convolution: of the input with batch and channels
 * exchanged, by the
 * output's gradient with batch and space exchanged, the stride becoming a dilation.
 */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, attrs: tf.NamedAttrMap): tf.Tensor4D {
  const { strides, pad, dimRoundingMode, filterShape } = attrs as unknown as {
    strides: number | [number, number];
    pad: 'valid' | 'same' | number;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
    filterShape: [number, number, number, number];
  };
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { top, bottom, left, right } = info.padInfo;
  const padded = tf.pad4d(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  const images = tf.transpose(padded, [3, 1, 2, 0]);
  const kernel = tf.transpose(dy, [1, 2, 0, 3]);
  const dilation: [number, number] = [info.strideHeight, info.strideWidth];
  const wide = tf.conv2d(images, kernel, 1, 'valid', 'NHWC', dilation);
  // Rows of the input that no stride reached give places beyond the filter; they are cut off.
  const [height, width, input, output] = filterShape;
  const gradient = tf.slice(wide, [0, 0, 0, 0], [input, height, width, output]);
  return tf.transpose(gradient, [1, 2, 0, 3]);
}

/**
 * y, mean, unbiased variance, then what the gradient wants: mean, 1/√(biased variance + ε), and
 * nothing.
 */
function batchNorm(x: tf.Tensor4D, scale: tf.Tensor1D, shift: tf.Tensor1D): tf.Tensor[] {
  const mean = tf.mean(x, CHANNELS_LAST);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.mul(centred, centred), CHANNELS_LAST);
  const inverse = tf.rsqrt(tf.add(variance, EPSILON));
  const y = tf.add(tf.mul(centred, tf.mul(inverse, scale)), shift);
  const count = x.size / x.shape[3];
  const unbiased = tf.mul(variance, count / Math.max(1, count - 1));
  return [y, mean, unbiased, tf.clone(mean), inverse, tf.scalar(0)];
}

/** Ioffe & Szegedy 2015, §3: the gradients of batch normalisation in x̂ = (x − mean)·inverse. */
function batchNormGradient(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  mean: tf.Tensor1D,
  inverse: tf.Tensor1D,
): tf.Tensor[] {
  const unit = tf.mul(tf.sub(x, mean), inverse);
  const dshift = tf.sum(dy, CHANNELS_LAST);
  const dscale = tf.sum(tf.mul(dy, unit), CHANNELS_LAST);
  const count = x.size / x.shape[3];
  const spread = tf.add(dshift, tf.mul(unit, dscale));
  const dx = tf.mul(tf.mul(scale, inverse), tf.sub(dy, tf.div(spread, count)));
  return [dx, dscale, dshift];
}

/** Per-sample loss and its gradient in the logits, softmax − targets. */
function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor[] {
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const total = tf.sum(exponentials, 1, true);
  const logSoftmax = tf.sub(shifted, tf.log(total));
  const losses = tf.neg(tf.sum(tf.mul(targets, logSoftmax), 1));
  return [losses, tf.sub(tf.div(exponentials, total), targets)];
}

/** Registers the kernels; the wasm backend must be current. */
export function registerWasmKernels(): void {
  register(tf.Conv2DBackpropFilter, (inputs, attrs) =>
    filterGradient(inputs.get('x') as tf.Tensor4D, inputs.get('dy') as tf.Tensor4D, attrs),
  );
  register(BATCH_NORM, (inputs) =>
    batchNorm(
      inputs.get('x') as tf.Tensor4D,
      inputs.get('scale') as tf.Tensor1D,
      inputs.get('shift') as tf.Tensor1D,
    ),
  );
  register(BATCH_NORM_GRAD, (inputs) =>
    batchNormGradient(
      inputs.get('dy') as tf.Tensor4D,
      inputs.get('x') as tf.Tensor4D,
      inputs.get('scale') as tf.Tensor1D,
      inputs.get('first') as tf.Tensor1D,
      inputs.get('second') as tf.Tensor1D,
    ),
  );
  register(RELU_GRAD, (inputs) => tf.mul(inputs.get('dy')!, tf.step(inputs.get('y')!)));
  register(BIAS_ADD, (inputs) => tf.add(inputs.get('x')!, inputs.get('bias')!));
  register(CROSS_ENTROPY, (inputs) =>
    crossEntropy(inputs.get('logits') as tf.Tensor2D, inputs.get('targets') as tf.Tensor2D),
  );
}
