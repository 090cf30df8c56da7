/** One training step as a pure function of tensors, recorded once and replayed in one call. */

import * as tf from '@tensorflow/tfjs';
import type { RecipeSpec } from '../../../shared/spec/run';
import { crossEntropy } from '../backend/kernels';
import { record, type Replay } from '../backend/record';
import type { NodeBackend } from '../backend/tensorflow';
import type { Model } from '../model/model';
import { optimiserOf, type Optimiser } from './optimiser';

/** PyTorch's default weight of a new batch in the running statistics. */
const NORM_MOMENTUM = 0.1;

/** What training carries from step to step. */
export interface TrainingState {
  weights: tf.Tensor1D;
  statistics: tf.Tensor1D;
  slots: tf.Tensor1D[];
}

export interface TrainingStep {
  readonly optimiser: Optimiser;
  /**
   * Takes one step and disposes of the old state.
   * `report` is [loss, ‖gradient‖, ‖weights‖]: loss and gradient of the batch before the step,
   * without decay and before any clipping.
   */
  take(
    state: TrainingState,
    batch: { images: tf.Tensor; labels: tf.Tensor1D },
    step: number,
    rate: number,
  ): { state: TrainingState; report: Float32Array };
  dispose(): void;
}

/**
 * Targets [batch, classes]: 1 − s for the label plus s/classes everywhere (Szegedy et al. 2016,
 * §7).
 */
function targetsOf(labels: tf.Tensor1D, classes: number, smoothing: number): tf.Tensor2D {
  const hot = tf.oneHot(labels, classes).toFloat() as tf.Tensor2D;
  return smoothing === 0 ? hot : tf.add(tf.mul(hot, 1 - smoothing), smoothing / classes);
}

/** The training step of `model` under `recipe`. Records a graph per batch size. */
export function buildTrainingStep(
  model: Model,
  recipe: RecipeSpec,
  classes: number,
  backend: NodeBackend | null,
): TrainingStep {
  const optimiser = optimiserOf(recipe, model.parameters);
  const replay: Replay = record((inputs) => {
    const [weights, statistics] = inputs as [tf.Tensor1D, tf.Tensor1D];
    const slots = inputs.slice(2, 2 + optimiser.slots) as tf.Tensor1D[];
    const [images, labels, rate, correction1, correction2] = inputs.slice(2 + optimiser.slots);
    const targets = targetsOf(labels as tf.Tensor1D, classes, recipe.labelSmoothing);

    let measured = statistics;
    const { value: loss, grad: gradient } = tf.valueAndGrad((theta) => {
      const output = model.apply(theta as tf.Tensor1D, statistics, images, 'batch');
      measured = tf.keep(output.statistics);
      return tf.mean(crossEntropy(output.logits, targets)) as tf.Scalar;
    })(weights);
    const updated = optimiser.update(weights, gradient as tf.Tensor1D, slots, {
      rate: rate as tf.Scalar,
      correction1: correction1 as tf.Scalar,
      correction2: correction2 as tf.Scalar,
    });
    const running = tf.add(tf.mul(statistics, 1 - NORM_MOMENTUM), tf.mul(measured, NORM_MOMENTUM));
    if (measured !== statistics) measured.dispose();
    const report = tf.stack([loss, tf.norm(gradient), tf.norm(weights)]);
    return [updated.weights, running, ...updated.slots, report];
  }, backend);

  return {
    optimiser,
    take(state, batch, step, rate) {
      const scalars = optimiser.scalarsAt(step, rate).map((value) => tf.scalar(value));
      const old = [state.weights, state.statistics, ...state.slots];
      const outputs = replay.run([...old, batch.images, batch.labels, ...scalars]);
      tf.dispose([...old, ...scalars]);
      const report = outputs.pop()!;
      const values = report.dataSync() as Float32Array;
      report.dispose();
      const [weights, statistics, ...slots] = outputs as tf.Tensor1D[];
      return { state: { weights, statistics, slots }, report: values };
    },
    dispose: () => replay.dispose(),
  };
}
