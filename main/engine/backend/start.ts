/**
 * Starts the tensor backend that the host chose, and falls back to wasm with one sentence when it
 * will not load.
 */

import type { BackendChoice } from '../../native/choose';
import { registerGradients } from './kernels';
import { registerTensorflowKernels } from './kernels-tensorflow';
import { startTensorflow, type NodeBackend } from './tensorflow';
import { startWasm } from './wasm';

/** The running backend, for manifests and for the doctor. */
export interface BackendInfo {
  readonly tier: 'tensorflow' | 'wasm';
  /** Of libtensorflow or of tfjs. */
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
  /** Why it is not a better tier; null when it is the best. */
  readonly reason: string | null;
}

export interface Backend {
  readonly info: BackendInfo;
  /** What `record` replays on; null where steps run eagerly. */
  readonly node: NodeBackend | null;
}

export async function startBackend(choice: BackendChoice): Promise<Backend> {
  registerGradients();
  let reason = choice.tier === 'wasm' ? choice.reason : '';
  if (choice.tier === 'tensorflow') {
    try {
      const node = startTensorflow(choice.provision.binding);
      registerTensorflowKernels(node);
      const device = node.binding.isUsingGpuDevice() ? 'gpu' : 'cpu';
      const info = { tier: 'tensorflow', version: node.binding.TF_Version, device } as const;
      return { node, info: { ...info, reason: null } };
    } catch (error) {
      reason = `libtensorflow would not load (${(error as Error).message})`;
    }
  }
  await startWasm();
  return { node: null, info: { tier: 'wasm', version: '4.22.0', device: 'cpu', reason } };
}
