/**
 * Scales a direction to the weights it is drawn around (Li et al. 2018, §4), and reports how well
 * it fits.
 */

import type { AxisValidity, Normalisation, ValidityReport } from '../../../shared/spec/direction';
import type { Parameter } from '../model/model';

/** The reference code's guard against dividing by zero. */
const TINY = 1e-10;

/**
 * Visits the places of each filter in the flat vector: filter f is every `filters`-th number of its
 * tensor.
 */
function forEachFilter(
  { shape, offset, size, filterAxis }: Parameter,
  visit: (places: (i: number) => number, count: number) => void,
): void {
  if (filterAxis === null) return;
  const filters = shape[filterAxis];
  const inner = shape.slice(filterAxis + 1).reduce((product, length) => product * length, 1);
  const count = size / filters;
  for (let f = 0; f < filters; f++) {
    visit((i) => {
      const block = Math.floor(i / inner);
      return offset + (block * filters + f) * inner + (i % inner);
    }, count);
  }
}

function norm(values: Float32Array, places: (i: number) => number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[places(i)] ** 2;
  return Math.sqrt(sum);
}

/**
 * d ← d · ‖w‖/(‖d‖ + 1e-10) over the given places. A group of zero norm in the weights becomes
 * zero.
 */
function rescale(
  direction: Float32Array,
  weights: Float32Array,
  places: (i: number) => number,
  count: number,
): void {
  const scale = norm(weights, places, count) / (norm(direction, places, count) + TINY);
  for (let i = 0; i < count; i++) direction[places(i)] *= scale;
}

/**
 * Normalises `direction` in place. `filter`: each filter to the norm of the same filter of
 * `weights`; `layer`: each
 * tensor likewise; `weight`: d ← d ⊙ w; `none`: as it is. With `ignore`, biases and norm parameters
 * become 0.
 */
export function normalise(
  direction: Float32Array,
  weights: Float32Array,
  parameters: readonly Parameter[],
  kind: Normalisation,
  ignore: ValidityReport['ignored'],
): void {
  for (const parameter of parameters) {
    const { role, offset, size } = parameter;
    const whole = (i: number) => offset + i;
    if (role !== 'weight' && ignore === 'biases-and-norms') {
      direction.fill(0, offset, offset + size);
      continue;
    }
    switch (kind) {
      case 'none':
        break;
      case 'layer':
        rescale(direction, weights, whole, size);
        break;
      case 'weight':
        for (let i = offset; i < offset + size; i++) direction[i] *= weights[i];
        break;
      case 'filter':
        // A bias or norm parameter that is not ignored has one number per filter, as in the
        // reference code.
        if (parameter.filterAxis === null) rescaleEach(direction, weights, offset, size);
        else forEachFilter(parameter, (places, n) => rescale(direction, weights, places, n));
        break;
      default:
        kind satisfies never;
    }
  }
}

/** The reference code copies |w| with the direction's sign for tensors of one axis. */
function rescaleEach(direction: Float32Array, weights: Float32Array, offset: number, size: number) {
  for (let i = offset; i < offset + size; i++) {
    direction[i] = (direction[i] * Math.abs(weights[i])) / (Math.abs(direction[i]) + TINY);
  }
}

/** Σ a·b in float64. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function axisValidity(
  direction: Float32Array,
  weights: Float32Array,
  parameters: readonly Parameter[],
): AxisValidity & { zeroFilters: number } {
  let worstRatio = 1;
  let total = 0;
  let count = 0;
  let zeroFilters = 0;
  for (const parameter of parameters) {
    forEachFilter(parameter, (places, n) => {
      const length = norm(weights, places, n);
      if (length === 0) {
        zeroFilters++;
        return;
      }
      const ratio = norm(direction, places, n) / length;
      if (Math.abs(ratio - 1) > Math.abs(worstRatio - 1)) worstRatio = ratio;
      total += ratio;
      count++;
    });
  }
  const meanRatio = count === 0 ? 0 : total / count;
  return { worstRatio, meanRatio, norm: Math.sqrt(dot(direction, direction)), zeroFilters };
}

/** The validity report of one or two directions around `weights`. */
export function validityOf(
  directions: readonly Float32Array[],
  weights: Float32Array,
  parameters: readonly Parameter[],
): ValidityReport {
  const axes = directions.map((direction) => axisValidity(direction, weights, parameters));
  const moved = weights.reduce(
    (count, _, i) => count + (directions.some((direction) => direction[i] !== 0) ? 1 : 0),
    0,
  );
  const movesOthers = parameters.some(
    ({ role, offset, size }) =>
      role !== 'weight' &&
      directions.some((d) => d.subarray(offset, offset + size).some((value) => value !== 0)),
  );
  const [first, second] = directions;
  const cosine =
    second === undefined ? null : dot(first, second) / (axes[0].norm * axes[1].norm || 1);
  return {
    moved,
    total: weights.length,
    axes: axes.map(({ zeroFilters: _, ...axis }) => axis),
    cosine,
    zeroFilters: axes[0].zeroFilters,
    ignored: movesOthers ? 'nothing' : 'biases-and-norms',
  };
}
