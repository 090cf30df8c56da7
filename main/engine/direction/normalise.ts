/**
 * Scales a direction to the weights it is drawn around (Li et al. 2018, §4), and reports how well
 * it fits.
 */

import type { AxisValidity, Normalisation, ValidityReport } from '../../../shared/spec/direction';
import type { Parameter } from '../model/model';

/** The reference code's guard against dividing by zero. */
const TINY = 1e-10;

/** Visits each number of a tensor with its filter, in the order of memory. */
function forEachInFilters(
  { shape, offset, size, filterAxis }: Parameter,
  visit: (filter: number, place: number) => void,
): void {
  if (filterAxis === null) return;
  const filters = shape[filterAxis];
  const inner = shape.slice(filterAxis + 1).reduce((product, length) => product * length, 1);
  for (let place = offset; place < offset + size;) {
    for (let f = 0; f < filters; f++) for (let i = 0; i < inner; i++) visit(f, place++);
  }
}

/** ‖·‖ of each filter of a tensor; none where it has no filters. */
function filterNorms(values: Float32Array, parameter: Parameter): Float64Array {
  const { shape, filterAxis } = parameter;
  const sums = new Float64Array(filterAxis === null ? 0 : shape[filterAxis]);
  forEachInFilters(parameter, (f, place) => (sums[f] += values[place] ** 2));
  return sums.map(Math.sqrt);
}

/**
 * d ← d · ‖w‖/(‖d‖ + 1e-10) filter by filter. A filter of zero norm in the weights becomes zero.
 */
function rescaleFilters(
  direction: Float32Array,
  weights: Float32Array,
  parameter: Parameter,
): void {
  const own = filterNorms(direction, parameter);
  const scales = filterNorms(weights, parameter).map((norm, f) => norm / (own[f] + TINY));
  forEachInFilters(parameter, (f, place) => (direction[place] *= scales[f]));
}

/** The same over a whole tensor. */
function rescaleTensor(
  direction: Float32Array,
  weights: Float32Array,
  { offset, size }: Parameter,
): void {
  const [d, w] = [direction, weights].map((all) => all.subarray(offset, offset + size));
  const scale = Math.sqrt(dot(w, w)) / (Math.sqrt(dot(d, d)) + TINY);
  for (let i = 0; i < size; i++) d[i] *= scale;
}

/**
 * Normalises `direction` in place. `filter`: each filter to the norm of the same filter of
 * `weights`; `layer`: each tensor likewise; `weight`: d ← d ⊙ w; `none`: as it is. With `ignore`,
 * biases and norm parameters become 0.
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
    if (role !== 'weight' && ignore === 'biases-and-norms') {
      direction.fill(0, offset, offset + size);
      continue;
    }
    switch (kind) {
      case 'none':
        break;
      case 'layer':
        rescaleTensor(direction, weights, parameter);
        break;
      case 'weight':
        for (let i = offset; i < offset + size; i++) direction[i] *= weights[i];
        break;
      case 'filter':
        // A bias or norm parameter that is not ignored has one number per filter, as in the
        // reference code.
        if (parameter.filterAxis === null) rescaleEach(direction, weights, offset, size);
        else rescaleFilters(direction, weights, parameter);
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
    const lengths = filterNorms(weights, parameter);
    filterNorms(direction, parameter).forEach((norm, f) => {
      if (lengths[f] === 0) {
        zeroFilters++;
        return;
      }
      const ratio = norm / lengths[f];
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
