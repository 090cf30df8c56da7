/**
 * Brings an engine up for a command: provisions its backend at first use, and says what it runs on.
 */

import { startEngine, type Engine } from '../host/engine-process';
import { chooseBackend, type ChooseOptions } from '../native/choose';
import type { Progress } from '../native/provision';
import { ProgressLine, tell } from './print';

const STEPS = {
  download: 'fetching libtensorflow (once per user)',
  unpack: 'unpacking libtensorflow',
  compile: 'compiling the binding',
} as const;

/** Shows what provisioning does. */
export function provisionProgress(line: ProgressLine): (progress: Progress) => void {
  return ({ step, share }) =>
    line.update({ share: share ?? 0, eta: null, phase: STEPS[step], state: 'running' });
}

/** Runs `use` with an engine and stops the engine however it ends. */
export async function withEngine<T>(
  build: ChooseOptions['build'],
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const line = new ProgressLine();
  const choice = await chooseBackend({ build, onProgress: provisionProgress(line) });
  line.clear();
  const engine = await startEngine(choice);
  try {
    const { backend } = await engine.call('engine/info', {});
    if (backend.tier === 'wasm' && choice.tier === 'wasm' && build !== 'wasm') {
      tell(`running on WebAssembly, several times slower: ${backend.reason}`);
    }
    return await use(engine);
  } finally {
    await engine.stop();
  }
}
