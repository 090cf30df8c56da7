/**
 * Gives the tensors of a Keras file the names of its own layers: its archives number them, and
 * older ones call layers by their classes.
 */

import { Fault } from '../../../shared/fault';
import type { LayerSpec } from '../../../shared/spec/layers';
import type { LayersSpec } from '../../../shared/spec/model';
import { firstHalf, kerasNetwork, Unsupported } from './keras-model';
import type { ForeignTensor } from './tensors';

type Layers = ReadonlyMap<string, LayerSpec>;

/** The tensors of one of Keras' layers, in its order: ours may be two. */
function tensorsOf(layer: LayerSpec, byOwnName: Layers): string[] {
  const { name } = layer;
  switch (layer.kind) {
    case 'conv':
    case 'depthwise':
    case 'dense':
      return [
        ...(byOwnName.has(firstHalf(name)) ? [`${firstHalf(name)}.weight`] : []),
        `${name}.weight`,
        ...(layer.bias ? [`${name}.bias`] : []),
      ];
    case 'norm':
      return [
        ...(layer.scale ? [`${name}.weight`] : []),
        ...(layer.shift ? [`${name}.bias`] : []),
        `${name}.running_mean`,
        `${name}.running_variance`,
      ];
    default:
      return [];
  }
}

/** Keras' class of a layer, as it is spelt in files; null where it keeps nothing. */
function classOf({ kind, name }: LayerSpec, byOwnName: Layers): string | null {
  if (name.endsWith(firstHalf(''))) return null;
  if (byOwnName.has(firstHalf(name))) return 'separable_conv2d';
  if (kind === 'conv') return 'conv2d';
  if (kind === 'depthwise') return 'depthwise_conv2d';
  return kind === 'dense' ? 'dense' : kind === 'norm' ? 'batch_normalization' : null;
}

const WORDS = new Map([
  ['kernel', 'weight'],
  ['pointwise_kernel', 'weight'],
  ['gamma', 'weight'],
  ['bias', 'bias'],
  ['beta', 'bias'],
  ['moving_mean', 'running_mean'],
  ['moving_variance', 'running_variance'],
]);

/** The tensor that a layer calls `part`: by a word, or by its number. */
function partOf(layer: LayerSpec, part: string, byOwnName: Layers): string | null {
  const tensors = tensorsOf(layer, byOwnName);
  if (part === 'depthwise_kernel') return tensors[0] ?? null;
  const word = WORDS.get(part);
  if (word !== undefined) return `${layer.name}.${word}`;
  return /^\d+$/.test(part) ? (tensors[Number(part)] ?? null) : null;
}

/** Layers by their own names, and by those that Keras 3.0 made of their classes. */
function byName(byOwnName: Layers): Map<string, LayerSpec> {
  const known = new Map<string, LayerSpec>();
  const counts = new Map<string, number>();
  const kept = [...byOwnName.values()].filter((layer) => classOf(layer, byOwnName) !== null);
  for (const layer of kept) {
    const base = classOf(layer, byOwnName)!;
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    known.set(count === 0 ? base : `${base}_${count}`, layer);
  }
  for (const layer of kept) known.set(layer.name, layer);
  return known;
}

/** A depthwise kernel as ours: its channels beside each other. */
function shaped(tensor: ForeignTensor, name: string, byOwnName: Layers): ForeignTensor {
  const isDepthwise = byOwnName.get(name.replace(/\.weight$/, ''))?.kind === 'depthwise';
  if (!isDepthwise || tensor.shape.length !== 4) return { ...tensor, name };
  const [height, width, channels, multiplier] = tensor.shape;
  return { ...tensor, name, shape: [height, width, 1, channels * multiplier] };
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
    const byOwnName = new Map(network.layers.map((layer) => [layer.name, layer]));
    const layers = byName(byOwnName);
    /** Names are `conv/0`, `conv/kernel` or `conv/net/conv/kernel`. */
    const names = tensors.map(({ name }) => {
      const rooms = name.split('/');
      const layer = layers.get(rooms[0]) ?? layers.get(rooms.slice(0, -1).join('/'));
      return layer === undefined ? null : partOf(layer, rooms[rooms.length - 1], byOwnName);
    });
    if (new Set(names).size < names.length || names.includes(null)) return { network, tensors };
    return { network, tensors: tensors.map((tensor, i) => shaped(tensor, names[i]!, byOwnName)) };
  } catch (error) {
    const isOurs = error instanceof Unsupported || error instanceof Fault;
    return { network: isOurs ? error.message : 'its config is not JSON', tensors };
  }
}
