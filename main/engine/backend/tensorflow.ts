/**
 * The `tensorflow` tier: the kernels of tfjs-node-gpu over the binding and libtensorflow that
 * `native/` provided, built for the CPU or for CUDA.
 */

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';

const require = createRequire(import.meta.url);

/** One attribute of a TensorFlow operation, in the binding's own terms. */
export interface OpAttribute {
  name: string;
  type: number;
  value: string | number | boolean | number[];
}

interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** What of tfjs-node's N-API binding is used here (its full list: binding/tfjs_binding.cc). */
export interface Binding {
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], names: string, outputs: string): TensorMetadata[];
}

/** What of tfjs-node's NodeJSKernelBackend is used here. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: Binding;
  executeSingleOutput(op: string, attrs: OpAttribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(
    op: string,
    attrs: OpAttribute[],
    inputs: tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
}

/**
 * Node 23 removed these two helpers of `util`, which tfjs-node 4.22.0 still calls
 * (tensorflow/tfjs#8425).
 */
function restoreUtilHelpers(): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

/** Loads the binding at `bindingPath` and makes `tensorflow` the current tfjs backend. */
export function startTensorflow(bindingPath: string): NodeBackend {
  restoreUtilHelpers();
  // TensorFlow's C++ side logs its CPU features on every start; errors still come through.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const binding = require(bindingPath) as Binding;
  // index.js of the package insists on node-pre-gyp's folder, so its parts are loaded one by one.
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
  const { NodeJSKernelBackend } =
    require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend') as {
      NodeJSKernelBackend: new (binding: Binding, name: string) => NodeBackend;
    };
  const backend = new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu');
  tf.registerBackend('tensorflow', () => backend);
  tf.setBackend('tensorflow');
  return backend;
}
