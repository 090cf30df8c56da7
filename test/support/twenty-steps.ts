/** Twenty training steps of a small ResNet on fixed noise: what tiers are compared by. */

import * as tf from '@tensorflow/tfjs';
import { stream } from '../../main/engine/backend/random';
import type { Backend } from '../../main/engine/backend/start';
import { buildModel } from '../../main/engine/model/build';
import { buildTrainingStep, type TrainingState } from '../../main/engine/run/step';
import { check } from '../../shared/spec/check';
import { ModelSpec } from '../../shared/spec/model';
import { RecipeSpec } from '../../shared/spec/run';

export function trainTwenty(node: Backend['node'] = null): number[] {
  const spec = check(ModelSpec, { family: 'resnet', depth: 14, width: 4 }, 'model');
  const model = buildModel(spec, { inputShape: [8, 8, 1], classes: 10 });
  const step = buildTrainingStep(model, check(RecipeSpec, {}, 'recipe'), 10, node);
  const chance = stream(1, 'images');
  const pixels = Float32Array.from({ length: 32 * 64 }, () => chance.normal());
  const labels = Int32Array.from({ length: 32 }, () => chance.below(10));
  const batch = {
    images: tf.tensor4d(pixels, [32, 8, 8, 1]),
    labels: tf.tensor1d(labels, 'int32'),
  };
  let state: TrainingState = {
    weights: tf.tensor1d(model.initialise(stream(1, 'initialisation'))),
    statistics: tf.tensor1d(model.initialStatistics()),
    slots: [tf.zeros([model.size]) as tf.Tensor1D],
  };
  const losses: number[] = [];
  for (let i = 0; i < 20; i++) {
    const taken = step.take(state, batch, i, 0.02);
    state = taken.state;
    losses.push(taken.report[0]);
  }
  tf.dispose([state.weights, state.statistics, ...state.slots, batch.images, batch.labels]);
  step.dispose();
  return losses;
}
