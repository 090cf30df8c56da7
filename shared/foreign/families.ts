/**
 * Networks of PyTorch by the names and shapes of their tensors, as lists of layers: ResNets of
 * ImageNet's kind (He et al. 2015, table 1; torchvision, kuangliu), VGG (Simonyan & Zisserman 2014)
 * and DenseNets (Huang et al. 2017). What runs between the tensors is that of the published code.
 */

import type { LayerSpec } from '../spec/layers';

export interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Family {
  readonly layers: readonly LayerSpec[];
  readonly says: string;
  readonly channels: number;
  readonly classes: number;
}

const EPSILON = 1e-5;

/** Collects layers one after the other; `at` is the one that the next takes. */
class Chain {
  readonly layers: LayerSpec[] = [];
  at = 'input';
  private readonly shapes: ReadonlyMap<string, readonly number[]>;

  constructor(tensors: readonly Named[]) {
    this.shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  }

  shape(name: string): readonly number[] | undefined {
    return this.shapes.get(`${name}.weight`);
  }

  has(name: string): boolean {
    return this.shapes.has(name);
  }

  private push(layer: LayerSpec): this {
    this.layers.push(layer);
    this.at = layer.name;
    return this;
  }

  private get from(): string[] {
    return [this.at];
  }

  /** A convolution of PyTorch's shape [out, in, h, w], padded so that stride 1 keeps the size. */
  conv(name: string, stride = 1): this {
    const [filters, , height, width] = this.shape(name)!;
    return this.push({
      kind: 'conv',
      name,
      from: this.from,
      kernel: [height, width],
      filters,
      stride: [stride, stride],
      padding: Math.floor(height / 2),
      dilation: 1,
      bias: this.has(`${name}.bias`),
    });
  }

  norm(name: string): this {
    if (!this.has(`${name}.running_mean`)) return this;
    return this.push({
      kind: 'norm',
      name,
      from: this.from,
      epsilon: EPSILON,
      scale: true,
      shift: true,
    });
  }

  relu(name: string): this {
    return this.push({
      kind: 'activation',
      name: `${name}/relu`,
      from: this.from,
      as: 'relu',
      slope: 0,
    });
  }

  pool(name: string, as: 'max' | 'mean', size: number, stride: number, padding: number): this {
    const [sides, strides] = [
      [size, size] as [number, number],
      [stride, stride] as [number, number],
    ];
    return this.push({
      kind: 'pool',
      name,
      from: this.from,
      as,
      size: sides,
      stride: strides,
      padding,
    });
  }

  dense(name: string): this {
    const [units] = this.shape(name)!;
    return this.push({
      kind: 'dense',
      name,
      from: this.from,
      units,
      bias: this.has(`${name}.bias`),
    });
  }

  mean(): this {
    return this.push({ kind: 'global', name: 'pooled', from: this.from, as: 'mean' });
  }

  /** PyTorch lays images out channel by channel. */
  flatten(): this {
    return this.push({ kind: 'flatten', name: 'flattened', from: this.from, planar: true });
  }

  join(kind: 'add' | 'concat', name: string, from: readonly string[]): this {
    return this.push({ kind, name, from: [...from] });
  }

  /** The network as it stands, with its one head. */
  family(says: string, head: string): Family {
    const first = this.layers.find(({ kind }) => kind === 'conv')!;
    return {
      layers: this.layers,
      says,
      channels: this.shape(first.name)![1],
      classes: this.shape(head)![0],
    };
  }
}

const numbersAt = (tensors: readonly Named[], pattern: RegExp): number[] => [
  ...new Set(tensors.flatMap(({ name }) => pattern.exec(name)?.[1] ?? []).map(Number)),
];

/** Blocks in each stage: `layer3.7.…` makes eight in the third. */
function stagesOf(tensors: readonly Named[], stage: (i: number) => RegExp): number[] {
  const stages: number[] = [];
  for (let i = 1; ; i++) {
    const blocks = numbersAt(tensors, stage(i));
    if (blocks.length === 0) return stages;
    stages.push(Math.max(...blocks) + 1);
  }
}

/** One block: two or three convolutions, each with its norm, and what is added to them. */
function residual(chain: Chain, name: string, stride: number, skips: boolean): void {
  const before = chain.at;
  const convs = [1, 2, 3].filter((i) => chain.shape(`${name}.conv${i}`) !== undefined);
  // Of three, the middle one strides (torchvision; "ResNet v1.5"); of two, the first.
  const strides = convs.length === 3 ? 2 : 1;
  for (const i of convs) {
    chain.conv(`${name}.conv${i}`, i === strides ? stride : 1).norm(`${name}.bn${i}`);
    if (i < convs.length) chain.relu(`${name}.bn${i}`);
  }
  const branch = chain.at;
  let skip = before;
  if (chain.shape(`${name}.shortcut.0`) !== undefined) {
    chain.at = before;
    skip = chain.conv(`${name}.shortcut.0`, stride).norm(`${name}.shortcut.1`).at;
  }
  chain.at = branch;
  if (skips) chain.join('add', `${name}/sum`, [branch, skip]);
  chain.relu(name);
}

/** ResNets of four stages, or of bottlenecks. */
export function guessImageResnet(tensors: readonly Named[]): Family | null {
  const chain = new Chain(tensors);
  const stages = stagesOf(tensors, (i) => new RegExp(`^layer${i}\\.(\\d+)\\.conv1\\.weight$`));
  const stem = chain.shape('conv1');
  const hasThree = chain.shape('layer1.0.conv3') !== undefined;
  if (stem === undefined || stages.length === 0 || (stages.length === 3 && !hasThree)) return null;
  if (chain.shape('linear') === undefined || !chain.has('bn1.running_mean')) return null;
  // Shape changes from stage to stage: without projections there can be no skips.
  const skips = tensors.some(({ name }) => /\.shortcut\.0\.weight$/.test(name));
  const isLarge = stem[2] === 7;
  chain
    .conv('conv1', isLarge ? 2 : 1)
    .norm('bn1')
    .relu('bn1');
  if (isLarge) chain.pool('maxpool', 'max', 3, 2, 1);
  stages.forEach((blocks, stage) => {
    for (let i = 0; i < blocks; i++) {
      residual(chain, `layer${stage + 1}.${i}`, stage > 0 && i === 0 ? 2 : 1, skips);
    }
  });
  const depth = stages.reduce((sum, blocks) => sum + blocks, 0) * (hasThree ? 3 : 2) + 2;
  const kind = hasThree ? ' of bottlenecks' : '';
  const says = `ResNet-${depth}${kind}, ${stages.join('-')} blocks, ${skips ? 'with projections' : 'without skips'}`;
  return chain.mean().dense('linear').family(says, 'linear');
}

/** Convolutions `features.N`, whose numbers tell where it pools, and one dense layer or several. */
export function guessVgg(tensors: readonly Named[]): Family | null {
  const chain = new Chain(tensors);
  const convs = tensors.flatMap(({ name, shape }) => {
    const match = /^features\.(\d+)\.weight$/.exec(name);
    return match !== null && shape.length === 4 ? [Number(match[1])] : [];
  });
  const heads = tensors.flatMap(({ name, shape }) =>
    shape.length === 2 ? [name.replace(/\.weight$/, '')] : [],
  );
  if (convs.length === 0 || heads.length === 0 || convs[0] !== 0) return null;
  convs.forEach((i, place) => {
    const name = `features.${i}`;
    const norm = `features.${i + 1}`;
    const hasNorm = chain.has(`${norm}.running_mean`);
    chain.conv(name).norm(norm).relu(name);
    const next = i + (hasNorm ? 3 : 2);
    const follows = convs[place + 1];
    if (follows === undefined || follows > next) chain.pool(`features.${next}`, 'max', 2, 2, 0);
  });
  chain.flatten();
  heads.forEach((name, place) => {
    chain.dense(name);
    if (place === heads.length - 1) return;
    const match = /^(.*\.)(\d+)$/.exec(name);
    if (match !== null) chain.norm(`${match[1]}${Number(match[2]) + 1}`);
    chain.relu(name);
  });
  const says = `VGG-${convs.length + heads.length} of ${chain.shape('features.0')![0]} to ${chain.shape(`features.${convs[convs.length - 1]}`)![0]} channels`;
  return chain.family(says, heads[heads.length - 1]);
}

/** Where a DenseNet's parts are found, by whose code it is. */
interface DenseNames {
  readonly stem: string;
  readonly stemNorm: string | null;
  block(stage: number): RegExp;
  layer(stage: number, i: number): { first: string; second: string; norms: [string, string] };
  transition(stage: number): { norm: string; conv: string };
  readonly last: string;
  /** Whether new channels stand before what was there. */
  readonly newFirst: boolean;
  readonly from: 0 | 1;
}

const DENSENETS: readonly DenseNames[] = [
  {
    stem: 'conv1',
    stemNorm: null,
    block: (stage) => new RegExp(`^dense${stage}\\.(\\d+)\\.conv1\\.weight$`),
    layer: (stage, i) => {
      const name = `dense${stage}.${i}`;
      return {
        first: `${name}.conv1`,
        second: `${name}.conv2`,
        norms: [`${name}.bn1`, `${name}.bn2`],
      };
    },
    transition: (stage) => ({ norm: `trans${stage}.bn`, conv: `trans${stage}.conv` }),
    last: 'bn',
    newFirst: true,
    from: 0,
  },
  {
    stem: 'features.conv0',
    stemNorm: 'features.norm0',
    block: (stage) =>
      new RegExp(`^features\\.denseblock${stage}\\.denselayer(\\d+)\\.conv1\\.weight$`),
    layer: (stage, i) => {
      const name = `features.denseblock${stage}.denselayer${i}`;
      return {
        first: `${name}.conv1`,
        second: `${name}.conv2`,
        norms: [`${name}.norm1`, `${name}.norm2`],
      };
    },
    transition: (stage) => {
      const name = `features.transition${stage}`;
      return { norm: `${name}.norm`, conv: `${name}.conv` };
    },
    last: 'features.norm5',
    newFirst: false,
    from: 1,
  },
];

function denseBlock(chain: Chain, names: DenseNames, stage: number, count: number): void {
  for (let i = names.from; i < count + names.from; i++) {
    const before = chain.at;
    const { first, second, norms } = names.layer(stage, i);
    chain.norm(norms[0]).relu(norms[0]).conv(first).norm(norms[1]).relu(norms[1]).conv(second);
    const both = names.newFirst ? [chain.at, before] : [before, chain.at];
    chain.join('concat', `${second}/joined`, both);
  }
}

/** DenseNets with bottlenecks. */
export function guessDensenet(tensors: readonly Named[]): Family | null {
  const chain = new Chain(tensors);
  const names = DENSENETS.find(
    ({ stem, block }) => chain.shape(stem) !== undefined && stagesOf(tensors, block).length > 0,
  );
  if (names === undefined || chain.shape('linear') === undefined) return null;
  const counts = stagesOf(tensors, (stage) => names.block(stage)).map((most) => most - names.from);
  const isLarge = chain.shape(names.stem)![2] === 7;
  chain.conv(names.stem, isLarge ? 2 : 1);
  if (names.stemNorm !== null) chain.norm(names.stemNorm).relu(names.stemNorm);
  if (isLarge) chain.pool('features.pool0', 'max', 3, 2, 1);
  counts.forEach((count, stage) => {
    denseBlock(chain, names, stage + 1, count);
    if (stage === counts.length - 1) return;
    const { norm, conv } = names.transition(stage + 1);
    chain.norm(norm).relu(norm).conv(conv).pool(`${conv}/pool`, 'mean', 2, 2, 0);
  });
  chain.norm(names.last).relu(names.last).mean().dense('linear');
  const growth = chain.shape(names.layer(1, names.from).second)![0];
  const depth = 2 * counts.reduce((sum, count) => sum + count, 0) + counts.length + 1;
  return chain.family(
    `DenseNet-${depth} of growth ${growth}, ${counts.join('-')} layers`,
    'linear',
  );
}
