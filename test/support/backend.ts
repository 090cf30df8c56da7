/** Starts a backend for a test file, and counts what a test leaves behind. */

import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { startBackend, type Backend } from '../../main/engine/backend/start';
import { chooseBackend, type BackendChoice } from '../../main/native/choose';

const choice: BackendChoice = await chooseBackend();

/**
 * Whether this machine has the tensorflow tier; its tests are skipped with the reason where not.
 */
export const hasTensorflow = choice.tier === 'tensorflow';

/** The best tier here, or wasm. Once per test file. */
export const startForTest = (tier?: 'wasm'): Promise<Backend> =>
  startBackend(tier === 'wasm' ? { tier, reason: 'a test asked for it' } : choice);

/** Runs `work` and expects as many live tensors after it as before. */
export async function keepsNoTensors(work: () => unknown): Promise<void> {
  const before = tf.memory().numTensors;
  await work();
  expect(tf.memory().numTensors).toBe(before);
}
