/** The short, recorded trial by which each variant gets its fair learning rate. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkEvent } from '../../../shared/spec/events';
import {
  bestRate,
  edgeOf,
  type RecipeSpec,
  type TrialRow,
  type TrialSpec,
} from '../../../shared/spec/run';
import type { Variant } from '../../../shared/spec/study';
import * as tf from '@tensorflow/tfjs';
import { batchOrder, takeBatch } from '../dataset/batches';
import { readManifest, writeJson } from '../files';
import { rateAt } from '../run/schedule';
import { stepsPerEpoch, type Snapshot } from '../run/train';
import type { TrainingState, TrainingStep } from '../run/step';
import type { StudyContext } from './context';

/** Rates that a trial tries at most beyond those it was given. */
const MOST_EXTRA = 4;
/** By how much each of them lies beyond the last. */
const STRIDE = 2;

const trialPath = (folder: string) => join(folder, 'trial.json');

/** The rows of an earlier trial, or null. */
export function readTrial(runFolder: string): TrialRow[] | null {
  if (!existsSync(trialPath(runFolder))) return null;
  return readManifest<TrialRow[]>(trialPath(runFolder));
}

/** Writes down how the rates of a trial did. */
export const writeTrial = (runFolder: string, rows: readonly TrialRow[]): void =>
  writeJson(trialPath(runFolder), rows);

/** The rate at step `step` of a trial's `steps`, whose highest value is `rate`. */
function trialRate(
  recipe: RecipeSpec,
  { schedule }: TrialSpec,
  rate: number,
  step: number,
  steps: number,
): number {
  switch (schedule) {
    case 'constant':
      return rateAt({ ...recipe, schedule: { kind: 'constant' } }, rate, step, steps);
    case 'whole':
      return rateAt(recipe, rate, step, steps);
    default:
      return schedule satisfies never;
  }
}

/**
 * Trains from `start` for the epochs of `trial`, by its schedule, and returns the mean loss of the
 * last one.
 */
async function* tryRate(
  context: StudyContext,
  { recipe }: Variant,
  trial: TrialSpec,
  rate: number,
  seed: number,
  start: Snapshot,
  step: TrainingStep,
): AsyncGenerator<WorkEvent, number> {
  const { train } = context.dataset;
  let state: TrainingState = {
    weights: tf.tensor1d(start.weights),
    statistics: tf.tensor1d(start.statistics),
    slots: start.slots.map((slot) => tf.tensor1d(slot)),
  };
  const steps = trial.epochs * stepsPerEpoch(context.dataset, recipe);
  let taken = 0;
  let seen = 0;
  let mean = Infinity;
  try {
    for (let epoch = 0; epoch < trial.epochs; epoch++) {
      const losses: number[] = [];
      for (const indices of batchOrder(train.size, recipe.batch, seed, epoch)) {
        context.signal.throwIfAborted();
        const batch = takeBatch(context.dataset, train, indices);
        const current = trialRate(recipe, trial, rate, taken, steps);
        const result = step.take(state, batch, taken, current);
        tf.dispose([batch.images, batch.labels]);
        state = result.state;
        taken++;
        seen += indices.length;
        losses.push(result.report[0]);
        yield { kind: 'work', units: indices.length };
        if (!Number.isFinite(result.report[0])) {
          yield { kind: 'already', units: trial.epochs * train.size - seen };
          return Infinity;
        }
      }
      mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    }
    return mean;
  } finally {
    tf.dispose([state.weights, state.statistics, ...state.slots]);
  }
}

/**
 * The rate that a trial of `rates` tries after `rows`: those it was given, then others beyond the
 * end at which the best lies, until it lies inside or four were tried. Null: that was all.
 */
export function nextRate(rates: readonly number[], rows: readonly TrialRow[]): number | null {
  if (rows.length < rates.length) return rates[rows.length];
  if (rows.length >= rates.length + MOST_EXTRA) return null;
  const tried = rows.map(({ rate }) => rate);
  const edge = edgeOf(rows);
  if (edge === null) return null;
  return edge === 'lowest' ? Math.min(...tried) / STRIDE : Math.max(...tried) * STRIDE;
}

/** Tries rate after rate, writes down how each did, and returns the rows. */
export async function* runTrial(
  context: StudyContext,
  variant: Variant,
  trial: TrialSpec,
  seed: number,
  start: Snapshot,
  step: TrainingStep,
  runFolder: string,
): AsyncGenerator<WorkEvent, TrialRow[]> {
  const rows: TrialRow[] = [];
  for (;;) {
    const rate = nextRate(trial.rates, rows);
    if (rate === null) break;
    let why = `trying learning rate ${rate}`;
    if (rows.length >= trial.rates.length) {
      why += `, since ${bestRate(rows)} did best and is the ${edgeOf(rows)} of those tried`;
      yield { kind: 'more', units: trial.epochs * context.dataset.train.size };
    }
    yield { kind: 'phase', text: `${variant.label}: ${why}` };
    rows.push({ rate, loss: yield* tryRate(context, variant, trial, rate, seed, start, step) });
  }
  writeTrial(runFolder, rows);
  return rows;
}
