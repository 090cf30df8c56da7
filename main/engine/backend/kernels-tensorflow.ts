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
}
