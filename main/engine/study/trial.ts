/** The short, recorded trial by which each variant gets its fair learning rate. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkEvent } from '../../../shared/spec/events';
import { bestRate, edgeOf, type TrialRow, type TrialSpec } from '../../../shared/spec/run';
import type { Variant } from '../../../shared/spec/study';
import * as tf from '@tensorflow/tfjs';
import { batchOrder, takeBatch } from '../dataset/batches';
import { readManifest, writeJson } from '../files';
import type { Snapshot } from '../run/train';
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

/**
 * Trains from `start` at a constant rate after the warm-up and returns the mean loss of the last
 * epoch.
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
  let taken = 0;
  let mean = Infinity;
  try {
    for (let epoch = 0; epoch < trial.epochs; epoch++) {
      const losses: number[] = [];
      for (const indices of batchOrder(train.size, recipe.batch, seed, epoch)) {
        context.signal.throwIfAborted();
        const batch = takeBatch(context.dataset, train, indices);
        const climb = recipe.warmup === 0 ? 1 : Math.min(1, (taken + 1) / recipe.warmup);
        const result = step.take(state, batch, taken, rate * climb);
        tf.dispose([batch.images, batch.labels]);
        state = result.state;
        taken++;
        losses.push(result.report[0]);
        yield { kind: 'work', units: indices.length };
        if (!Number.isFinite(result.report[0])) return Infinity;
      }
      mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    }
    return mean;
  } finally {
    tf.dispose([state.weights, state.statistics, ...state.slots]);
  }
}

/** The rate beyond the end at which the best one lies; null: it lies inside. */
function rateBeyond(rows: readonly TrialRow[]): number | null {
  const rates = rows.map(({ rate }) => rate);
  switch (edgeOf(rows)) {
    case 'lowest':
      return Math.min(...rates) / STRIDE;
    case 'highest':
      return Math.max(...rates) * STRIDE;
    case null:
      return null;
  }
}

/**
 * Tries every rate, then others beyond the end at which the best lies until it lies inside (four at
 * most); writes down how each did, and returns the rows.
 */
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
  for (const rate of trial.rates) {
    yield { kind: 'phase', text: `${variant.label}: trying learning rate ${rate}` };
    const loss = yield* tryRate(context, variant, trial, rate, seed, start, step);
    rows.push({ rate, loss });
  }
  for (let extra = 0; extra < MOST_EXTRA; extra++) {
    const rate = rateBeyond(rows);
    if (rate === null) break;
    const end = `rate ${bestRate(rows)} did best and is the ${edgeOf(rows)} of those tried`;
    yield { kind: 'more', units: trial.epochs * context.dataset.train.size };
    yield { kind: 'phase', text: `${variant.label}: ${end}; trying ${rate} too` };
    rows.push({ rate, loss: yield* tryRate(context, variant, trial, rate, seed, start, step) });
  }
  writeJson(trialPath(runFolder), rows);
  return rows;
}
