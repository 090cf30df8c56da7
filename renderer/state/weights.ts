/** The network that weights are of, as far as it is chosen by hand. */

import type { TensorEntry } from '../../shared/spec/foreign';
import type { resnetSkips } from '../../shared/spec/model';

export interface NetworkChoice {
  readonly depth: number;
  readonly width: number;
  readonly skip: (typeof resnetSkips)[number];
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** What files of one kind have in common: the names and shapes of their tensors (FNV-1a). */
export function signatureOf(tensors: readonly TensorEntry[]): string {
  const text = tensors.map(({ name, shape }) => `${name} ${shape.join('×')}`).join('\n');
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME) >>> 0;
  }
  return `${tensors.length}-${hash.toString(16).padStart(8, '0')}`;
}
