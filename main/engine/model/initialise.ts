/** Fresh weights by the initialisation schemes of the field. */

import { Matrix, QrDecomposition } from 'ml-matrix';
import type { Stream } from '../backend/random';
import type { Parameter } from './model';

export type Scheme = 'he' | 'xavier' | 'uniform' | 'orthogonal' | 'fixup';

export interface InitialiseOptions {
  scheme: Scheme;
  /** Standard deviation of the head's weights. */
  headScale: number;
  /** Number of residual branches; Fixup scales by it. */
  blocks: number;
  /** The last weight of each branch, which Fixup starts at zero. */
  isLastOfBranch(name: string): boolean;
  isInBranch(name: string): boolean;
}

/** Inputs and outputs of one unit: a convolution's kernel area counts for both. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const area = shape.slice(0, -2).reduce((product, length) => product * length, 1);
  const [input, output] = shape.slice(-2);
  return { fanIn: area * input, fanOut: area * output };
}

/**
 * Columns (filters) orthonormal, or rows where there are more columns, times √2 for the ReLU (Saxe
 * et al. 2014).
 */
function orthogonal(shape: readonly number[], chance: Stream): Float32Array {
  const columns = shape[shape.length - 1];
  const rows = shape.reduce((product, length) => product * length, 1) / columns;
  const [tall, thin] = rows >= columns ? [rows, columns] : [columns, rows];
  const gaussian = Matrix.from1DArray(
    tall,
    thin,
    Float64Array.from({ length: tall * thin }, () => chance.normal()),
  );
  const basis = new QrDecomposition(gaussian).orthogonalMatrix;
  const oriented = rows >= columns ? basis : basis.transpose();
  return Float32Array.from(oriented.to1DArray(), (value) => value * Math.SQRT2);
}

/** He: N(0, 2/fan-in); Xavier: uniform ±√(6/(fan-in + fan-out)); uniform: ±1/√fan-in. */
function draw(scheme: Scheme, shape: readonly number[], chance: Stream): Float32Array {
  const { fanIn, fanOut } = fans(shape);
  const size = shape.reduce((product, length) => product * length, 1);
  const fill = (next: () => number) => Float32Array.from({ length: size }, next);
  const symmetric = (bound: number) => fill(() => (2 * chance.uniform() - 1) * bound);
  switch (scheme) {
    case 'he':
    case 'fixup':
      return fill(() => chance.normal() * Math.sqrt(2 / fanIn));
    case 'xavier':
      return symmetric(Math.sqrt(6 / (fanIn + fanOut)));
    case 'uniform':
      return symmetric(1 / Math.sqrt(fanIn));
    case 'orthogonal':
      return orthogonal(shape, chance);
    default:
      return scheme satisfies never;
  }
}

/**
 * The flat weight vector of `parameters`: norm scales 1, shifts and biases 0, the head N(0,
 * headScale²).
 * Fixup (Zhang, Dauphin & Ma 2019, without its scalar biases and multipliers): branch weights ×
 * blocks^(−1/2),
 * the last weight of each branch and the head 0.
 */
export function initialise(
  parameters: readonly Parameter[],
  options: InitialiseOptions,
  chance: Stream,
): Float32Array {
  const last = parameters[parameters.length - 1];
  const weights = new Float32Array(last.offset + last.size);
  for (const { name, role, shape, offset, size } of parameters) {
    if (role === 'norm-scale') weights.fill(1, offset, offset + size);
    if (role !== 'weight') continue;
    const fixup = options.scheme === 'fixup';
    if (name === 'linear.weight') {
      if (fixup) continue;
      for (let i = 0; i < size; i++) weights[offset + i] = chance.normal() * options.headScale;
      continue;
    }
    const values = draw(options.scheme, shape, chance);
    if (fixup && options.isLastOfBranch(name)) continue;
    const scale = fixup && options.isInBranch(name) ? options.blocks ** -0.5 : 1;
    for (let i = 0; i < size; i++) weights[offset + i] = values[i] * scale;
  }
  return weights;
}
