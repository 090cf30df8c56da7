/**
 * The path of training, projected on the plane of its first two principal components, with what the
 * projection hides:
 * the distance from the plane, the true loss beside the plane's, and what a random walk would have
 * shown.
 */

import { lateFrom } from '../../../shared/maths/crossing';
import { interpolate } from '../../../shared/maths/grid';
import { gridOf } from '../../../shared/maths/surface-metrics';
import { principalComponents, randomWalkShares } from '../../../shared/maths/principal';
import type { Surface } from '../../../shared/spec/surface';
import type { Slope, Trajectory } from '../../../shared/spec/trajectory';
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
  /** Per step: cos(θ_{t+1} − θ_t, −∇L(θ_t)) over the weights. */
  readonly descentCosines: readonly number[];
  readonly slopes: readonly Slope[];
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

/** A plane in weight space, by its origin and two orthonormal vectors. */
export interface WeightPlane {
  readonly directions: Float32Array[];
  /** Where weights fall on it, and how far from it they lie. */
  place(weights: Float32Array): { x: number; y: number; residual: number };
}

/** Points nearer to a line than this share of their distances span no plane. */
const FLAT = 1e-6;

/** The plane through three points, the first its origin; null: they lie on one line. */
export function planeThrough([origin, second, third]: readonly Float32Array[]): WeightPlane | null {
  const from = (weights: Float32Array) =>
    Float64Array.from(weights, (value, i) => value - origin[i]);
  const [along, beside] = [from(second), from(third)];
  const length = Math.sqrt(dot(along, along));
  const u = along.map((value) => value / length);
  const overlap = dot(beside, u);
  const rest = beside.map((value, i) => value - overlap * u[i]);
  const height = Math.sqrt(dot(rest, rest));
  if (!(length > 0) || !(height > FLAT * Math.max(length, Math.abs(overlap)))) return null;
  const v = rest.map((value) => value / height);
  return {
    directions: [Float32Array.from(u), Float32Array.from(v)],
    place(weights) {
      const moved = from(weights);
      const [x, y] = [dot(moved, u), dot(moved, v)];
      const residual = Math.sqrt(Math.max(0, dot(moved, moved) - x * x - y * y));
      return { x, y, residual };
    },
  };
}

/** The later half of a path, from the start of its first step on. */
export const latePart = (coordinates: readonly number[]): readonly number[] =>
  coordinates.slice(lateFrom(coordinates.length - 1));

/** The range of an axis: that of the path with a margin on both sides. */
export function rangeOf(coordinates: readonly number[], margin: number): [number, number] {
  const low = Math.min(...coordinates);
  const high = Math.max(...coordinates);
  const room = margin * (high - low || 1);
  return [low - room, high + room];
}

/** `ranges` with the shorter one widened to the share `aspect` of the longer, about its middle. */
export function widened(ranges: readonly [number, number][], aspect: number): [number, number][] {
  const least = aspect * Math.max(...ranges.map(([from, to]) => to - from));
  return ranges.map(([from, to]) => {
    const room = Math.max(0, least - (to - from)) / 2;
    return [from - room, to + room];
  });
}

/**
 * Assembles the trajectory once the surface in its plane is scanned. `trueLosses` are those of the
 * checkpoints.
 */
export function describeTrajectory(
  path: readonly PathPoint[],
  plane: PrincipalPlane,
  parameters: readonly Parameter[],
  surface: Surface,
  { losses, descentCosines, slopes, drops }: AlongPath,
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
  return {
    steps: path.map((point) => point.step),
    x,
    y,
    residuals: rows.map((row, t) => Math.sqrt(Math.max(0, dot(row, row) - x[t] ** 2 - y[t] ** 2))),
    weightNorms: path.map(({ weights }) => Math.sqrt(dot(weights, weights))),
    trueLosses: [...losses],
    descentCosines: [...descentCosines],
    planeLosses,
    explained: explained.slice(0, 5),
    walkShares: randomWalkShares(lengths.map(() => 1)).slice(0, 5),
    matchedWalkShares: randomWalkShares(lengths).slice(0, 5),
    slopes: [...slopes],
    drops: [...drops],
  };
}

/** cos(b − a, −∇L(a)) over the weights: 1 is a step straight downhill in full space. */
export function descentCosine(
  a: Float32Array,
  b: Float32Array,
  gradient: Float64Array,
  parameters: readonly Parameter[],
): number {
  let [along, step, slope] = [0, 0, 0];
  for (const { role, offset, size } of parameters) {
    if (role !== 'weight') continue;
    for (let i = offset; i < offset + size; i++) {
      const moved = b[i] - a[i];
      along -= moved * gradient[i];
      step += moved * moved;
      slope += gradient[i] ** 2;
    }
  }
  return along / Math.sqrt(step * slope);
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}
