/** The learning rate at each step. */

import type { RecipeSpec } from '../../../shared/spec/run';

/** The factor on the peak rate at `progress` in [0, 1) of the training. */
function shape(schedule: RecipeSpec['schedule'], progress: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.factor ** schedule.at.filter((share) => progress >= share).length;
    case 'cosine':
      return 0.5 * (1 + Math.cos(Math.PI * progress));
    case 'one-cycle': {
      // Smith & Topin 2018 in cosine form: from 1/25 of the peak up, then down to 1/10000 of the
      // start.
      const { peak } = schedule;
      const [from, to, t] =
        progress < peak
          ? [1 / 25, 1, progress / peak]
          : [1, 1 / 25e4, (progress - peak) / (1 - peak)];
      return to + 0.5 * (from - to) * (1 + Math.cos(Math.PI * t));
    }
    default:
      return schedule satisfies never;
  }
}

/** The rate of step `step` (counted from 0) of `steps`, whose highest value is `peak`. */
export function rateAt(recipe: RecipeSpec, peak: number, step: number, steps: number): number {
  const climb = recipe.warmup === 0 ? 1 : Math.min(1, (step + 1) / recipe.warmup);
  return peak * climb * shape(recipe.schedule, step / steps);
}

/** Steps at which the schedule cuts the rate at once: what a trajectory marks. */
export function rateDrops(recipe: RecipeSpec, steps: number): number[] {
  if (recipe.schedule.kind !== 'step') return [];
  return recipe.schedule.at.map((share) => Math.ceil(share * steps));
}
