/** What a study would cost: counted for all its networks, timed for one of them. */

import * as tf from '@tensorflow/tfjs';
import { Fault } from '../../../shared/fault';
import type { Measured, VariantPlan } from '../../../shared/spec/plan';
import type { Study, Variant } from '../../../shared/spec/study';
import { lengthsOf } from '../../../shared/spec/run';
import { scansVariant } from '../../../shared/spec/study';
import { stream } from '../backend/random';
import type { Backend } from '../backend/start';
import { seconds } from '../clock';
import { takeBatch } from '../dataset/batches';
import type { Dataset } from '../dataset/dataset';
import { randomDirections } from '../direction/random';
import { buildModel } from '../model/build';
import type { Model } from '../model/model';
import { buildTrainingStep, type TrainingState } from '../run/step';
import { buildEvaluationSet } from '../surface/evaluation-set';
import { buildPoints, recordPoints, pointsPerCall } from '../surface/points';
import { evaluationsAlong } from './along-path';
import { epochSamples, epochsOf, scanSamples, trialSamples } from './plan';

/** Timed repetitions after one that records the graph. */
const REPEAT = 3;

/** Images of a timed point where no scan says how many. */
const IMAGES = 128;

const imagesOf = (scan: Study['scans'][number], dataset: Dataset) =>
  scan.subset === 'all' ? dataset[scan.split].size : scan.subset;

/**
 * Parameters, cost and amount of work of every network. @throws Fault where one does not fit the
 * data
 */
export function describePlan(study: Study, dataset: Dataset): VariantPlan[] {
  return study.variants.map((variant) => {
    if (variant.surface !== null) {
      const none = { parameters: 0, cost: 0, steps: 0, fewestSteps: 0, points: 0, runs: 0 };
      return { name: variant.name, ...none };
    }
    const model = buildModel(variant.model, dataset);
    const trial = trialSamples(variant, dataset);
    const steps = (epochs: number) =>
      Math.ceil((trial + epochSamples(variant, dataset, epochs)) / variant.recipe.batch);
    const { most, least } = epochsOf(variant);
    const scans = study.scans.filter((scan) => scansVariant(scan, variant.name));
    const points = scans.map((scan) => scanSamples(scan, dataset) / imagesOf(scan, dataset));
    return {
      name: variant.name,
      parameters: model.size,
      cost: model.cost,
      steps: steps(most),
      fewestSteps: steps(least),
      points: points.reduce((sum, count) => sum + count, 0),
      runs: variant.seeds.length,
    };
  });
}

/** The shortest of a few runs of `once`, seconds, after one that is not timed. */
function time(once: () => void): number {
  once();
  const times = Array.from({ length: REPEAT }, () => {
    const began = seconds();
    once();
    return seconds() - began;
  });
  return Math.min(...times);
}

function timeStep(model: Model, variant: Variant, dataset: Dataset, backend: Backend): number {
  const step = buildTrainingStep(model, variant.recipe, dataset.classes, backend.node);
  const size = Math.min(variant.recipe.batch, dataset.train.size);
  const batch = takeBatch(
    dataset,
    dataset.train,
    Int32Array.from({ length: size }, (_, i) => i),
  );
  const zeros = () => tf.zeros([model.size]) as tf.Tensor1D;
  let state: TrainingState = {
    weights: tf.tensor1d(model.initialise(stream(1, 'initialisation'))),
    statistics: tf.tensor1d(model.initialStatistics()),
    slots: Array.from({ length: step.optimiser.slots }, zeros),
  };
  let taken = 0;
  try {
    return time(() => void (state = step.take(state, batch, taken++, 1e-4).state));
  } finally {
    tf.dispose([batch.images, batch.labels, state.weights, state.statistics, ...state.slots]);
    step.dispose();
  }
}

/** Seconds per point of a plane on `images` images of the training split, statistics frozen. */
function timePoint(model: Model, images: number, dataset: Dataset, backend: Backend): number {
  const weights = model.initialise(stream(1, 'initialisation'));
  const directions = randomDirections(
    { kind: 'random', axes: 2, seed: 1, repeats: 1, normalise: 'filter', ignore: 'nothing' },
    weights,
    model.parameters,
  );
  const set = buildEvaluationSet(dataset, 'train', images, false);
  const replay = recordPoints(model, 'frozen', false, backend.node);
  const statisticDirections = directions.map(() => null);
  const span = { weights, statistics: model.initialStatistics(), directions, statisticDirections };
  const points = buildPoints(replay, span, set, pointsPerCall(span));
  const at = Array.from({ length: points.perCall }, (_, i) => [0.01 * i, 0.02]);
  try {
    return time(() => void points.measure(at)) / points.perCall;
  } finally {
    points.dispose();
    replay.dispose();
    set.dispose();
  }
}

/** Times one network of `study` on this machine and reckons up its share of the work. */
export function measureVariant(
  study: Study,
  name: string,
  dataset: Dataset,
  backend: Backend,
): Measured {
  const variant = study.variants.find((item) => item.name === name);
  if (variant === undefined) throw new Fault('not-found', `the study has no variant '${name}'`);
  const model = buildModel(variant.model, dataset);
  const { points } = describePlan(study, dataset).find((item) => item.name === name)!;
  const step = timeStep(model, variant, dataset, backend);
  const sizes = study.scans.map((scan) => imagesOf(scan, dataset));
  const images = Math.min(dataset.train.size, sizes.length === 0 ? IMAGES : Math.max(...sizes));
  const point = timePoint(model, images, dataset, backend);
  const { batch } = variant.recipe;
  const trial = (trialSamples(variant, dataset) / batch) * step;
  // After each epoch both splits pass through the network once.
  const pass = ((dataset.train.size + dataset.test.size) / images) * point;
  const training = (epochs: number) =>
    (epochSamples(variant, dataset, epochs) / batch) * step + epochs * pass;
  const { most, least } = epochsOf(variant);
  // Of several trainings, the last one is the path.
  const along = (epochs: number) => evaluationsAlong(study, variant, model, dataset, epochs);
  const all = (epochs: number, last: number) =>
    trial + variant.seeds.length * (training(epochs) + (points + along(last)) * point);
  const longest = lengthsOf(variant.recipe).at(-1)!;
  return { name, step, point, total: all(most, longest), least: all(least, least) };
}
