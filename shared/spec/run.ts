/** The run noun: how a network is trained. */

import * as v from 'valibot';
import { between, whole } from './check';

/** Rates tried, and how long, before a variant is trained when its rate is not pinned. */
export const TrialSpec = v.strictObject({
  rates: v.optional(v.pipe(v.array(between(1e-8, 100)), v.minLength(1)), [0.3, 0.1, 0.05, 0.02]),
  epochs: v.optional(whole(1, 1000), 4),
  /**
   * `whole`: each rate is tried by the recipe's schedule, squeezed into the trial's epochs, so that
   * a rate that needs its decay gets it. `constant`: it stays where the warm-up brought it.
   */
  schedule: v.optional(v.picklist(['constant', 'whole']), 'constant'),
});

/**
 * Training that goes on until a loss is reached: by whole schedules of the given lengths, each from
 * the same start, so that the network that is kept was trained by one schedule from end to end.
 */
export const UntilSpec = v.strictObject({
  /** Mean cross-entropy on all training images, in evaluation mode, after the last step. */
  loss: between(1e-8, 100),
  /** The first length whose schedule ends at or below the loss is the run; else the last one. */
  epochs: v.optional(
    v.pipe(
      v.array(whole(1, 100000)),
      v.minLength(1),
      v.check(
        (lengths) => lengths.every((length, i) => i === 0 || length > lengths[i - 1]),
        'lengths of which each is longer than the one before',
      ),
    ),
    [5, 10, 20, 40, 80],
  ),
});

const Sgd = v.strictObject({
  kind: v.literal('sgd'),
  momentum: v.optional(between(0, 0.9999), 0.9),
  nesterov: v.optional(v.boolean(), true),
});
const adamKeys = {
  beta1: v.optional(between(0, 0.9999), 0.9),
  beta2: v.optional(between(0, 0.999999), 0.999),
  epsilon: v.optional(between(1e-16, 1), 1e-8),
};
const Adam = v.strictObject({ kind: v.literal('adam'), ...adamKeys });
const AdamW = v.strictObject({ kind: v.literal('adamw'), ...adamKeys });
export const OptimiserSpec = v.variant('kind', [Sgd, Adam, AdamW]);

const Step = v.strictObject({
  kind: v.literal('step'),
  /** The rate is multiplied by `factor` at these shares of the training. */
  at: v.optional(v.array(between(0, 1)), [0.8]),
  factor: v.optional(between(0, 1), 0.1),
});
const Cosine = v.strictObject({ kind: v.literal('cosine') });
const OneCycle = v.strictObject({
  kind: v.literal('one-cycle'),
  /** Share of the training spent climbing. */
  peak: v.optional(between(0.01, 0.99), 0.3),
});
const Constant = v.strictObject({ kind: v.literal('constant') });
export const ScheduleSpec = v.variant('kind', [Step, Cosine, OneCycle, Constant]);

export const RecipeSpec = v.strictObject({
  /** Without a meaning where `until` is given, which has lengths of its own. */
  epochs: v.optional(whole(0, 100000), 20),
  /** Networks that train until the same loss are compared at equal training loss. */
  until: v.optional(v.nullable(UntilSpec), null),
  batch: v.optional(whole(1, 65536), 128),
  optimiser: v.optional(OptimiserSpec, { kind: 'sgd', momentum: 0.9, nesterov: true }),
  /**
   * A number pins it; a trial chooses the rate of lowest training loss after a short training each.
   */
  learningRate: v.optional(v.union([between(1e-8, 1000), TrialSpec]), {
    rates: [0.3, 0.1, 0.05, 0.02],
    epochs: 4,
  }),
  schedule: v.optional(ScheduleSpec, { kind: 'step', at: [0.8], factor: 0.1 }),
  /** Steps over which the rate climbs linearly from zero. */
  warmup: v.optional(whole(0, 1000000), 12),
  weightDecay: v.optional(between(0, 1), 5e-4),
  /** `weights`: norm parameters and biases are left alone. */
  decayOn: v.optional(v.picklist(['all', 'weights']), 'all'),
  /**
   * Coupled: added to the gradient; decoupled: taken off the weights beside the step (AdamW always
   * is).
   */
  decay: v.optional(v.picklist(['coupled', 'decoupled']), 'coupled'),
  /** A gradient of a larger norm is scaled down to it before the decay is added; null: none is. */
  clip: v.optional(v.nullable(between(1e-8, 1e8)), null),
  labelSmoothing: v.optional(between(0, 0.99), 0),
  /** Random shifts by up to 4 pixels and mirroring, for 32×32 images. */
  augment: v.optional(v.boolean(), false),
  /**
   * Steps between checkpoints of the trajectory; the first and the last step are always kept.
   * `auto`: 10, or fewer where the run is short and a claim is about its path.
   */
  checkpointEvery: v.optional(v.union([whole(1, 1000000), v.literal('auto')]), 'auto'),
});

export type RecipeSpec = v.InferOutput<typeof RecipeSpec>;
/** A recipe of a training whose length is known. */
export type TimedRecipe = RecipeSpec & { readonly checkpointEvery: number };
export type OptimiserSpec = v.InferOutput<typeof OptimiserSpec>;
export type ScheduleSpec = v.InferOutput<typeof ScheduleSpec>;
export type TrialSpec = v.InferOutput<typeof TrialSpec>;
export type UntilSpec = v.InferOutput<typeof UntilSpec>;

/** The lengths of the schedules that training takes at most, in epochs, in their order. */
export const lengthsOf = ({ until, epochs }: RecipeSpec): readonly number[] =>
  until === null ? [epochs] : until.epochs;

/** One whole schedule of a run that trains until a loss is reached. */
export interface Attempt {
  readonly epochs: number;
  /** The loss after its last step, as `UntilSpec.loss`; NaN: it diverged. */
  readonly trainLoss: number;
}

/** Whether a schedule ended where training was to end; one that diverged did not. */
export const reaches = ({ loss }: UntilSpec, { trainLoss }: Attempt): boolean => trainLoss <= loss;

/** One training step as it is kept in metrics.jsonl. NaN and Infinity are written as strings. */
export interface StepMetrics {
  readonly step: number;
  readonly loss: number;
  readonly rate: number;
  readonly gradientNorm: number;
  readonly weightNorm: number;
}

/** The state after an epoch, in evaluation mode on all of both splits. */
export interface EpochMetrics {
  readonly epoch: number;
  readonly step: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
}

/** How a run ended, with what a table says of it. */
export interface RunSummary extends EpochMetrics {
  /** The loss became NaN or infinite; training stopped there. */
  readonly diverged: boolean;
  /** See `isTrained`. */
  readonly trained: boolean;
  readonly learningRate: number;
  readonly stepsPerSecond: number;
  /** First step at which the mean of the last 20 losses is at most 0.3; null: never. */
  readonly stepsTo03: number | null;
}

/** Whether a run's weights came from elsewhere: how they were trained is not known. */
export const isImported = ({ learningRate }: Pick<RunSummary, 'learningRate'>): boolean =>
  Number.isNaN(learningRate);

/**
 * A network counts as trained when its training loss is below this share of ln(classes), the loss
 * of guessing.
 */
export const TRAINED_SHARE = 0.25;

export const isTrained = (trainLoss: number, classes: number): boolean =>
  trainLoss < TRAINED_SHARE * Math.log(classes);

/**
 * How a rate did in a trial: its mean training loss over the last epoch. Infinity: it diverged.
 */
export interface TrialRow {
  readonly rate: number;
  readonly loss: number;
}

/** The rate with the lowest loss; of equal ones the first. */
export const bestRate = (rows: readonly TrialRow[]): number =>
  rows.reduce((best, row) => (row.loss < best.loss ? row : best)).rate;

/**
 * The end of the tried rates at which the best of them lies: a better one may lie beyond. Null: it
 * is inside. Where all diverged, the lowest.
 */
export function edgeOf(rows: readonly TrialRow[]): 'lowest' | 'highest' | null {
  const rates = rows.map(({ rate }) => rate);
  const best = bestRate(rows);
  if (!rows.some(({ loss }) => Number.isFinite(loss)) || best === Math.min(...rates)) {
    return 'lowest';
  }
  return best === Math.max(...rates) ? 'highest' : null;
}
