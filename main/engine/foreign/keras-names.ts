/**
 * Gives the tensors of a Keras file the names of its own layers: its archives number them, and
 * older ones call layers by their classes.
 */

import { Fault } from '../../../shared/fault';
import type { LayerSpec } from '../../../shared/spec/layers';
import type { LayersSpec } from '../../../shared/spec/model';
import { kerasNetwork, Unsupported } from './keras-model';
import type { ForeignTensor } from './tensors';

/** What a layer keeps, in Keras' order. */
function partsOf(layer: LayerSpec): string[] {
  switch (layer.kind) {
    case 'conv':
    case 'dense':
      return ['weight', ...(layer.bias ? ['bias'] : [])];
    case 'norm':
      return [
        ...(layer.scale ? ['weight'] : []),
        ...(layer.shift ? ['bias'] : []),
        'running_mean',
        'running_variance',
      ];
    default:
      return [];
  }
}

const CLASSES: Readonly<Partial<Record<LayerSpec['kind'], string>>> = {
  conv: 'conv2d',
  dense: 'dense',
  norm: 'batch_normalization',
};

const WORDS = new Map([
  ['kernel', 'weight'],
  ['gamma', 'weight'],
  ['bias', 'bias'],
  ['beta', 'bias'],
  ['moving_mean', 'running_mean'],
  ['moving_variance', 'running_variance'],
]);

/**
 * The layer and part that a name of the file means: `conv/0`, `conv/kernel`,
 * `conv/net/conv/kernel`.
 */
function meant(name: string, layers: ReadonlyMap<string, LayerSpec>): string | null {
  const rooms = name.split('/');
  const last = rooms[rooms.length - 1];
  const layer = layers.get(rooms[0]) ?? layers.get(rooms.slice(0, -1).join('/'));
  if (layer === undefined) return null;
  const part = WORDS.get(last) ?? partsOf(layer)[/^\d+$/.test(last) ? Number(last) : -1];
  return part === undefined ? null : `${layer.name}.${part}`;
}

/** Layers by their own names, and by those that Keras 3.0 made of their classes. */
function byName({ layers }: LayersSpec): Map<string, LayerSpec> {
  const known = new Map<string, LayerSpec>();
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const base = CLASSES[layer.kind];
    if (base === undefined) continue;
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    known.set(count === 0 ? base : `${base}_${count}`, layer);
  }
  for (const layer of layers) if (CLASSES[layer.kind] !== undefined) known.set(layer.name, layer);
  return known;
}

/**
 * The architecture in a file's config, with its tensors called by its layers; or why there is none.
 */
export function networkOf(
  tensors: readonly ForeignTensor[],
  config: string,
): { network: LayersSpec | string; tensors: readonly ForeignTensor[] } {
  try {
    const network = kerasNetwork(JSON.parse(config));
    const layers = byName(network);
    const names = tensors.map(({ name }) => meant(name, layers));
    if (new Set(names).size < names.length || names.includes(null)) return { network, tensors };
    return { network, tensors: tensors.map((tensor, i) => ({ ...tensor, name: names[i]! })) };
  } catch (error) {
    const isOurs = error instanceof Unsupported || error instanceof Fault;
    return { network: isOurs ? error.message : 'its config is not JSON', tensors };
  }
}
