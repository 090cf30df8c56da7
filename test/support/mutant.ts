/** Files that somebody or something has damaged. */

import { stream } from '../../main/engine/backend/random';

/** A copy with some bytes changed, cut off, or doubled; the same for the same seed. */
export function mutant(original: Buffer, seed: number): Buffer {
  const chance = stream(seed, 'mutants');
  const whole = (below: number) => Math.floor(chance.uniform() * below);
  const copy = Buffer.from(original);
  const kind = whole(10);
  if (kind === 0) return copy.subarray(0, whole(copy.length));
  if (kind === 1) {
    const at = whole(copy.length);
    return Buffer.concat([copy.subarray(0, at), copy.subarray(whole(copy.length))]);
  }
  // Most changes at the front, where headers are.
  const reach = kind < 6 ? Math.min(copy.length, 256) : copy.length;
  for (let i = 0; i <= whole(6); i++) copy[whole(reach)] = whole(256);
  return copy;
}
