/**
 * How much work a study is, in sample passes weighed by the network's cost: the measure of progress
 * and ETA.
 */

import { lengthsOf } from '../../../shared/spec/run';
import { runId, runsOf, scansVariant, type Study, type Variant } from '../../../shared/spec/study';
import type { ScanSpec } from '../../../shared/spec/surface';
import type { Dataset } from '../dataset/dataset';
import { buildModel } from '../model/build';
import { stepsPerEpoch } from '../run/train';

/** A training step costs about three forward passes of its batch. */
export const STEP_COST = 3;

export interface Workload {
  readonly total: number;
  /** Units of `total` that `samples` samples of a phase are. */
  weigh(variant: Variant, phase: 'train' | 'scan', samples: number): number;
}

export function scanSamples(scan: ScanSpec, dataset: Dataset): number {
  const { directions: spec } = scan;
  const repeats = spec.kind === 'random' ? spec.repeats : 1;
  const isLine = spec.kind === 'between' || (spec.kind === 'random' && spec.axes === 1);
  const images = scan.subset === 'all' ? dataset[scan.split].size : scan.subset;
  return repeats * scan.x.points * (isLine ? 1 : scan.y.points) * images;
}

/** What it takes to look at one imported checkpoint, as samples of training. */
export const importSamples = ({ train, test }: Pick<Dataset, 'train' | 'test'>): number =>
  (train.size + test.size) / STEP_COST;

/** Epochs of one run, at most and at least: training until a loss may end with any length. */
export function epochsOf({ recipe, weights }: Variant): { most: number; least: number } {
  if (weights !== null) return { most: 0, least: 0 };
  const lengths = lengthsOf(recipe);
  return { most: lengths.reduce((sum, epochs) => sum + epochs, 0), least: lengths[0] };
}

/** Samples that the trial of a variant takes without going on. */
export function trialSamples({ recipe, weights }: Variant, dataset: Dataset): number {
  const { learningRate } = recipe;
  if (weights !== null || typeof learningRate === 'number') return 0;
  return learningRate.rates.length * learningRate.epochs * dataset.train.size;
}

/** Samples of `epochs` of training; the last batch of each counts as a whole one. */
export const epochSamples = ({ recipe }: Variant, dataset: Dataset, epochs: number): number =>
  epochs * stepsPerEpoch(dataset, recipe) * recipe.batch;

/** The work of all runs and surfaces that `isDone` does not know. */
export function measureWork(
  study: Study,
  dataset: Dataset,
  isDone: (run: string) => boolean,
): Workload {
  const costs = new Map(
    study.variants
      .filter(({ surface }) => surface === null)
      .map(({ name, model }) => [name, buildModel(model, dataset).cost]),
  );
  const weigh: Workload['weigh'] = (variant, phase, samples) =>
    costs.get(variant.name)! * samples * (phase === 'train' ? STEP_COST : 1);
  let total = 0;
  for (const { variant, seed } of runsOf(study)) {
    if (!isDone(runId(variant.name, seed))) {
      const trial = seed === study.seeds[0] ? trialSamples(variant, dataset) : 0;
      const { most } = epochsOf(variant);
      const { weights } = variant;
      const brought = weights === null ? 0 : (weights.earlier?.length ?? 0) + 1;
      const samples =
        trial + epochSamples(variant, dataset, most) + brought * importSamples(dataset);
      total += weigh(variant, 'train', samples);
    }
    for (const scan of study.scans) {
      if (!scansVariant(scan, variant.name)) continue;
      total += weigh(variant, 'scan', scanSamples(scan, dataset));
    }
  }
  return { total, weigh };
}
