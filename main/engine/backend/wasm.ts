/**
 * The `wasm` tier: tfjs's WebAssembly kernels, completed so that networks train there too. Always
 * available.
 */

import { dirname, join, sep } from 'node:path';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { registerWasmKernels } from './kernels-wasm';

const require = createRequire(import.meta.url);

/** Makes `wasm` the current tfjs backend. */
export async function startWasm(): Promise<void> {
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm') as {
    setWasmPaths(folder: string): void;
  };
  const entry = require.resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(join(dirname(entry), 'dist') + sep);
  await tf.setBackend('wasm');
  await tf.ready();
  registerWasmKernels();
}
