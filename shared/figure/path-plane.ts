/** One plane of a path: labelled isocurves of its own, the path, and arrows at its later steps. */

import type { FigureSpec } from '../spec/figure';
import type { Surface } from '../spec/surface';
import type { Trajectory, WhichIsocurves } from '../spec/trajectory';
import { colourScale } from './colour-maps';
import { placeLabels, type Label, type LabelRoom } from './isocurve-labels';
import { levelsAlong, lossesAt, placeAmong } from './isocurve-levels';
import { markDots, marksOf, pathLine, placeWords, stepArrows } from './path-marks';
import { slopeOf } from './path-sources';
import { pathMarks } from './plane-marks';
import type { JsonObject } from './plotly';
import { INK } from './style';

/** One panel's part of a figure, its axes left out. */
export interface Drawn {
  readonly traces: readonly JsonObject[];
  readonly annotations: readonly JsonObject[];
}

/** A map's colours, half way to white: lines and words are read on them. */
const pale = (map: FigureSpec['colours']): [number, string][] =>
  colourScale(map).map(([place, colour]) => {
    const part = (from: number) =>
      Math.round((parseInt(colour.slice(from, from + 2), 16) + 255) / 2);
    return [place, `rgb(${part(1)},${part(3)},${part(5)})`];
  });

const isocurveTrace = (
  surface: Surface,
  levels: readonly number[],
  colours: FigureSpec['colours'],
): JsonObject => ({
  type: 'contour',
  name: 'loss',
  x: [...surface.x],
  y: [...surface.y!],
  z: surface.y!.map((_, row) =>
    surface.x.map((__, column) => {
      const cell = row * surface.x.length + column;
      return surface.measured[cell] === 1 ? placeAmong(levels, surface.losses[cell]) : null;
    }),
  ),
  autocontour: false,
  zauto: false,
  zmin: -1,
  zmax: levels.length,
  contours: { start: 0, end: levels.length - 1, size: 1, coloring: 'fill' },
  colorscale: pale(colours),
  line: { width: 0.6, color: 'rgba(0,0,0,0.5)' },
  showscale: false,
  hoverinfo: 'skip',
});

const extent = (axis: readonly number[]) => axis[axis.length - 1] - axis[0];

const isWithin = (axis: readonly number[], value: number) =>
  value >= axis[0] && value <= axis[axis.length - 1];

/** The checkpoints that fall on the plane that was scanned. */
const insideOf = ({ x, y }: Surface, path: Trajectory): number[] =>
  path.x.flatMap((value, t) => (isWithin(x, value) && isWithin(y!, path.y[t]) ? [t] : []));

/** A word with a line to the checkpoint `at` that it names, placed in units of the axes. */
const wordBeside = (
  word: Label,
  { x, y }: Trajectory,
  at: number,
  look: JsonObject,
): JsonObject => ({
  ...look,
  ...{ x: x[at], y: y[at], ax: word.x, ay: word.y, text: `<b>${word.text}</b>` },
  ...{ showarrow: true, arrowhead: 0, arrowwidth: 0.75, arrowcolor: INK, standoff: 3 },
});

/** How a path over its plane is drawn. */
export interface PathLook {
  /** Of the dataset; null: not known. */
  readonly classes: number | null;
  readonly colours: FigureSpec['colours'];
  /** Pixels that the plane has at most, and those of its words. */
  readonly pixels: { readonly width: number; readonly height: number };
  readonly size: number;
  /** The isocurves that arrows of downhill are of; null: there are no arrows. */
  readonly which: WhichIsocurves | null;
}

/** The path over its plane: isocurves with their losses, checkpoints, words, arrows. */
export function drawPath(surface: Surface, path: Trajectory, look: PathLook): Drawn {
  const { size, pixels, which } = look;
  const inside = insideOf(surface, path);
  const points = inside.map((t) => ({ x: path.x[t], y: path.y[t] }));
  const passed = lossesAt(
    surface,
    points.map(({ x }) => x),
    points.map(({ y }) => y),
  );
  const levels = levelsAlong(surface, passed, look.classes);
  const perPixel = Math.max(extent(surface.x) / pixels.width, extent(surface.y!) / pixels.height);
  const room: LabelRoom = { perCharacter: 0.6 * size * perPixel, height: 1.3 * size * perPixel };
  const marks = marksOf(path.steps, path.drops).filter(({ at }) => inside.includes(at));
  const words = placeWords(surface, path, marks, room);
  const labels = placeLabels(surface, levels, points, words, room);
  const slope = which === null ? undefined : slopeOf(path, which);
  const side = Math.max(extent(surface.x), extent(surface.y!));
  const text = { showarrow: false, borderpad: 0, font: { size, color: INK } };
  return {
    traces: [
      isocurveTrace(surface, levels, look.colours),
      ...pathMarks(surface),
      pathLine(path),
      markDots(path, marks),
      ...(slope === undefined ? [] : stepArrows(path, slope, side)),
    ],
    annotations: [
      ...labels.map(({ x, y, text: loss }) => ({
        ...{ x, y, text: loss, bgcolor: 'rgba(255,255,255,0.6)' },
        ...text,
      })),
      ...words.map((word, i) => wordBeside(word, path, marks[i].at, text)),
    ],
  };
}
