/**
 * The path of training, projected on the plane of its first two principal components, with what the
 * projection hides:
 * the distance from the plane, the true loss beside the plane's, and what a random walk would have
 * shown.
 */

import { gradient, interpolate } from '../../../shared/maths/grid';
import { gridOf } from '../../../shared/maths/surface-metrics';
import { principalComponents, randomWalkShares } from '../../../shared/maths/principal';
import type { Surface } from '../../../shared/spec/surface';
import type { Trajectory } from '../../../shared/spec/trajectory';
import { dot } from '../direction/normalise';
import type { Parameter } from '../model/model';

export interface PathPoint {
  readonly step: number;
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
}

/** What was measured at the checkpoints themselves, off the plane. */
export interface AlongPath {
  readonly losses: readonly number[];
  readonly gradients: readonly Float64Array[];
  /** Steps at which the rate was cut. */
  readonly drops: readonly number[];
}

/** The plane of a trajectory, and where its checkpoints fall. The origin is the last checkpoint. */
export interface PrincipalPlane {
  readonly directions: Float32Array[];
  readonly explained: readonly number[];
  readonly x: number[];
  readonly y: number[];
}

/** θ_t − θ_T in float64 with biases and norm parameters zeroed. */
function displacements(path: readonly PathPoint[], parameters: readonly Parameter[]) {
  const last = path[path.length - 1].weights;
  return path.map(({ weights }) => {
    const row = new Float64Array(weights.length);
    for (const { role, offset, size } of parameters) {
      if (role !== 'weight') continue;
      for (let i = offset; i < offset + size; i++) row[i] = weights[i] - last[i];
    }
    return row;
  });
}

/** The principal plane of `path`; null when the network never moved. */
export function principalPlane(
  path: readonly PathPoint[],
  parameters: readonly Parameter[],
): PrincipalPlane | null {
  const rows = displacements(path, parameters);
  const { vectors, explained } = principalComponents(rows, 2);
  if (vectors.length < 2) return null;
  const [x, y] = vectors.map((vector) => rows.map((row) => dot(row, vector)));
  return { directions: vectors.map((vector) => Float32Array.from(vector)), explained, x, y };
}

/** The range of an axis: that of the path with a margin on both sides. */
export function rangeOf(coordinates: readonly number[], margin: number): [number, number] {
  const low = Math.min(...coordinates);
  const high = Math.max(...coordinates);
  const room = margin * (high - low || 1);
  return [low - room, high + room];
}

/**
 * |s·g|/(|s||g|) of each in-plane step s with the in-plane gradient g at its start: 1 perpendicular
 * to the isocurves,
 * 0 along them. The gradient is that of the scanned surface by central differences, interpolated.
 */
export function perpendicularity(
  x: readonly number[],
  y: readonly number[],
  surface: Surface,
): number[] {
  const grid = gridOf(surface, false);
  const { gx, gy } = gradient(grid);
  const column = (value: number) => (value - surface.x[0]) / grid.dx;
  const row = (value: number) => (value - surface.y![0]) / grid.dy;
  return x.slice(0, -1).map((_, t) => {
    const step = [x[t + 1] - x[t], y[t + 1] - y[t]];
    const slope = [gx, gy].map((component) =>
      interpolate(component, grid.columns, grid.rows, column(x[t]), row(y[t])),
    );
    const lengths = Math.hypot(step[0], step[1]) * Math.hypot(slope[0], slope[1]);
    return lengths === 0 ? NaN : Math.abs(step[0] * slope[0] + step[1] * slope[1]) / lengths;
  });
}

const meanOf = (values: readonly number[]) => {
  const finite = values.filter((value) => Number.isFinite(value));
  return finite.length === 0 ? NaN : finite.reduce((sum, v) => sum + v, 0) / finite.length;
};

/**
 * Assembles the trajectory once the surface in its plane is scanned. `trueLosses` are those of the
 * checkpoints.
 */
export function describeTrajectory(
  path: readonly PathPoint[],
  plane: PrincipalPlane,
  parameters: readonly Parameter[],
  surface: Surface,
  { losses, gradients, drops }: AlongPath,
): Trajectory {
  const { x, y, explained } = plane;
  const rows = displacements(path, parameters);
  const grid = gridOf(surface, false);
  const planeLosses = x.map((_, t) =>
    interpolate(
      grid.values,
      grid.columns,
      grid.rows,
      (x[t] - surface.x[0]) / grid.dx,
      (y[t] - surface.y![0]) / grid.dy,
    ),
  );
  const lengths = rows.slice(1).map((row, t) => Math.sqrt(squaredDistance(row, rows[t])));
  const scores = perpendicularity(x, y, surface);
  const [early, late] = [Math.floor(scores.length / 6), Math.floor(scores.length / 2)];
  return {
    steps: path.map((point) => point.step),
    x,
    y,
    residuals: rows.map((row, t) => Math.sqrt(Math.max(0, dot(row, row) - x[t] ** 2 - y[t] ** 2))),
    weightNorms: path.map(({ weights }) => Math.sqrt(dot(weights, weights))),
    trueLosses: [...losses],
    descentCosines: descentCosines(rows, gradients, parameters),
    planeLosses,
    explained: explained.slice(0, 5),
    walkShares: randomWalkShares(lengths.map(() => 1)).slice(0, 5),
    matchedWalkShares: randomWalkShares(lengths).slice(0, 5),
    perpendicularity: scores,
    early: meanOf(scores.slice(0, Math.max(1, early))),
    middle: meanOf(scores.slice(early, late)),
    late: meanOf(scores.slice(late)),
    drops: [...drops],
  };
}

/** cos(θ_{t+1} − θ_t, −∇L(θ_t)) over the weights: 1 is a step straight downhill in full space. */
export function descentCosines(
  rows: readonly Float64Array[],
  gradients: readonly Float64Array[],
  parameters: readonly Parameter[],
): number[] {
  const weights = parameters.filter(({ role }) => role === 'weight');
  return rows.slice(1).map((row, t) => {
    let [along, step, slope] = [0, 0, 0];
    for (const { offset, size } of weights) {
      for (let i = offset; i < offset + size; i++) {
        const moved = row[i] - rows[t][i];
        along -= moved * gradients[t][i];
        step += moved * moved;
        slope += gradients[t][i] ** 2;
      }
    }
    return along / Math.sqrt(step * slope);
  });
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}
