/** From the names and shapes of a file's tensors to the network they belong to. */

import type { ModelSpec } from '../spec/model';
import { guessDensenet, guessImageResnet, guessVgg, type Named } from './families';
import { isCounter, ourName, unwrapped } from './names';

export interface ArchitectureGuess {
  /** Keys of a model's spec; null: a network that cannot be built here. */
  readonly model:
    ({ readonly family: ModelSpec['family'] } & Readonly<Record<string, unknown>>) | null;
  /** Null where the file does not say. */
  readonly classes: number | null;
  readonly channels: number | null;
  /** `ResNet-20 of width 16 with projections` */
  readonly says: string;
  /** What names and shapes cannot tell, and how to say it; empty: nothing. */
  readonly open: string;
}

const STAGE = /^layer(\d)\.(\d+)\.conv1\.weight$/;

/** Blocks of each stage, from the numbers in the names. */
function stagesOf(tensors: readonly Named[]): number[] {
  const stages: number[] = [];
  for (const { name } of tensors) {
    const match = STAGE.exec(name);
    if (match === null) continue;
    const stage = Number(match[1]) - 1;
    stages[stage] = Math.max(stages[stage] ?? 0, Number(match[2]) + 1);
  }
  return stages;
}

/** Convolutions are [out, in, h, w] in PyTorch and [h, w, in, out] in Keras. */
const ends = (shape: readonly number[]): { input: number; output: number } =>
  shape[2] === shape[3] && shape[0] !== shape[1]
    ? { output: shape[0], input: shape[1] }
    : shape[0] === shape[1] && shape[2] !== shape[3]
      ? { output: shape[3], input: shape[2] }
      : { output: shape[0], input: shape[1] };

function guessResnet(tensors: readonly Named[], stages: readonly number[]): ArchitectureGuess {
  const find = (name: string) => tensors.find((tensor) => tensor.name === name)?.shape ?? null;
  const stem = find('conv1.weight')!;
  const { input: channels, output: width } = ends(stem);
  const head = find('linear.weight');
  const bias = find('linear.bias');
  const classes = bias?.[0] ?? (head === null ? null : Math.min(...head));
  const blocks = stages[0];
  const isCifar = stages.length === 3 && stages.every((count) => count === blocks);
  const conv3 = tensors.some(({ name }) => /^layer\d\.\d+\.conv3\.weight$/.test(name));
  if (!isCifar || conv3) {
    const kind = conv3 ? 'with bottlenecks' : `with stages of ${stages.join(', ')} blocks`;
    const open = 'it is not among the networks known here';
    return { model: null, classes, channels, says: `a ResNet ${kind}`, open };
  }
  const depth = 6 * blocks + 2;
  const projects = tensors.some(({ name }) => /\.shortcut\.\d+\.weight$/.test(name));
  const isPre = tensors.some(({ name }) => name === 'bn.weight') && find('bn1.weight') === null;
  const normalises = tensors.some(({ name }) => /running_mean$/.test(name));
  const order = isPre ? 'pre' : 'post';
  const skip = projects ? 'projection' : 'none';
  const norm = normalises
    ? {}
    : { norm: tensors.some(({ name }) => /bn1\.weight$/.test(name)) ? 'layer' : 'none' };
  const how = projects ? 'with projections' : 'without projections';
  return {
    model: { family: 'resnet', depth, width, skip, order, ...norm },
    classes,
    channels,
    says: `ResNet-${depth} of width ${width} ${how}`,
    open: projects
      ? ''
      : 'its weights are the same with parameter-free skips and without skips: say which, by --skip identity or --skip none',
  };
}

/** What the tensors say; null where they are none of a network known here. */
export function guessArchitecture(file: readonly Named[]): ArchitectureGuess | null {
  const kept = file.filter(({ name }) => !isCounter(name));
  const names = unwrapped(kept.map(({ name }) => name));
  const tensors = kept.map(({ shape }, i) => ({ name: ourName(names[i]), shape }));
  const family = guessImageResnet(tensors) ?? guessVgg(tensors) ?? guessDensenet(tensors);
  if (family !== null) {
    const { layers, says, channels, classes } = family;
    return { model: { family: 'layers', layers }, classes, channels, says, open: '' };
  }
  const stages = stagesOf(tensors);
  const hasStem = tensors.some(({ name }) => name === 'conv1.weight');
  return stages.length > 0 && hasStem ? guessResnet(tensors, stages) : null;
}
