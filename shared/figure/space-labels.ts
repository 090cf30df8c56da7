/**
 * The words around a loss surface in space: each at a point of its box, moved outward by pixels, so
 * that none is cut, none lies over another, and all turn with the box.
 */

import type { FigureSpec } from '../spec/figure';
import {
  BOX,
  cameraFor,
  project,
  type Camera,
  type Marked,
  type Vector,
  type View,
} from './camera';
import type { ColourAxis } from './colour-axis';
import { roomyTicks } from './colour-bar';
import { widthOf, type Type } from './measure';
import type { JsonObject } from './plotly';
import { INK, typePixels } from './style';
import { ticksFor, widest, type Ticks } from './ticks';

export interface SpaceAxis {
  readonly range: readonly [number, number];
  readonly title: string;
}

/** A word beside a point of the box. */
interface Word {
  readonly text: string;
  readonly point: Vector;
  /** Outward on the page, and pixels between the point and the word. */
  readonly away: readonly [x: number, y: number];
  readonly far: number;
}

export interface Space {
  readonly x: SpaceAxis;
  readonly y: SpaceAxis;
  readonly z: readonly [number, number];
  readonly azimuth: number;
}

export interface SpaceLabels {
  readonly camera: Camera;
  /** Plotly's annotations of a scene. */
  readonly annotations: readonly JsonObject[];
  /** Where lines of the walls stand, and labels that there is room for. */
  readonly ticks: { readonly x: Ticks; readonly y: Ticks; readonly z: Ticks };
}

const place = ([low, high]: readonly [number, number], value: number, half: number): number =>
  ((value - low) / (high - low) - 0.5) * 2 * half;

/** Pixels between an edge of the box and its labels, and between those and the axis' name. */
const CLEAR = 5;
/** Height of a word's ink, relative to the size of the type. */
const TALL = 1;
/** Space between words side by side, so that two numbers are not read as one. */
const BESIDE = 0.6;

const PROVISIONAL = { left: 0, right: 0, above: 0, below: 0 };

const corners: readonly Vector[] = [-1, 1].flatMap((x) =>
  [-1, 1].flatMap((y) => [-1, 1].map((z): Vector => [x * BOX[0], y * BOX[1], z * BOX[2]])),
);

/** The unit vector at right angles to an edge on the page, away from the box's middle. */
function awayFrom(a: Vector, b: Vector, camera: Camera, { azimuth }: Space, height: number) {
  const [p, q] = [a, b].map((point) => project(point, camera, azimuth, height));
  const length = Math.hypot(q.x - p.x, q.y - p.y);
  const normal = [(q.y - p.y) / length, -(q.x - p.x) / length] as const;
  const middle = project([0, 0, -BOX[2]], camera, azimuth, height);
  const outward =
    normal[0] * ((p.x + q.x) / 2 - middle.x) + normal[1] * ((p.y + q.y) / 2 - middle.y);
  return outward > 0 ? normal : ([-normal[0], -normal[1]] as const);
}

const halfOf = (text: string, type: Type) =>
  [widthOf(text, type) / 2, (TALL / 2) * type.size] as const;

/** Pixels from a word's point to its middle. */
function shiftOf({ text, away, far }: Word, type: Type): readonly [number, number] {
  const [half, tall] = halfOf(text, type);
  const reach = far + Math.abs(away[0]) * half + Math.abs(away[1]) * tall;
  return [reach * away[0], reach * away[1]];
}

function markedOf(word: Word, type: Type): Marked {
  const [half, tall] = halfOf(word.text, type);
  const [dx, dy] = shiftOf(word, type);
  return {
    point: word.point,
    left: half - dx,
    right: half + dx,
    above: tall - dy,
    below: tall + dy,
  };
}

interface Boxed {
  readonly word: Word;
  readonly x: number;
  readonly y: number;
  readonly half: readonly [number, number];
}

/** Words that lie over none before them, as `camera` sees them. */
function apart(
  words: readonly Word[],
  camera: Camera,
  azimuth: number,
  height: number,
  type: Type,
) {
  const kept: Boxed[] = [];
  for (const word of words) {
    const at = project(word.point, camera, azimuth, height);
    const [dx, dy] = shiftOf(word, type);
    const own = { word, x: at.x + dx, y: at.y + dy, half: halfOf(word.text, type) };
    const isFree = kept.every(
      ({ x, y, half }) =>
        Math.abs(x - own.x) >= half[0] + own.half[0] + BESIDE * type.size ||
        Math.abs(y - own.y) >= half[1] + own.half[1] + 1,
    );
    if (isFree) kept.push(own);
  }
  return kept.map(({ word }) => word);
}

/** The words along the three axes, the most telling first. */
function wordsOf(
  space: Space,
  ticks: SpaceLabels['ticks'],
  camera: Camera,
  height: number,
  type: Type,
): Word[] {
  const [c, s] = [Math.cos(space.azimuth), Math.sin(space.azimuth)];
  const [nearX, nearY] = [Math.sign(c) * BOX[0], Math.sign(s) * BOX[1]];
  const floor = -BOX[2];
  const alongX = awayFrom([-BOX[0], nearY, floor], [BOX[0], nearY, floor], camera, space, height);
  const alongY = awayFrom([nearX, -BOX[1], floor], [nearX, BOX[1], floor], camera, space, height);
  // Of the two upright edges at the sides, the left one.
  const sides = [[nearX, -nearY] as const, [-nearX, nearY] as const];
  const [left] = sides.sort(
    (a, b) =>
      project([...a, 0], camera, space.azimuth, height).x -
      project([...b, 0], camera, space.azimuth, height).x,
  );
  const beyond = (axis: Ticks, [across, down]: Word['away']) =>
    2 * CLEAR + Math.abs(across) * widest(axis.ticktext, type) + Math.abs(down) * TALL * type.size;
  const onX = (value: number): Vector => [place(space.x.range, value, BOX[0]), nearY, floor];
  const onY = (value: number): Vector => [nearX, place(space.y.range, value, BOX[1]), floor];
  const word = (text: string, point: Vector, away: Word['away'], far: number): Word => ({
    ...{ text, point, away, far },
  });
  const farthest = (axis: Ticks, at: (value: number) => Vector, away: Word['away']) =>
    axis.tickvals
      .map((value, i) => word(axis.ticktext[i], at(value), away, CLEAR))
      // The corner that faces the reader is where labels of two axes meet.
      .sort((a, b) => c * a.point[0] + s * a.point[1] - (c * b.point[0] + s * b.point[1]));
  const isGuessing = ({ text }: Word) => (text.startsWith('ln ') ? 0 : 1);
  const up = ticks.z.tickvals
    .map((value, i) =>
      word(ticks.z.ticktext[i], [...left, place(space.z, value, BOX[2])], [-0.94, -0.34], CLEAR),
    )
    .sort((a, b) => isGuessing(a) - isGuessing(b));
  return [
    word(space.x.title, [0, nearY, floor], alongX, beyond(ticks.x, alongX)),
    word(space.y.title, [nearX, 0, floor], alongY, beyond(ticks.y, alongY)),
    ...up,
    ...farthest(ticks.x, onX, alongX),
    ...farthest(ticks.y, onY, alongY),
  ];
}

/** Pixels between what is drawn and the edges of a panel, where it would be cut. */
const EDGE = 4;

const widened = ({ point, left, right, above, below }: Marked): Marked => ({
  ...{ point, left: left + EDGE, right: right + EDGE },
  ...{ above: above + EDGE, below: below + EDGE },
});

/** Chooses the camera and the labels of a surface in a panel. */
export function labelSpace(
  space: Space,
  scale: ColourAxis,
  view: View,
  spec: FigureSpec,
): SpaceLabels {
  const type: Type = { size: typePixels(spec), font: spec.font };
  const pixels = 0.4 * view.width;
  const flat = ({ range }: SpaceAxis) => ticksFor(...range, pixels, type);
  const box = corners.map((point) => ({ point, ...PROVISIONAL }));
  const first = cameraFor(space.azimuth, view, box);
  const rise = 0.3 * view.height;
  const ticks = { x: flat(space.x), y: flat(space.y), z: roomyTicks(scale, rise, type.size) };
  const words = wordsOf(space, ticks, first, view.height, type);
  const seen = [...box, ...words.map((word) => markedOf(word, type))];
  const camera = cameraFor(space.azimuth, view, seen.map(widened));
  const kept = apart(words, camera, space.azimuth, view.height, type);
  const { x, y, z } = space;
  const annotations = kept.map((word): JsonObject => {
    const [dx, dy] = shiftOf(word, type);
    const at = (range: readonly [number, number], i: 0 | 1 | 2) =>
      range[0] + (word.point[i] / (2 * BOX[i]) + 0.5) * (range[1] - range[0]);
    return {
      ...{ text: word.text, x: at(x.range, 0), y: at(y.range, 1), z: at(z, 2) },
      ...{ xshift: dx, yshift: -dy, xanchor: 'center', yanchor: 'middle' },
      ...{ showarrow: false, borderpad: 0, borderwidth: 0 },
      font: { size: type.size, color: INK },
    };
  });
  return { camera, annotations, ticks };
}
