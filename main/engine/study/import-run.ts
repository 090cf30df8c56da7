/**
 * A run that was trained elsewhere: its checkpoints, one or the series of a training, are fitted to
 * the network, looked at, and kept.
 */

import { Fault } from '../../../shared/fault';
import { matchTensors, type Match, type Pair } from '../../../shared/foreign/match';
import type { WorkEvent } from '../../../shared/spec/events';
import { pickRun, type RunResult } from '../../../shared/spec/results';
import { isTrained, type EpochMetrics, type RunSummary } from '../../../shared/spec/run';
import { runId, type Variant, type WeightsSpec } from '../../../shared/spec/study';
import {
  checkpointSteps,
  saveCheckpoint,
  weightsHash,
  type Checkpoint,
} from '../checkpoint/checkpoint';
import { readTensors, type TensorFile } from '../checkpoint/safetensors';
import { timestamp } from '../clock';
import { writeManifest } from '../files';
import { makeFolder } from '../folders';
import type { ModelSpec } from '../../../shared/spec/model';
import { buildModel, type Layout } from '../model/build';
import type { Model } from '../model/model';
import { fromTorchOrder } from '../model/torch-order';
import type { Replay } from '../backend/record';
import { appendLines, cutLines } from '../run/log';
import { evaluate, onDevice, recordEvaluation } from '../surface/evaluate';
import { buildEvaluationSet, type EvaluationSet } from '../surface/evaluation-set';
import { readTakenCopy } from '../taken-copy';
import type { StudyContext } from './context';
import { keepRun, recordRun } from './keep-run';
import { PathPreview } from './live-path';
import { importSamples } from './plan';
import { readRunResult, runFiles, runManifest } from './run-files';

/** At most so many names stand in a sentence. */
const FEW = 3;

const listed = (tensors: readonly { name: string; shape: readonly number[] }[]): string => {
  const shown = tensors.slice(0, FEW).map(({ name, shape }) => `${name} (${shape.join('×')})`);
  return tensors.length > FEW
    ? `${shown.join(', ')} and ${tensors.length - FEW} more`
    : shown.join(', ');
};

const readFile = ({ file, source }: WeightsSpec): TensorFile =>
  readTensors(readTakenCopy(file, `the weights of ${source ?? file}`), file);

/** Which tensor of the file is which of the network's, names and shapes only. */
function pairUp(model: Model, spec: WeightsSpec, file: TensorFile): Match {
  const named = ({ name, shape }: { name: string; shape: readonly number[] }) => ({ name, shape });
  const statistics = model.statistics.map(({ name, size }) => ({ name, shape: [size] }));
  const mapping = new Map(Object.entries(spec.mapping ?? {}));
  const wanted = [...model.parameters.map(named), ...statistics];
  return matchTensors(wanted, [...file.tensors.values()].map(named), mapping);
}

/** How the file of `spec` fits the network of `model`, before anything is done with it. */
export const matchFile = (spec: WeightsSpec, model: ModelSpec, layout: Layout): Match =>
  pairUp(buildModel(model, layout), spec, readFile(spec));

/** @throws Fault 'bad-value' when a tensor of the network has none in the file */
function matched(model: Model, spec: WeightsSpec, file: TensorFile): Match {
  const match = pairUp(model, spec, file);
  if (match.missing.length === 0) return match;
  const left = match.left.length === 0 ? '' : `; left over are ${listed(match.left)}`;
  throw new Fault(
    'bad-value',
    `${spec.source ?? spec.file} does not fit this network: it has nothing for ${listed(match.missing)}${left}; say which network it is (--depth, --width, --skip), or map its tensors`,
  );
}

/** The weights of the file in the order of `model`. */
export function fitWeights(
  model: Model,
  spec: WeightsSpec,
): Checkpoint & { readonly match: Match } {
  const file = readFile(spec);
  const match = matched(model, spec, file);
  const pairs = new Map<string, Pair>(match.pairs.map((pair) => [pair.name, pair]));
  const valuesOf = (name: string) => file.tensors.get(pairs.get(name)!.from)!.values;
  const weights = new Float32Array(model.size);
  const statistics = new Float32Array(model.statisticsSize);
  for (const parameter of model.parameters) {
    const values = valuesOf(parameter.name);
    if (pairs.get(parameter.name)!.order === 'torch') fromTorchOrder(values, parameter, weights);
    else weights.set(values, parameter.offset);
  }
  for (const { name, offset } of model.statistics) statistics.set(valuesOf(name), offset);
  return { step: 0, weights, statistics, match };
}

/** The checkpoints of a variant in the order of their steps, each as a file of its own. */
const checkpointsOf = ({
  earlier = [],
  ...last
}: WeightsSpec): (WeightsSpec & { step: number })[] => [
  ...earlier.map((one) => ({ ...one, mapping: last.mapping })),
  { ...last, step: last.step ?? 0 },
];

/** Loss and accuracy on all images of both splits, batch norm frozen. */
class Evaluator {
  private readonly replay: Replay;
  private readonly sets: readonly EvaluationSet[];

  constructor({ dataset, backend }: StudyContext, model: Model) {
    this.replay = recordEvaluation(model, 'frozen', backend.node);
    this.sets = (['train', 'test'] as const).map((split) =>
      buildEvaluationSet(dataset, split, 'all', false),
    );
  }

  /** The state of `checkpoint`, which is the `index`-th. */
  evaluate({ step, weights, statistics }: Checkpoint, index: number): EpochMetrics {
    const [train, test] = this.sets.map((set) =>
      onDevice(weights, statistics, (w, s) => evaluate(this.replay, set, w, s)),
    );
    return {
      epoch: index,
      step,
      trainLoss: train.loss,
      trainAccuracy: train.accuracy,
      testLoss: test.loss,
      testAccuracy: test.accuracy,
    };
  }

  dispose(): void {
    this.replay.dispose();
    for (const set of this.sets) set.dispose();
  }
}

/** A run without steps: what it was trained with is not known. */
const summaryOf = (last: EpochMetrics, classes: number): RunSummary => ({
  ...last,
  diverged: !Number.isFinite(last.trainLoss),
  trained: isTrained(last.trainLoss, classes),
  learningRate: NaN,
  stepsPerSecond: NaN,
  stepsTo03: null,
});

/** What came of all checkpoints of a variant. */
interface Kept {
  readonly last: Checkpoint & { readonly match: Match };
  readonly metrics: EpochMetrics;
}

/** Fits, looks at and keeps one checkpoint after another; a series has its losses written down. */
async function* keepCheckpoints(
  context: StudyContext,
  spec: WeightsSpec,
  model: Model,
  id: string,
): AsyncGenerator<WorkEvent, Kept> {
  const { layout, signal, dataset } = context;
  const { epochs } = runFiles(layout.run(id));
  const series = checkpointsOf(spec);
  const evaluator = new Evaluator(context, model);
  try {
    cutLines<EpochMetrics>(epochs, () => false);
    for (const [index, one] of series.entries()) {
      signal.throwIfAborted();
      const { match, ...fitted } = fitWeights(model, one);
      // Only now: weights that do not fit leave nothing.
      makeFolder(layout.run(id));
      const checkpoint = { ...fitted, step: one.step };
      const metrics = evaluator.evaluate(checkpoint, index);
      const metadata = new Map([
        ['run', id],
        ['source', one.source ?? one.file],
      ]);
      saveCheckpoint(layout.checkpoints(id), checkpoint, model, metadata);
      yield { kind: 'work', units: importSamples(dataset) };
      if (series.length > 1) {
        appendLines(epochs, [metrics]);
        yield { kind: 'epoch', run: id, epoch: metrics };
      }
      if (index === series.length - 1) return { last: { ...checkpoint, match }, metrics };
    }
    throw new Error('a variant has at least one checkpoint');
  } finally {
    evaluator.dispose();
  }
}

/** Imports one variant; at once when that is done. */
export async function* importRun(
  context: StudyContext,
  variant: Variant & { readonly weights: WeightsSpec },
  seed: number,
): AsyncGenerator<WorkEvent, RunResult> {
  const { dataset, backend, layout, study } = context;
  const id = runId(variant.name, seed);
  const finished = yield* keepRun(context, variant, id);
  if (finished !== null) return finished;
  yield { kind: 'phase', text: `importing ${variant.label}` };
  const model = buildModel(variant.model, dataset);
  const { last, metrics } = yield* keepCheckpoints(context, variant.weights, model, id);
  const preview = new PathPreview(model, layout.run(id), layout.checkpoints(id), last.step);
  const path = preview.draw(true);
  if (path !== null) yield { kind: 'path', run: id, path };
  const result: RunResult = {
    id,
    variant: variant.name,
    seed,
    parameters: model.size,
    summary: summaryOf(metrics, dataset.classes),
    trial: null,
    checkpoints: checkpointSteps(layout.checkpoints(id)),
    datasetHash: dataset.hash,
    weightsHash: weightsHash(last),
  };
  const spec = { model: variant.model, weights: variant.weights, dataset: study.dataset };
  const pairs = last.match.pairs.map(({ name, from, order, by }) => [name, from, order, by]);
  writeManifest(runManifest(layout.run(id)), {
    ...pickRun(result),
    spec,
    pairs,
    left: last.match.left.map(({ name }) => name),
    backend: backend.info,
    finished: timestamp(),
    files: await recordRun(context, id),
  });
  return readRunResult(layout.run(id));
}
