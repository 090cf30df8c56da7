/**
 * Which tier the engine is to start with on this machine, and one sentence why not a better one.
 */

import { findCards } from './tools';
import { findProvision, provision, type Build, type Progress, type Provision } from './provision';

/** What a host tells the engine it forks. */
export type BackendChoice =
  | { readonly tier: 'tensorflow'; readonly provision: Provision }
  | { readonly tier: 'wasm'; readonly reason: string };

export interface ChooseOptions {
  /** Left out: CUDA where there is a card, else CPU. */
  readonly build?: Build | 'wasm' | undefined;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** The tier asked for by ISOCURVE_BACKEND: cpu, cuda or wasm. */
function fromEnvironment(): ChooseOptions['build'] {
  const asked = process.env['ISOCURVE_BACKEND'];
  return asked === 'cpu' || asked === 'cuda' || asked === 'wasm' ? asked : undefined;
}

/** Provisions what is asked for, or the best there is; falls back to wasm and says why. */
export async function chooseBackend(options: ChooseOptions = {}): Promise<BackendChoice> {
  const asked = options.build ?? fromEnvironment();
  if (asked === 'wasm') return { tier: 'wasm', reason: 'it was asked for' };
  const build = asked ?? ((await findCards()).length > 0 ? 'cuda' : 'cpu');
  try {
    const ready =
      findProvision(build) ??
      (await provision(build, options.onProgress ?? (() => undefined), options.signal));
    return { tier: 'tensorflow', provision: ready };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return { tier: 'wasm', reason: (error as Error).message };
  }
}

/** The environment in which an engine of this choice is to be forked. */
export function engineEnvironment(choice: BackendChoice): NodeJS.ProcessEnv {
  // oneDNN's convolutions halve a step; TensorFlow turns them on by itself only on CPUs with VNNI.
  const base = { ...process.env, TF_ENABLE_ONEDNN_OPTS: '1', TF_CPP_MIN_LOG_LEVEL: '2' };
  if (choice.tier === 'wasm' || choice.provision.libraryFolders.length === 0) return base;
  const search = [...choice.provision.libraryFolders, process.env['LD_LIBRARY_PATH'] ?? ''];
  return { ...base, LD_LIBRARY_PATH: search.filter((path) => path !== '').join(':') };
}
