/** Random directions: Gaussian in every weight, then scaled to the weights. */

import type { RandomDirection } from '../../../shared/spec/direction';
import { stream } from '../backend/random';
import type { Parameter } from '../model/model';
import { normalise } from './normalise';

const AXES = ['direction x', 'direction y'] as const;

/** One or two directions around `weights`; the second is drawn from a stream of its own. */
export function randomDirections(
  spec: RandomDirection,
  weights: Float32Array,
  parameters: readonly Parameter[],
): Float32Array[] {
  return AXES.slice(0, spec.axes).map((purpose) => {
    const chance = stream(spec.seed, purpose);
    const direction = new Float32Array(weights.length);
    for (let i = 0; i < direction.length; i++) direction[i] = chance.normal();
    normalise(direction, weights, parameters, spec.normalise, spec.ignore);
    return direction;
  });
}
