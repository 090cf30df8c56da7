/**
 * A network as bars and arcs: what a drawing of it needs. Shows the difference a study is about.
 */

import { channelsOf, isWeighted } from '../../../shared/spec/layers';
import { vggStages, vggWidening, type ModelSpec } from '../../../shared/spec/model';

export interface Bar {
  /** Channels or neurons. */
  readonly width: number;
  readonly kind: 'stem' | 'layer' | 'pool' | 'head';
}

export interface Arc {
  /** Bars between which a skip jumps. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'identity' | 'projection';
}

export interface Drawing {
  readonly bars: readonly Bar[];
  readonly arcs: readonly Arc[];
  /** In words, for those who do not see it. */
  readonly text: string;
}

const STAGES = 3;

function resnet(spec: Extract<ModelSpec, { family: 'resnet' }>): Drawing {
  const blocks = (spec.depth - 2) / 6;
  const bars: Bar[] = [{ width: spec.width, kind: 'stem' }];
  const arcs: Arc[] = [];
  for (let stage = 0; stage < STAGES; stage++) {
    const width = spec.width * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const from = bars.length - 1;
      bars.push({ width, kind: 'layer' }, { width, kind: 'layer' });
      if (spec.skip === 'none') continue;
      const changes = stage > 0 && block === 0;
      const kind = changes && spec.skip === 'projection' ? 'projection' : 'identity';
      arcs.push({ from, to: bars.length - 1, kind });
    }
  }
  bars.push({ width: spec.width * 4, kind: 'head' });
  const skips = arcs.length === 0 ? 'without skips' : `${arcs.length} skips`;
  const text = `ResNet of ${spec.depth} layers, ${blocks} blocks in each of 3 stages, ${spec.width} to ${spec.width * 4} channels, ${skips}`;
  return { bars, arcs, text };
}

function vgg(spec: Extract<ModelSpec, { family: 'vgg' }>): Drawing {
  const bars = vggStages.get(spec.depth)!.flatMap((count, stage): Bar[] => {
    const width = spec.width * vggWidening[stage];
    const layers = Array.from({ length: count }, (): Bar => ({ width, kind: 'layer' }));
    return [...layers, { width, kind: 'pool' }];
  });
  const text = `VGG of ${spec.depth} layers in 5 stages, from ${spec.width} channels`;
  return { bars: [...bars, { width: spec.width * 8, kind: 'head' }], arcs: [], text };
}

function mlp(spec: Extract<ModelSpec, { family: 'mlp' }>): Drawing {
  const layers = Array.from({ length: 2 * spec.blocks }, (): Bar => ({
    width: spec.width,
    kind: 'layer',
  }));
  const arcs = Array.from({ length: spec.skip === 'none' ? 0 : spec.blocks }, (_, i): Arc => ({
    from: 2 * i,
    to: 2 * i + 2,
    kind: 'identity',
  }));
  const bars: Bar[] = [
    { width: spec.width, kind: 'stem' },
    ...layers,
    { width: spec.width, kind: 'head' },
  ];
  const skips = arcs.length === 0 ? 'without skips' : 'with skips';
  return { bars, arcs, text: `MLP of ${spec.blocks} blocks, ${spec.width} neurons, ${skips}` };
}

/** The layers with weights in a row, and an arc over what each sum jumps. */
function listed({ layers, input }: Extract<ModelSpec, { family: 'layers' }>): Drawing {
  const bars: Bar[] = [];
  const arcs: Arc[] = [];
  /** The bar that a layer's output comes from. */
  const places = new Map<string, number>([['input', 0]]);
  const channels = new Map<string, number>([['input', input?.[2] ?? 1]]);
  for (const layer of layers) {
    const from = layer.from.map((name) => places.get(name) ?? 0);
    const given = layer.from.map((name) => channels.get(name) ?? 1);
    const width = channelsOf(layer, given);
    channels.set(layer.name, width);
    if (isWeighted(layer)) bars.push({ width, kind: 'layer' });
    const place = isWeighted(layer) ? bars.length - 1 : Math.max(...from);
    const first = Math.min(...from);
    if (layer.kind === 'add' && first < place)
      arcs.push({ from: first, to: place, kind: 'identity' });
    places.set(layer.name, place);
  }
  const skips = arcs.length === 0 ? 'without skips' : `${arcs.length} skips`;
  return { bars, arcs, text: `${bars.length} layers with weights, ${skips}, as its file says` };
}

export function drawingOf(spec: ModelSpec): Drawing {
  switch (spec.family) {
    case 'resnet':
      return resnet(spec);
    case 'vgg':
      return vgg(spec);
    case 'mlp':
      return mlp(spec);
    case 'layers':
      return listed(spec);
    default:
      return spec satisfies never;
  }
}
