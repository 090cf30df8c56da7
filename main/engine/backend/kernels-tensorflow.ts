/**
 * Our kernels on the `tensorflow` tier: TensorFlow's own fused operations, which tfjs-node does not
 * reach.
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
import type { Binding, NodeBackend, OpAttribute } from './tensorflow';

const floatType = (binding: Binding, name: string): OpAttribute => ({
  name,
  type: binding.TF_ATTR_TYPE,
  value: binding.TF_FLOAT,
});

const batchNormAttributes = (binding: Binding): OpAttribute[] => [
  floatType(binding, 'T'),
  floatType(binding, 'U'),
  { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: EPSILON },
  { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
  { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
];

interface FilterGradientAttributes {
  readonly strides: number | [number, number];
  readonly filterShape: [number, number, number, number];
}

/**
 * Gives the filter gradient of a 1×1 convolution with a stride, as shortcuts have, what that
 * convolution looked at and no more: every `stride`-th row and column, without a stride.
 *
 * oneDNN takes the same short cut by itself, and on processors with AVX2 and no AVX-512 it does so
 * wrongly for fewer than eight channels: part of the gradient is whatever lay in memory.
 */
function computeShortcutFilters(): void {
  const known = tf.getKernel('Conv2DBackpropFilter', 'tensorflow')!;
  tf.unregisterKernel('Conv2DBackpropFilter', 'tensorflow');
  tf.registerKernel({
    ...known,
    kernelFunc: (call) => {
      const { strides, filterShape } = call.attrs as unknown as FilterGradientAttributes;
      const [down, right] = typeof strides === 'number' ? [strides, strides] : strides;
      const isPoint = filterShape[0] === 1 && filterShape[1] === 1;
      if (!isPoint || (down === 1 && right === 1)) return known.kernelFunc(call);
      return tf.tidy(() => {
        const x = tf.stridedSlice(
          call.inputs['x'] as tf.Tensor4D,
          [0, 0, 0, 0],
          (call.inputs['x'] as tf.Tensor4D).shape,
          [1, down, right, 1],
        );
        return known.kernelFunc({
          ...call,
          inputs: { ...call.inputs, x },
          attrs: { ...call.attrs, strides: 1 },
        }) as tf.Tensor;
      });
    },
  });
}

/** Registers the kernels for `backend`. */
export function registerTensorflowKernels(backend: NodeBackend): void {
  const { binding } = backend;
  const register = (
    kernelName: string,
    kernelFunc: (inputs: tf.NamedTensorInfoMap) => tf.TensorInfo | tf.TensorInfo[],
  ) =>
    tf.registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs }) => kernelFunc(inputs),
    });

  register(BATCH_NORM, ({ x, scale, shift }) =>
    tf.tidy(() => {
      const none = tf.tensor1d([]);
      const inputs = [x!, scale!, shift!, none, none];
      return backend.executeMultipleOutputs(
        'FusedBatchNormV3',
        batchNormAttributes(binding),
        inputs,
        6,
      );
    }),
  );
  register(BATCH_NORM_GRAD, ({ dy, x, scale, first, second, third }) => {
    const inputs = [dy!, x!, scale!, first!, second!, third!];
    const outputs = backend.executeMultipleOutputs(
      'FusedBatchNormGradV3',
      batchNormAttributes(binding),
      inputs,
      5,
    );
    outputs.slice(3).forEach((unused) => unused.dispose());
    return outputs.slice(0, 3);
  });
  register(RELU_GRAD, ({ dy, y }) =>
    backend.executeSingleOutput('ReluGrad', [floatType(binding, 'T')], [dy!, y!]),
  );
  register(BIAS_ADD, ({ x, bias }) =>
    backend.executeSingleOutput('BiasAdd', [floatType(binding, 'T')], [x!, bias!]),
  );
  register(CROSS_ENTROPY, ({ logits, targets }) =>
    backend.executeMultipleOutputs(
      'SoftmaxCrossEntropyWithLogits',
      [floatType(binding, 'T')],
      [logits!, targets!],
      2,
    ),
  );
  computeShortcutFilters();
}
