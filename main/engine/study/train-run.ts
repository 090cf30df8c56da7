/**
 * One run with its files: trial, training, metrics, checkpoints, and an exact resume after any
 * death.
 */

import { existsSync, rmSync } from 'node:fs';
import { Fault } from '../../../shared/fault';
import type { WorkEvent } from '../../../shared/spec/events';
import { pickRun, type RunResult } from '../../../shared/spec/results';
import {
  bestRate,
  isTrained,
  type EpochMetrics,
  type RecipeSpec,
  type RunSummary,
  type StepMetrics,
  type TrialRow,
} from '../../../shared/spec/run';
import { runId, type Variant } from '../../../shared/spec/study';
import { stream } from '../backend/random';
import type { Replay } from '../backend/record';
import { checkpointSteps, hashOf, saveCheckpoint, weightsHash } from '../checkpoint/checkpoint';
import { readTensors, writeTensors } from '../checkpoint/safetensors';
import { seconds, timestamp } from '../clock';
import { writeAtomically, writeManifest } from '../files';
import { makeFolder } from '../folders';
import { buildModel } from '../model/build';
import type { Model } from '../model/model';
import { MOST, readOwnBytes } from '../own-file';
import { appendLines, cutLines, readLines } from '../run/log';
import { buildTrainingStep, type TrainingState, type TrainingStep } from '../run/step';
import { stepsPerEpoch, train, type Snapshot } from '../run/train';
import { buildEvaluationSet, type EvaluationSet } from '../surface/evaluation-set';
import { evaluate, recordEvaluation, type PointValue } from '../surface/evaluate';
import type { StudyContext } from './context';
import { keepRun, recordRun } from './keep-run';
import { PathPreview } from './live-path';
import { readRunResult, runFiles } from './run-files';
import { readTrial, runTrial } from './trial';

/** Seconds between two savings of the state to resume from: each writes the optimiser's memory. */
const RESUME_EVERY = 1;
/** Window over which the first step below 0.3 is looked for. */
const WINDOW = 20;

/** Fresh weights of the seed: the same for every variant of one architecture. */
function freshStart(model: Model, slots: number, seed: number): Snapshot {
  const weights = model.initialise(stream(seed, 'initialisation'));
  return {
    step: 0,
    weights,
    statistics: model.initialStatistics(),
    slots: Array.from({ length: slots }, () => new Float32Array(model.size)),
  };
}

function saveResume(path: string, snapshot: Snapshot, spent: number): void {
  const vectors = [snapshot.weights, snapshot.statistics, ...snapshot.slots];
  const tensors = vectors.map((values, i) => ({ name: String(i), shape: [values.length], values }));
  const metadata = new Map([
    ['step', String(snapshot.step)],
    ['seconds', String(spent)],
    ['sha256', hashOf(vectors)],
  ]);
  writeAtomically(path, writeTensors(tensors, metadata));
}

/** The state in a file of `saveResume`, or null; of earlier versions it has no hash. */
function parseResume(path: string): { snapshot: Snapshot; spent: number } | null {
  const file = readTensors(readOwnBytes(path, { atMost: MOST.binary }), path);
  const vectors = Array.from(
    { length: file.tensors.size },
    (_, i) => file.tensors.get(String(i))?.values,
  ).filter((values) => values instanceof Float32Array);
  const { step, seconds: spent, sha256 } = Object.fromEntries(file.metadata);
  if (vectors.length < 2 || (sha256 !== undefined && sha256 !== hashOf(vectors))) return null;
  const [weights, statistics, ...slots] = vectors;
  return { snapshot: { step: Number(step), weights, statistics, slots }, spent: Number(spent) };
}

/** @throws Fault 'damaged' */
function readResume(path: string): { snapshot: Snapshot; spent: number } | null {
  if (!existsSync(path)) return null;
  let state;
  try {
    state = parseResume(path);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    state = null;
  }
  if (state !== null) return state;
  throw new Fault(
    'damaged',
    `${path} is not as it was written; delete only this file, and resuming the study makes this run again from its start`,
  );
}

/**
 * Whether all that training to `step` has written is there: a power cut may keep the state and lose
 * lines that were written before it.
 */
function isWhole(
  files: ReturnType<typeof runFiles>,
  checkpoints: string,
  step: number,
  every: number,
  perEpoch: number,
): boolean {
  const known = new Set(checkpointSteps(checkpoints));
  for (let kept = 0; kept <= step; kept += every) if (!known.has(kept)) return false;
  const steps = readLines<StepMetrics>(files.metrics).filter((record) => record.step < step);
  const epochs = readLines<EpochMetrics>(files.epochs).filter((record) => record.step <= step);
  return steps.length === step && epochs.length === Math.floor(step / perEpoch);
}

/**
 * The state to go on from; null: from the start, which alone gives back what is missing of an
 * earlier sitting.
 */
function takeUp(
  files: ReturnType<typeof runFiles>,
  checkpoints: string,
  { checkpointEvery }: RecipeSpec,
  perEpoch: number,
): ReturnType<typeof readResume> {
  const state = readResume(files.resume);
  if (state === null) return null;
  if (isWhole(files, checkpoints, state.snapshot.step, checkpointEvery, perEpoch)) return state;
  rmSync(files.resume);
  return null;
}

/** First step whose mean loss over the last 20 is at most 0.3; null: never. */
export function stepsTo03(metrics: readonly StepMetrics[]): number | null {
  let sum = 0;
  for (let i = 0; i < metrics.length; i++) {
    sum += metrics[i].loss - (i >= WINDOW ? metrics[i - WINDOW].loss : 0);
    if (i >= WINDOW - 1 && sum / WINDOW <= 0.3) return metrics[i].step + 1;
  }
  return null;
}

/**
 * The learning rate: pinned, or found by a trial of the study's first seed, which serves all seeds.
 */
async function* rateOf(
  context: StudyContext,
  variant: Variant,
  model: Model,
  step: TrainingStep,
): AsyncGenerator<WorkEvent, { rate: number; trial: TrialRow[] | null }> {
  const { learningRate } = variant.recipe;
  if (typeof learningRate === 'number') return { rate: learningRate, trial: null };
  const seed = context.study.seeds[0];
  const folder = context.layout.run(runId(variant.name, seed));
  const start = freshStart(model, step.optimiser.slots, seed);
  const known = readTrial(folder);
  const trial =
    known ?? (yield* runTrial(context, variant, learningRate, seed, start, step, folder));
  return { rate: bestRate(trial), trial };
}

function summaryOf(
  folder: string,
  classes: number,
  learningRate: number,
  diverged: boolean,
  spent: number,
): RunSummary {
  const metrics = readLines<StepMetrics>(runFiles(folder).metrics);
  const epochs = readLines<EpochMetrics>(runFiles(folder).epochs);
  const nothing = { trainLoss: NaN, trainAccuracy: NaN, testLoss: NaN, testAccuracy: NaN };
  const last = epochs[epochs.length - 1] ?? { epoch: 0, step: metrics.length, ...nothing };
  return {
    ...last,
    diverged,
    trained: !diverged && isTrained(last.trainLoss, classes),
    learningRate,
    stepsPerSecond: spent === 0 ? NaN : metrics.length / spent,
    stepsTo03: stepsTo03(metrics),
  };
}

/** Everything that one run is made with: freed together. */
class RunTools {
  readonly model: Model;
  readonly step: TrainingStep;
  private readonly evaluation: Replay;
  private readonly sets: { readonly train: EvaluationSet; readonly test: EvaluationSet };

  constructor({ dataset, backend }: StudyContext, variant: Variant) {
    this.model = buildModel(variant.model, dataset);
    this.step = buildTrainingStep(this.model, variant.recipe, dataset.classes, backend.node);
    this.evaluation = recordEvaluation(this.model, 'frozen', backend.node);
    this.sets = {
      train: buildEvaluationSet(dataset, 'train', 'all', false),
      test: buildEvaluationSet(dataset, 'test', 'all', false),
    };
  }

  evaluate(split: 'train' | 'test', state: TrainingState): PointValue {
    return evaluate(this.evaluation, this.sets[split], state.weights, state.statistics);
  }

  dispose(): void {
    this.step.dispose();
    this.evaluation.dispose();
    this.sets.train.dispose();
    this.sets.test.dispose();
  }
}

/** How training ended. */
interface Trained {
  readonly last: Snapshot;
  readonly diverged: boolean;
  /** Over all sittings. */
  readonly seconds: number;
}

/** Trains to the end, from the beginning or from where it stopped, writing down before telling. */
async function* trainToEnd(
  context: StudyContext,
  variant: Variant,
  seed: number,
  rate: number,
  tools: RunTools,
): AsyncGenerator<WorkEvent, Trained> {
  const { dataset, layout, signal } = context;
  const { recipe } = variant;
  const id = runId(variant.name, seed);
  const files = runFiles(layout.run(id));
  const checkpoints = layout.checkpoints(id);
  const resumed = takeUp(files, checkpoints, recipe, stepsPerEpoch(dataset, recipe));
  const start = resumed?.snapshot ?? freshStart(tools.model, tools.step.optimiser.slots, seed);
  cutLines<StepMetrics>(files.metrics, (record) => record.step < start.step);
  cutLines<EpochMetrics>(files.epochs, (record) => record.step <= start.step);

  const preview = new PathPreview(tools.model, layout.run(id), checkpoints, start.step);
  const total = recipe.epochs * stepsPerEpoch(dataset, recipe);
  const began = seconds() - (resumed?.spent ?? 0);
  let pending: StepMetrics[] = [];
  let last = start;
  let diverged = false;
  let saved = seconds();
  yield { kind: 'already', units: start.step * recipe.batch };
  yield { kind: 'phase', text: `training ${variant.label}, seed ${seed}, rate ${rate}` };
  const evaluateOn = tools.evaluate.bind(tools);
  const options = { dataset, recipe, rate, seed, start, signal, evaluate: evaluateOn };
  for await (const event of train({ ...options, step: tools.step })) {
    if (event.kind === 'step') {
      pending.push(event.metrics);
      yield { kind: 'work', units: recipe.batch };
    } else if (event.kind === 'epoch') {
      appendLines(files.epochs, [event.metrics]);
      yield { kind: 'epoch', run: id, epoch: event.metrics };
    } else if (event.kind === 'diverged') {
      diverged = true;
    } else {
      last = event.snapshot;
      const keeps = last.step % recipe.checkpointEvery === 0 || last.step === total;
      if (keeps) {
        saveCheckpoint(checkpoints, last, tools.model, new Map([['run', id]]));
        preview.add(last);
      }
      appendLines(files.metrics, pending);
      if (seconds() - saved > RESUME_EVERY) {
        saved = seconds();
        saveResume(files.resume, last, saved - began);
      }
      if (pending.length > 0) yield { kind: 'steps', run: id, steps: pending };
      pending = [];
      const path = keeps ? preview.draw(false) : null;
      if (path !== null) yield { kind: 'path', run: id, path };
    }
  }
  appendLines(files.metrics, pending);
  const path = preview.draw(true);
  if (path !== null) yield { kind: 'path', run: id, path };
  return { last, diverged, seconds: seconds() - began };
}

/** Trains one variant with one seed, or goes on where it stopped; at once when it is finished. */
export async function* trainRun(
  context: StudyContext,
  variant: Variant,
  seed: number,
): AsyncGenerator<WorkEvent, RunResult> {
  const id = runId(variant.name, seed);
  const { dataset, backend, layout, study } = context;
  const folder = layout.run(id);
  const { manifest, resume } = runFiles(folder);
  const finished = yield* keepRun(context, variant, id);
  if (finished !== null) {
    rmSync(resume, { force: true });
    return finished;
  }
  makeFolder(folder);
  const tools = new RunTools(context, variant);
  try {
    const { rate, trial } = yield* rateOf(context, variant, tools.model, tools.step);
    const trained = yield* trainToEnd(context, variant, seed, rate, tools);
    const { diverged, last } = trained;
    const result: RunResult = {
      id,
      variant: variant.name,
      seed,
      parameters: tools.model.size,
      summary: summaryOf(folder, dataset.classes, rate, diverged, trained.seconds),
      trial,
      checkpoints: checkpointSteps(layout.checkpoints(id)),
      datasetHash: dataset.hash,
      weightsHash: weightsHash(last),
    };
    const spec = { model: variant.model, recipe: variant.recipe, dataset: study.dataset };
    writeManifest(manifest, {
      ...pickRun(result),
      spec,
      backend: backend.info,
      finished: timestamp(),
      files: await recordRun(context, id),
    });
    rmSync(resume, { force: true });
    return readRunResult(folder);
  } finally {
    tools.dispose();
  }
}
