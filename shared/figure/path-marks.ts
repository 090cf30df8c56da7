/** A path of training on its plane: its line, its ends and rate cuts in words, steps as arrows. */

import { numberText } from '../maths/statistics';
import { lateFrom } from '../maths/crossing';
import type { Surface } from '../spec/surface';
import type { LivePath, Slope, Trajectory } from '../spec/trajectory';
import type { Label, LabelRoom } from './isocurve-labels';
import type { JsonObject } from './plotly';
import { INK } from './style';

export const STEP_COLOUR = '#d1001f';
export const DOWNHILL_COLOUR = '#0050d8';
/** Arrows of each kind at most: more would cover the isocurves. */
const MOST_ARROWS = 14;
/** Lengths of arrows, in shares of the plane's longer side; where both agree, both are seen. */
const [STEP_LENGTH, DOWNHILL_LENGTH] = [0.07, 0.1];

/** The line of a path with a dot for each checkpoint. */
export const pathLine = (path: LivePath & Partial<Pick<Trajectory, 'residuals'>>): JsonObject => ({
  type: 'scatter',
  mode: 'lines+markers',
  name: 'path',
  x: [...path.x],
  y: [...path.y],
  line: { color: INK, width: 1.25 },
  marker: { size: 3, color: INK },
  text: path.steps.map((step, t) => {
    const off =
      path.residuals === undefined ? '' : `, ${numberText(path.residuals[t], 2)} off the plane`;
    return `step ${step}${off}`;
  }),
  hoverinfo: 'text',
  showlegend: false,
});

export interface PathMark {
  readonly at: number;
  readonly text: string;
}

/** The checkpoints that are named: start, end, and the first after each cut of the rate. */
export function marksOf(steps: readonly number[], drops: readonly number[]): PathMark[] {
  const cuts = drops
    .map((drop) => steps.findIndex((step) => step >= drop))
    .filter((at) => at > 0 && at < steps.length - 1)
    .map((at) => ({ at, text: 'rate cut' }));
  return [{ at: 0, text: 'start' }, ...cuts, { at: steps.length - 1, text: 'end' }];
}

/** Directions from a checkpoint in which its word may stand. */
const AROUND = Array.from({ length: 16 }, (_, i) => (2 * Math.PI * i) / 16);

/**
 * The words of `marks` beside their checkpoints: inside the plane, clear of each other, and as far
 * from the path as can be.
 */
export function placeWords(
  surface: Surface,
  path: LivePath,
  marks: readonly PathMark[],
  room: LabelRoom,
): Label[] {
  const placed: Label[] = [];
  const sizeOf = (text: string) => [1.1 * text.length * room.perCharacter, room.height] as const;
  const distance = (a: Label, x: number, y: number, width: number, height: number) => {
    const [own, tall] = sizeOf(a.text);
    return Math.max(Math.abs(a.x - x) - (own + width) / 2, Math.abs(a.y - y) - (tall + height) / 2);
  };
  const clearance = (word: Label): number => {
    const [width, height] = sizeOf(word.text);
    const frame = [
      word.x - width / 2 - surface.x[0],
      surface.x[surface.x.length - 1] - word.x - width / 2,
      word.y - height / 2 - surface.y![0],
      surface.y![surface.y!.length - 1] - word.y - height / 2,
    ];
    const others = placed.map((other) => distance(word, other.x, other.y, ...sizeOf(other.text)));
    const points = path.x.map((x, t) => distance(word, x, path.y[t], 0, 0));
    // Outside the frame or over another word is worse than over the path.
    const worst = Math.min(0, ...frame, ...others);
    return worst < 0 ? -room.perCharacter * 100 + worst : Math.min(room.height, ...points);
  };
  for (const { at, text } of marks) {
    const [width, height] = sizeOf(text);
    const places = [1, 1.8].flatMap((far) =>
      AROUND.map((angle) => ({
        text,
        x: path.x[at] + (width / 2 + far * 0.6 * height) * Math.cos(angle),
        y: path.y[at] + far * 1.1 * height * Math.sin(angle),
      })),
    );
    placed.push(places.reduce((a, b) => (clearance(b) > clearance(a) + 1e-9 ? b : a)));
  }
  return placed;
}

/** Dots on the checkpoints that are named: open at the start, filled elsewhere. */
export const markDots = ({ x, y }: LivePath, marks: readonly PathMark[]): JsonObject => ({
  type: 'scatter',
  mode: 'markers',
  name: 'named checkpoints',
  x: marks.map(({ at }) => x[at]),
  y: marks.map(({ at }) => y[at]),
  marker: {
    size: 6,
    color: marks.map(({ at }) => (at === 0 ? '#ffffff' : INK)),
    symbol: marks.map(({ text }) => (text === 'rate cut' ? 'diamond' : 'circle')),
    line: { width: 1, color: INK },
  },
  hoverinfo: 'skip',
  showlegend: false,
});

interface Vector {
  readonly x: number;
  readonly y: number;
}

/** Heads at the ends of segments from `starts` along `vectors`, all `length` long. */
function arrows(
  name: string,
  color: string,
  starts: readonly Vector[],
  vectors: readonly Vector[],
  length: number,
): JsonObject {
  const ends = starts.map(({ x, y }, i) => {
    const size = Math.hypot(vectors[i].x, vectors[i].y);
    return { x: x + (length * vectors[i].x) / size, y: y + (length * vectors[i].y) / size };
  });
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: starts.flatMap(({ x }, i) => [x, ends[i].x, null]),
    y: starts.flatMap(({ y }, i) => [y, ends[i].y, null]),
    line: { color, width: 1.5 },
    marker: {
      symbol: 'arrow',
      angleref: 'previous',
      size: starts.flatMap(() => [0, 7, 0]),
      color,
      line: { width: 0 },
    },
    cliponaxis: true,
    hoverinfo: 'skip',
    showlegend: false,
  };
}

/**
 * Arrows at the starts of later steps, equal ones of a kind: the step, and downhill, the negative
 * gradient at the checkpoint, projected. `side`: the plane's longer side, in units of its axes.
 */
export function stepArrows({ x, y }: Trajectory, slope: Slope, side: number): JsonObject[] {
  const all = Array.from({ length: x.length - 1 }, (_, t) => t).filter(
    (t) =>
      t >= lateFrom(x.length - 1) &&
      Math.hypot(x[t + 1] - x[t], y[t + 1] - y[t]) > 0 &&
      Math.hypot(slope.x[t], slope.y[t]) > 0,
  );
  const every = Math.max(1, Math.ceil(all.length / MOST_ARROWS));
  const chosen = all.filter((_, i) => i % every === 0);
  const starts = chosen.map((t) => ({ x: x[t], y: y[t] }));
  const steps = chosen.map((t) => ({ x: x[t + 1] - x[t], y: y[t + 1] - y[t] }));
  const down = chosen.map((t) => ({ x: -slope.x[t], y: -slope.y[t] }));
  return [
    arrows('downhill', DOWNHILL_COLOUR, starts, down, DOWNHILL_LENGTH * side),
    arrows('step', STEP_COLOUR, starts, steps, STEP_LENGTH * side),
  ];
}
