/**
 * Where a loss surface is looked at from, and where a point of it comes to lie: the camera is
 * chosen for what is to be seen and for the room that labels need. Its numbers are Plotly's: the
 * longest side of the box is 1, its middle the origin, the angle of view 45° from top to bottom.
 */

import type { Surface } from '../spec/surface';
import type { ColourAxis } from './colour-axis';

export type Vector = readonly [x: number, y: number, z: number];

export interface Camera {
  readonly eye: Vector;
  readonly center: Vector;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Half sides of the box of a surface. */
export const BOX: Vector = [0.5, 0.5, 0.34];

/** Degrees above the horizon, so that the near side does not hide the basin. */
const ELEVATION = (38 * Math.PI) / 180;
/** Azimuths to choose from: off the diagonals, so that both axes are told apart. */
const AZIMUTHS = [-52, 38, 128, 218].map((degrees) => (degrees * Math.PI) / 180);
/** Distance from the middle, towards the eye, from which on cells are near: half sides are 1. */
const NEAR = 0.5;
/** Cotangent of half the angle of view. */
const FOCAL = 1 / Math.tan(Math.PI / 8);

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const plus = (a: Vector, b: Vector, times: number): Vector => [
  a[0] + times * b[0],
  a[1] + times * b[1],
  a[2] + times * b[2],
];

/** Unit vectors of a view from an azimuth: towards the eye, to the right, and up. */
function frameOf(azimuth: number): { to: Vector; right: Vector; up: Vector } {
  const [c, s] = [Math.cos(azimuth), Math.sin(azimuth)];
  const [low, high] = [Math.cos(ELEVATION), Math.sin(ELEVATION)];
  return { to: [low * c, low * s, high], right: [-s, c, 0], up: [-high * c, -high * s, low] };
}

/** Pixels from the middle of a panel `height` pixels high at which a point of the box appears. */
export function project(point: Vector, camera: Camera, azimuth: number, height: number): Point {
  const { to, right, up } = frameOf(azimuth);
  const from = minus(point, camera.eye);
  const scale = (FOCAL * height) / 2 / -dot(from, to);
  return { x: scale * dot(from, right), y: -scale * dot(from, up) };
}

/** The mean height of the rim's near part, as a share of what is drawn. */
function nearHeight(
  { x, y, measured, losses }: Surface,
  azimuth: number,
  axis: ColourAxis,
): number {
  const [c, s] = [Math.cos(azimuth), Math.sin(azimuth)];
  const share = (points: readonly number[], i: number) => (2 * i) / (points.length - 1) - 1;
  const top = axis.cap ?? axis.high;
  let [sum, count] = [0, 0];
  losses.forEach((loss, cell) => {
    const column = cell % x.length;
    const row = (cell - column) / x.length;
    if (measured[cell] !== 1 || c * share(x, column) + s * share(y!, row) < NEAR) return;
    sum += Math.min(axis.height(loss) ?? top, top);
    count++;
  });
  return count === 0 ? 0 : sum / count / (top || 1);
}

/** The azimuth that the lowest rim faces, one for all surfaces so that they can be compared. */
export function azimuthFor(surfaces: readonly Surface[], axis: ColourAxis): number {
  const heights = AZIMUTHS.map((azimuth) =>
    surfaces.reduce((sum, surface) => sum + nearHeight(surface, azimuth, axis), 0),
  );
  return AZIMUTHS[heights.indexOf(Math.min(...heights))];
}

/** Something that has to be seen: a point of the box, and pixels around it. */
export interface Marked {
  readonly point: Vector;
  readonly left: number;
  readonly right: number;
  readonly above: number;
  readonly below: number;
}

export interface View {
  readonly width: number;
  readonly height: number;
}

/** The edges of all that is `marked`, in pixels from the middle of the panel. */
function edgesOf(marked: readonly Marked[], camera: Camera, azimuth: number, height: number) {
  const places = marked.map((mark) => ({ mark, at: project(mark.point, camera, azimuth, height) }));
  return {
    left: Math.min(...places.map(({ mark, at }) => at.x - mark.left)),
    right: Math.max(...places.map(({ mark, at }) => at.x + mark.right)),
    top: Math.min(...places.map(({ mark, at }) => at.y - mark.above)),
    bottom: Math.max(...places.map(({ mark, at }) => at.y + mark.below)),
  };
}

/** A camera at a distance, aimed so that all that is marked lies around the middle of the panel. */
function aimed(marked: readonly Marked[], azimuth: number, distance: number, height: number) {
  const { to, right, up } = frameOf(azimuth);
  let center: Vector = [0, 0, 0];
  let camera: Camera = { eye: plus(center, to, distance), center };
  for (let i = 0; i < 6; i++) {
    const edges = edgesOf(marked, camera, azimuth, height);
    const perPixel = distance / ((FOCAL * height) / 2);
    center = plus(center, right, ((edges.left + edges.right) / 2) * perPixel);
    center = plus(center, up, (-(edges.top + edges.bottom) / 2) * perPixel);
    camera = { eye: plus(center, to, distance), center };
  }
  return { camera, edges: edgesOf(marked, camera, azimuth, height) };
}

/** Distances to choose from: nearer than the first, the box is distorted. */
const [NEAREST, FARTHEST] = [1.6, 12];

/** The nearest camera that sees all that is `marked` within a panel. */
export function cameraFor(
  azimuth: number,
  { width, height }: View,
  marked: readonly Marked[],
): Camera {
  let [near, far] = [NEAREST, FARTHEST];
  for (let i = 0; i < 24; i++) {
    const middle = (near + far) / 2;
    const { edges } = aimed(marked, azimuth, middle, height);
    const fits = edges.right - edges.left <= width && edges.bottom - edges.top <= height;
    if (fits) far = middle;
    else near = middle;
  }
  return aimed(marked, azimuth, far, height).camera;
}
