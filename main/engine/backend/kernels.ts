/**
 * Kernels and gradients that tfjs lacks or composes from many small operations, under names of
 * their own:
 * batch normalisation with batch statistics, the ReLU gradient, softmax cross-entropy. Knows no
 * tier;
 * `kernels-tensorflow.ts` and `kernels-wasm.ts` register the implementations.
 */

import * as tf from '@tensorflow/tfjs';

export const BATCH_NORM = 'BatchNormTraining';
export const BATCH_NORM_GRAD = 'BatchNormTrainingGrad';
export const RELU_GRAD = 'ReluGrad';
export const BIAS_ADD = 'BiasAdd';
export const CROSS_ENTROPY = 'SoftmaxCrossEntropy';

/** PyTorch's and the reference code's ε inside the square root. */
export const EPSILON = 1e-5;

/** The current batch's statistics beside the normalised batch. */
export interface Normalised {
  /** [batch, height, width, channels] */
  y: tf.Tensor4D;
  /** [channels] */
  mean: tf.Tensor1D;
  /** [channels], unbiased (divided by n − 1), as PyTorch stores it in its running averages. */
  variance: tf.Tensor1D;
}

/**
 * Batch normalisation by the statistics of `x` itself: scale·(x − mean)/√(biased variance + ε) +
 * shift.
 */
export function batchNorm(x: tf.Tensor4D, scale: tf.Tensor1D, shift: tf.Tensor1D): Normalised {
  const outputs = tf.engine().runKernel<tf.Tensor[]>(BATCH_NORM, { x, scale, shift });
  return {
    y: outputs[0] as tf.Tensor4D,
    mean: outputs[1] as tf.Tensor1D,
    variance: outputs[2] as tf.Tensor1D,
  };
}

/**
 * x + bias along the last axis, as the one operation that a backend fuses with the convolution
 * before it.
 */
export const biasAdd = (x: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D =>
  tf.engine().runKernel<tf.Tensor4D>(BIAS_ADD, { x, bias });

/**
 * Softmax cross-entropy per sample [batch] of `logits` against `targets`, both [batch, classes].
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  const outputs = tf.engine().runKernel<tf.Tensor[]>(CROSS_ENTROPY, { logits, targets });
  return outputs[0] as tf.Tensor1D;
}

/** Registers the gradients, which are the same on every tier. */
export function registerGradients(): void {
  tf.registerGradient({
    kernelName: BATCH_NORM,
    inputsToSave: ['x', 'scale'],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dys, saved) => {
      const [x, scale, first, second, third] = saved;
      const inputs = { dy: (dys as tf.Tensor[])[0], x, scale, first, second, third };
      const [dx, dscale, dshift] = tf.engine().runKernel<tf.Tensor[]>(BATCH_NORM_GRAD, inputs);
      return { x: () => dx, scale: () => dscale, shift: () => dshift };
    },
  });
  tf.registerGradient({
    kernelName: BIAS_ADD,
    gradFunc: (dy) => ({
      x: () => dy as tf.Tensor,
      bias: () => tf.sum(dy as tf.Tensor, [0, 1, 2]),
    }),
  });
  tf.registerGradient({
    kernelName: CROSS_ENTROPY,
    outputsToSave: [false, true],
    gradFunc: (dys, saved) => ({
      logits: () => tf.mul(tf.expandDims((dys as tf.Tensor[])[0], 1), saved[0]),
      // Targets are data here; nothing asks for their gradient.
      targets: () => tf.zerosLike(saved[0]),
    }),
  });
  tf.unregisterGradient(tf.Relu);
  tf.registerGradient({
    kernelName: tf.Relu,
    outputsToSave: [true],
    gradFunc: (dy, saved) => ({
      x: () => tf.engine().runKernel<tf.Tensor>(RELU_GRAD, { dy: dy as tf.Tensor, y: saved[0] }),
    }),
  });
}
