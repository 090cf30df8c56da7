/**
 * Optimisers as pure functions on flat vectors: one update is a handful of operations, whatever the
 * network.
 */

import * as tf from '@tensorflow/tfjs';
import type { RecipeSpec } from '../../../shared/spec/run';
import type { Parameter } from '../model/model';

/**
 * What an update is told beside tensors: scalars, fed so that a recorded step serves every rate.
 */
export interface Scalars {
  rate: tf.Scalar;
  /** Adam's bias corrections 1 − β₁ᵗ and 1 − β₂ᵗ; 1 for SGD. */
  correction1: tf.Scalar;
  correction2: tf.Scalar;
}

export interface Updated {
  weights: tf.Tensor1D;
  slots: tf.Tensor1D[];
}

export interface Optimiser {
  /** Number of memory vectors (momentum; first and second moment). */
  readonly slots: number;
  update(
    weights: tf.Tensor1D,
    gradient: tf.Tensor1D,
    slots: tf.Tensor1D[],
    scalars: Scalars,
  ): Updated;
  /** The values of `Scalars` at step `step`, counted from 0. */
  scalarsAt(step: number, rate: number): [rate: number, correction1: number, correction2: number];
}

/** Per weight, the decay that applies to it: a constant, or a mask where only weights decay. */
function decayOf(recipe: RecipeSpec, parameters: readonly Parameter[]): () => tf.Tensor | number {
  if (recipe.decayOn === 'all') return () => recipe.weightDecay;
  const last = parameters[parameters.length - 1];
  const mask = new Float32Array(last.offset + last.size);
  for (const { role, offset, size } of parameters) {
    if (role === 'weight') mask.fill(recipe.weightDecay, offset, offset + size);
  }
  return () => tf.tensor1d(mask);
}

/** Keeps the division below from a gradient of zero norm, as PyTorch does. */
const CLIP_EPSILON = 1e-6;

/** Scales `gradient` down to the norm `clip` where it is longer (Pascanu et al. 2013, §3.2). */
function clipped(gradient: tf.Tensor1D, clip: number | null): tf.Tensor1D {
  if (clip === null) return gradient;
  const scale = tf.div(clip, tf.add(tf.norm(gradient), CLIP_EPSILON));
  return tf.mul(gradient, tf.minimum(scale, 1));
}

/** SGD as PyTorch defines it: m ← µm + g; step along m, or with Nesterov along g + µm. */
function sgd(
  momentum: number,
  nesterov: boolean,
): Pick<Optimiser, 'slots' | 'scalarsAt'> & {
  direction(
    gradient: tf.Tensor1D,
    slots: tf.Tensor1D[],
    scalars: Scalars,
  ): [tf.Tensor, tf.Tensor1D[]];
} {
  return {
    slots: momentum === 0 ? 0 : 1,
    scalarsAt: (_step, rate) => [rate, 1, 1],
    direction(gradient, [memory]) {
      if (memory === undefined) return [gradient, []];
      const moved = tf.add(tf.mul(memory, momentum), gradient) as tf.Tensor1D;
      return [nesterov ? tf.add(gradient, tf.mul(moved, momentum)) : moved, [moved]];
    },
  };
}

/** Adam (Kingma & Ba 2015, algorithm 1), with PyTorch's place for ε. */
function adam(beta1: number, beta2: number, epsilon: number): ReturnType<typeof sgd> {
  return {
    slots: 2,
    scalarsAt: (step, rate) => [rate, 1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)],
    direction(gradient, [first, second], { correction1, correction2 }) {
      const m = tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)) as tf.Tensor1D;
      const squares = tf.mul(tf.mul(gradient, gradient), 1 - beta2);
      const v = tf.add(tf.mul(second, beta2), squares) as tf.Tensor1D;
      const scale = tf.add(tf.sqrt(tf.div(v, correction2)), epsilon);
      return [tf.div(tf.div(m, correction1), scale), [m, v]];
    },
  };
}

/** The optimiser of `recipe` for a network of `parameters`. */
export function optimiserOf(recipe: RecipeSpec, parameters: readonly Parameter[]): Optimiser {
  const { optimiser } = recipe;
  const rule =
    optimiser.kind === 'sgd'
      ? sgd(optimiser.momentum, optimiser.nesterov)
      : adam(optimiser.beta1, optimiser.beta2, optimiser.epsilon);
  const decay = decayOf(recipe, parameters);
  const decoupled = recipe.decay === 'decoupled' || optimiser.kind === 'adamw';
  const decays = recipe.weightDecay > 0;
  return {
    slots: rule.slots,
    scalarsAt: rule.scalarsAt,
    update(weights, gradient, slots, scalars) {
      const coupled = decays && !decoupled;
      const bounded = clipped(gradient, recipe.clip);
      const g = coupled ? (tf.add(bounded, tf.mul(weights, decay())) as tf.Tensor1D) : bounded;
      const [direction, kept] = rule.direction(g, slots, scalars);
      const total = decays && decoupled ? tf.add(direction, tf.mul(weights, decay())) : direction;
      return { weights: tf.sub(weights, tf.mul(total, scalars.rate)), slots: kept };
    },
  };
}
