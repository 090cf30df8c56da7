/**
 * One run with its files: trial, training, metrics, checkpoints, and an exact resume after any
 * death.
 */

import { rmSync } from 'node:fs';
import type { WorkEvent } from '../../../shared/spec/events';
import { pickRun, type RunResult } from '../../../shared/spec/results';
import {
  bestRate,
  isTrained,
  lengthsOf,
  reaches,
  type Attempt,
  type EpochMetrics,
  type RunSummary,
  type StepMetrics,
  type TimedRecipe,
  type TrialRow,
} from '../../../shared/spec/run';
import { checkpointInterval, runId, type Variant } from '../../../shared/spec/study';
import { stream } from '../backend/random';
import type { Replay } from '../backend/record';
import { checkpointSteps, saveCheckpoint, weightsHash } from '../checkpoint/checkpoint';
import { seconds, timestamp } from '../clock';
import { writeManifest } from '../files';
import { makeFolder } from '../folders';
import { buildModel } from '../model/build';
import type { Model } from '../model/model';
import { appendLines, cutLines, readLines } from '../run/log';
import { buildTrainingStep, type TrainingState, type TrainingStep } from '../run/step';
import { stepsPerEpoch, train, type Snapshot } from '../run/train';
import { buildEvaluationSet, type EvaluationSet } from '../surface/evaluation-set';
import { evaluate, recordEvaluation, type PointValue } from '../surface/evaluate';
import { clearAttempt, readMissed, writeMissed } from './attempts';
import type { StudyContext } from './context';
import { keepRun, recordRun } from './keep-run';
import { PathPreview } from './live-path';
import { trialSamples } from './plan';
import { saveResume, takeUp } from './resume-state';
import { readRunResult, runFiles } from './run-files';
import { readTrial, runTrial } from './trial';

/** Seconds between two savings of the state to resume from: each writes the optimiser's memory. */
const RESUME_EVERY = 1;
/** Window over which the first step below 0.3 is looked for. */
const WINDOW = 20;

/** First step whose mean loss over the last 20 is at most 0.3; null: never. */
export function stepsTo03(metrics: readonly StepMetrics[]): number | null {
  let sum = 0;
  for (let i = 0; i < metrics.length; i++) {
    sum += metrics[i].loss - (i >= WINDOW ? metrics[i - WINDOW].loss : 0);
    if (i >= WINDOW - 1 && sum / WINDOW <= 0.3) return metrics[i].step + 1;
  }
  return null;
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

  /** Fresh weights of the seed: the same for every variant of one architecture. */
  freshStart(seed: number): Snapshot {
    const { model, step } = this;
    return {
      step: 0,
      weights: model.initialise(stream(seed, 'initialisation')),
      statistics: model.initialStatistics(),
      slots: Array.from({ length: step.optimiser.slots }, () => new Float32Array(model.size)),
    };
  }

  readonly evaluate = (split: 'train' | 'test', state: TrainingState): PointValue =>
    evaluate(this.evaluation, this.sets[split], state.weights, state.statistics);

  dispose(): void {
    this.step.dispose();
    this.evaluation.dispose();
    this.sets.train.dispose();
    this.sets.test.dispose();
  }
}

/**
 * The learning rate: pinned, or found by a trial of the study's first seed, which serves all seeds.
 */
async function* rateOf(
  context: StudyContext,
  variant: Variant,
  tools: RunTools,
  ofSeed: number,
): AsyncGenerator<WorkEvent, { rate: number; trial: TrialRow[] | null }> {
  const { learningRate } = variant.recipe;
  if (typeof learningRate === 'number') return { rate: learningRate, trial: null };
  const seed = context.study.seeds[0];
  const folder = context.layout.run(runId(variant.name, seed));
  const known = readTrial(folder);
  if (known !== null) {
    if (ofSeed === seed) yield { kind: 'already', units: trialSamples(variant, context.dataset) };
    return { rate: bestRate(known), trial: known };
  }
  const start = tools.freshStart(seed);
  const rows = yield* runTrial(context, variant, learningRate, seed, start, tools.step, folder);
  return { rate: bestRate(rows), trial: rows };
}

/** One whole schedule of a run. */
interface Schedule {
  readonly epochs: number;
  /** Its place among those of the recipe. */
  readonly attempt: number;
}

/** How training ended. */
interface Trained {
  readonly last: Snapshot;
  readonly diverged: boolean;
  /** Over all sittings. */
  readonly seconds: number;
}

/** `training ResNet-44, seed 1, rate 0.02` and, of several schedules, which one. */
function phaseOf({ label, recipe }: Variant, seed: number, rate: number, schedule: Schedule) {
  const { until } = recipe;
  const which =
    until === null
      ? ''
      : `, ${schedule.epochs} epochs (schedule ${schedule.attempt + 1} of ${until.epochs.length}, until loss ${until.loss})`;
  return `training ${label}, seed ${seed}, rate ${rate}${which}`;
}

/** Where a schedule begins or goes on, and the seconds it took until then; cuts what came later. */
function takeUpFiles(
  { layout, dataset }: StudyContext,
  id: string,
  recipe: TimedRecipe,
  attempt: number,
  fresh: () => Snapshot,
): { start: Snapshot; spent: number } {
  const files = runFiles(layout.run(id));
  const checkpoints = layout.checkpoints(id);
  const resumed = takeUp(files, checkpoints, recipe, stepsPerEpoch(dataset, recipe), attempt);
  if (resumed === null && recipe.until !== null) clearAttempt(layout.run(id), checkpoints);
  const start = resumed?.snapshot ?? fresh();
  cutLines<StepMetrics>(files.metrics, (record) => record.step < start.step);
  cutLines<EpochMetrics>(files.epochs, (record) => record.step <= start.step);
  return { start, spent: resumed?.spent ?? 0 };
}

/**
 * Trains one schedule to its end, from the beginning or from where it stopped, writing down before
 * telling.
 */
async function* trainToEnd(
  context: StudyContext,
  variant: Variant,
  seed: number,
  rate: number,
  tools: RunTools,
  schedule: Schedule,
): AsyncGenerator<WorkEvent, Trained> {
  const { dataset, layout, signal } = context;
  const { epochs, attempt } = schedule;
  const total = epochs * stepsPerEpoch(dataset, variant.recipe);
  const checkpointEvery = checkpointInterval(context.study, variant, total);
  const recipe = { ...variant.recipe, epochs, checkpointEvery };
  const id = runId(variant.name, seed);
  const files = runFiles(layout.run(id));
  const checkpoints = layout.checkpoints(id);
  const { start, spent } = takeUpFiles(context, id, recipe, attempt, () => tools.freshStart(seed));
  const preview = new PathPreview(tools.model, layout.run(id), checkpoints, start.step);
  const began = seconds() - spent;
  let pending: StepMetrics[] = [];
  let last = start;
  let diverged = false;
  let saved = seconds();
  yield { kind: 'already', units: start.step * recipe.batch };
  yield { kind: 'phase', text: phaseOf(variant, seed, rate, schedule) };
  const options = { dataset, recipe, rate, seed, start, signal, evaluate: tools.evaluate };
  for await (const event of train({ ...options, step: tools.step })) {
    if (event.kind === 'step') {
      pending.push(event.metrics);
      yield { kind: 'work', units: recipe.batch };
    } else if (event.kind === 'epoch') {
      appendLines(files.epochs, [event.metrics]);
      yield { kind: 'epoch', run: id, epoch: event.metrics };
    } else if (event.kind === 'diverged') {
      diverged = true;
      yield { kind: 'already', units: (total - event.step - 1) * recipe.batch };
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
        saveResume(files.resume, { snapshot: last, spent: saved - began, attempt });
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

/** Loss after the last step of what has just been trained; NaN: it diverged. */
const lossReached = (folder: string, { diverged }: Trained): number =>
  diverged ? NaN : (readLines<EpochMetrics>(runFiles(folder).epochs).at(-1)?.trainLoss ?? NaN);

/**
 * Trains the recipe's one schedule; or, where it trains until a loss, one after the other from the
 * same start, until one reaches it. Gives what the last of them was and, in the second case, all.
 */
async function* trainAll(
  context: StudyContext,
  variant: Variant,
  seed: number,
  rate: number,
  tools: RunTools,
): AsyncGenerator<WorkEvent, Trained & { attempts?: readonly Attempt[] }> {
  const { recipe } = variant;
  const { until } = recipe;
  const id = runId(variant.name, seed);
  const folder = context.layout.run(id);
  const lengths = lengthsOf(recipe);
  const samples = (of: readonly number[]) =>
    of.reduce((sum, epochs) => sum + epochs, 0) *
    stepsPerEpoch(context.dataset, recipe) *
    recipe.batch;
  let attempts: readonly Attempt[] = until === null ? [] : readMissed(folder);
  yield { kind: 'already', units: samples(lengths.slice(0, attempts.length)) };
  for (;;) {
    const schedule = { epochs: lengths[attempts.length], attempt: attempts.length };
    const trained = yield* trainToEnd(context, variant, seed, rate, tools, schedule);
    if (until === null) return trained;
    const one = { epochs: schedule.epochs, trainLoss: lossReached(folder, trained) };
    attempts = [...attempts, one];
    if (reaches(until, one) || attempts.length === lengths.length) {
      yield { kind: 'already', units: samples(lengths.slice(attempts.length)) };
      return { ...trained, attempts };
    }
    writeMissed(folder, attempts);
    yield { kind: 'missed', run: id, attempts };
  }
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
    const { rate, trial } = yield* rateOf(context, variant, tools, seed);
    const trained = yield* trainAll(context, variant, seed, rate, tools);
    const { diverged, last, attempts } = trained;
    const result: RunResult = {
      id,
      variant: variant.name,
      seed,
      parameters: tools.model.size,
      summary: summaryOf(folder, dataset.classes, rate, diverged, trained.seconds),
      trial,
      ...(attempts === undefined ? {} : { attempts }),
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
