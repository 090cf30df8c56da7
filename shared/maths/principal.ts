/**
 * Principal components of a trajectory through the small Gram matrix, and what a random walk would
 * give.
 */

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

export interface Components {
  /** Unit vectors, the first with the most variance. */
  readonly vectors: Float64Array[];
  /** Share of the variance of each, largest first. */
  readonly explained: number[];
}

/** Eigenpairs of a symmetric matrix, largest eigenvalue first. */
function symmetricEigen(matrix: Matrix): { values: number[]; vectors: number[][] } {
  const solved = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = solved.realEigenvalues.map((_, i) => i);
  order.sort((a, b) => solved.realEigenvalues[b] - solved.realEigenvalues[a]);
  return {
    values: order.map((i) => Math.max(0, solved.realEigenvalues[i])),
    vectors: order.map((i) => solved.eigenvectorMatrix.getColumn(i)),
  };
}

/** Rows minus their mean row. */
function centred(rows: readonly Float64Array[]): Float64Array[] {
  const mean = new Float64Array(rows[0].length);
  for (const row of rows) for (let i = 0; i < row.length; i++) mean[i] += row[i] / rows.length;
  return rows.map((row) => row.map((value, i) => value - mean[i]));
}

/**
 * The first `count` principal components of `rows` (T vectors of n numbers): with M the centred
 * rows and
 * G = M·Mᵀ = Σ µᵢ·uᵢ·uᵢᵀ, component i is Mᵀuᵢ/√µᵢ. Its sign makes the first row's coordinate
 * positive.
 * Components whose µᵢ is below 1e-12 of the largest are left out.
 */
export function principalComponents(rows: readonly Float64Array[], count: number): Components {
  const m = centred(rows);
  const gram = Matrix.zeros(m.length, m.length);
  for (let i = 0; i < m.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < m[i].length; k++) sum += m[i][k] * m[j][k];
      gram.set(i, j, sum);
      gram.set(j, i, sum);
    }
  }
  const { values, vectors } = symmetricEigen(gram);
  const total = values.reduce((sum, value) => sum + value, 0);
  const kept = values.slice(0, count).filter((value) => value > 1e-12 * values[0]);
  return {
    vectors: kept.map((value, i) => component(rows[0], m, vectors[i], Math.sqrt(value))),
    explained: values.map((value) => (total === 0 ? 0 : value / total)),
  };
}

function component(
  first: Float64Array,
  m: readonly Float64Array[],
  u: readonly number[],
  length: number,
): Float64Array {
  const vector = new Float64Array(first.length);
  for (let t = 0; t < m.length; t++) {
    for (let i = 0; i < vector.length; i++) vector[i] += (m[t][i] * u[t]) / length;
  }
  let coordinate = 0;
  for (let i = 0; i < vector.length; i++) coordinate += first[i] * vector[i];
  return coordinate < 0 ? vector.map((value) => -value) : vector;
}

/**
 * Shares of variance that a random walk in very high dimension gives when its steps have the given
 * lengths:
 * the eigenvalues of the centred matrix of E[x_s·x_t] = Σ_{i<min(s,t)} length². For many equal
 * steps they tend
 * to 6/(π²k²) = 0.608, 0.152, 0.068 … (Antognini & Sohl-Dickstein 2018).
 */
export function randomWalkShares(stepLengths: readonly number[]): number[] {
  const travelled = [0];
  for (const length of stepLengths) travelled.push(travelled[travelled.length - 1] + length ** 2);
  const count = travelled.length;
  const gram = new Matrix(
    travelled.map((_, s) => travelled.map((__, t) => travelled[Math.min(s, t)])),
  );
  const centring = Matrix.eye(count).sub(Matrix.ones(count, count).div(count));
  const { values } = symmetricEigen(centring.mmul(gram).mmul(centring));
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => (total === 0 ? 0 : value / total));
}
