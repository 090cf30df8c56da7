/**
 * One training run, in reading order: set the rate, take the step, evaluate, yield. Knows no files.
 */

import * as tf from '@tensorflow/tfjs';
import type { EpochMetrics, RecipeSpec, StepMetrics, TimedRecipe } from '../../../shared/spec/run';
import { stream } from '../backend/random';
import { batchOrder, takeBatch } from '../dataset/batches';
import type { Dataset } from '../dataset/dataset';
import type { PointValue } from '../surface/evaluate';
import { rateAt } from './schedule';
import type { TrainingState, TrainingStep } from './step';

/** Training between two steps, on the host: all that an exact resume needs. */
export interface Snapshot {
  /** Steps taken. */
  readonly step: number;
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly slots: readonly Float32Array[];
}

export interface TrainOptions {
  readonly dataset: Dataset;
  readonly recipe: TimedRecipe;
  /** The peak learning rate, chosen or pinned. */
  readonly rate: number;
  readonly seed: number;
  readonly start: Snapshot;
  readonly step: TrainingStep;
  /** Loss and accuracy in evaluation mode on all of a split. */
  readonly evaluate: (split: 'train' | 'test', state: TrainingState) => PointValue;
  readonly signal: AbortSignal;
}

export type TrainEvent =
  | { readonly kind: 'step'; readonly metrics: StepMetrics; readonly steps: number }
  | { readonly kind: 'epoch'; readonly metrics: EpochMetrics }
  /** At the steps that the recipe keeps, and after the last one. */
  | { readonly kind: 'checkpoint'; readonly snapshot: Snapshot }
  /** The loss of the step just yielded is not a number; training ended. */
  | { readonly kind: 'diverged'; readonly step: number };

const read = (state: TrainingState, step: number): Snapshot => ({
  step,
  weights: state.weights.dataSync() as Float32Array,
  statistics: state.statistics.dataSync() as Float32Array,
  slots: state.slots.map((slot) => slot.dataSync() as Float32Array),
});

export const stepsPerEpoch = (dataset: Dataset, recipe: RecipeSpec): number =>
  Math.ceil(dataset.train.size / recipe.batch);

/**
 * Trains from `start` to the end of the recipe. The order of data depends on seed and epoch alone.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent> {
  const { dataset, recipe, rate, seed, start, step: trainingStep, evaluate, signal } = options;
  const perEpoch = stepsPerEpoch(dataset, recipe);
  const steps = recipe.epochs * perEpoch;
  let state: TrainingState = {
    weights: tf.tensor1d(start.weights),
    statistics: tf.tensor1d(start.statistics),
    slots: start.slots.map((slot) => tf.tensor1d(slot)),
  };
  try {
    if (start.step === 0) yield { kind: 'checkpoint', snapshot: start };
    for (let step = start.step; step < steps; step++) {
      signal.throwIfAborted();
      const epoch = Math.floor(step / perEpoch);
      const order = batchOrder(dataset.train.size, recipe.batch, seed, epoch);
      const chance = recipe.augment ? stream(seed, `augmentation, step ${step}`) : null;
      const batch = takeBatch(dataset, dataset.train, order[step % perEpoch], chance);
      const current = rateAt(recipe, rate, step, steps);
      const taken = trainingStep.take(state, batch, step, current);
      tf.dispose([batch.images, batch.labels]);
      state = taken.state;
      const [loss, gradientNorm, weightNorm] = taken.report;
      const metrics = { step, loss, rate: current, gradientNorm, weightNorm };
      yield { kind: 'step', metrics, steps };
      if (!Number.isFinite(loss)) {
        yield { kind: 'diverged', step };
        return;
      }
      const done = step + 1;
      const endsEpoch = done % perEpoch === 0;
      if (endsEpoch) {
        const [trained, tested] = [evaluate('train', state), evaluate('test', state)];
        yield {
          kind: 'epoch',
          metrics: {
            epoch,
            step: done,
            trainLoss: trained.loss,
            trainAccuracy: trained.accuracy,
            testLoss: tested.loss,
            testAccuracy: tested.accuracy,
          },
        };
      }
      if (done % recipe.checkpointEvery === 0 || done === steps || endsEpoch) {
        yield { kind: 'checkpoint', snapshot: read(state, done) };
      }
    }
  } finally {
    tf.dispose([state.weights, state.statistics, ...state.slots]);
  }
}
