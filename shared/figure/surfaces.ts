/**
 * The figure that people know: loss surfaces in three dimensions, side by side, on one scale. Each
 * is seen from where its rim is lowest, so that the basin shows.
 */

import type { FigureSpec } from '../spec/figure';
import type { Surface } from '../spec/surface';
import { byVariant, isRandomPlane } from './choose';
import { colourAxis, heights, type ColourAxis } from './colour-axis';
import { barRoom, layBar } from './colour-bar';
import { layHeadings } from './headings';
import { laySheet, noteBelow, placePanels, spareOf, type Panel, type Room } from './panels';
import type { JsonObject, PlotlyFigure } from './plotly';
import type { FigureSources, SurfaceSource } from './sources';
import { planeDetail } from './plane-statements';
import { labelOf, scanStatement, verdictStatement } from './statements';
import { baseLayout, LINE_HEIGHT, typePixels } from './style';
import { tickText } from './ticks';

/** Mean height of the two edges of a plane that meet in the corner at these signs. */
function rimAt(surface: Surface, { cap, height }: ColourAxis, signs: readonly number[]): number {
  const [columns, rows] = [surface.x.length, surface.y!.length];
  const [column, row] = [signs[0] > 0 ? columns - 1 : 0, signs[1] > 0 ? rows - 1 : 0];
  const cells = [
    ...surface.x.map((_, i) => row * columns + i),
    ...surface.y!.map((_, i) => i * columns + column),
  ];
  const drawn = cells.flatMap((cell) => {
    const at = surface.measured[cell] === 1 ? height(surface.losses[cell]) : null;
    return at === null ? [] : [Math.min(at, cap ?? Infinity)];
  });
  return drawn.reduce((sum, value) => sum + value, 0) / Math.max(1, drawn.length);
}

const CORNERS = [
  [1, -1],
  [-1, -1],
  [1, 1],
  [-1, 1],
] as const;

/** The corner of a surface that faces the reader: the one between the lowest edges. */
const nearCorner = (surface: Surface, scale: ColourAxis): readonly [number, number] =>
  CORNERS.reduce((best, corner) =>
    rimAt(surface, scale, corner) < rimAt(surface, scale, best) ? corner : best,
  );

/** Pixels of a panel. */
interface Extent {
  readonly width: number;
  readonly height: number;
}

/** What a surface with its walls takes in the picture of a surface of side one. */
const SPACE = { halfWidth: 0.72, height: 1.4 };
/** What labels reach: so far from the middle, and sizes of the type beyond that and below. */
const LABELS = { halfWidth: 0.64, numbers: 2.4, names: 1.2, below: 1.7 };
/** Panels narrower than so many sizes of their type have room for names alone, or for nothing. */
const NARROW = { numbers: 14, names: 7 };
/** Plotly's camera sees a half height of so much at a distance of one: its angle is 45°. */
const HALF_VIEW = Math.tan(Math.PI / 8);
/** Where the camera stands, per distance. */
const EYE = { x: 0.56, y: 0.65, z: 0.51 };

const hasNumbers = ({ width }: Extent, size: number): boolean => width >= NARROW.numbers * size;
const hasNames = ({ width }: Extent, size: number): boolean => width >= NARROW.names * size;

/**
 * The camera for a panel with type of `size`: as near as walls and labels fit, which keep their
 * size however small the panel is.
 */
function camera({ width, height }: Extent, size: number, corner: readonly number[]): JsonObject {
  const labels = hasNames({ width, height }, size) ? size : 0;
  const beside = hasNumbers({ width, height }, size) ? LABELS.numbers : LABELS.names;
  const scale = Math.min(
    width / 2 / SPACE.halfWidth,
    labels === 0 ? Infinity : (width / 2 - beside * size) / LABELS.halfWidth,
    (height - LABELS.below * labels) / SPACE.height,
  );
  const distance = height / (2 * HALF_VIEW * scale);
  return {
    eye: {
      x: EYE.x * distance * corner[0],
      y: EYE.y * distance * corner[1],
      z: EYE.z * distance,
    },
    center: { x: 0, y: 0, z: -0.1 - (0.5 * labels) / scale },
  };
}

const sceneName = (i: number) => (i === 0 ? 'scene' : `scene${i + 1}`);

/**
 * A horizontal axis: its quarters, and its name in the middle, where titles would stand far off. At
 * its ends the labels of two axes would meet.
 */
function flatAxis(
  name: string,
  points: readonly number[],
  extent: Extent,
  size: number,
): JsonObject {
  const [low, high] = [points[0], points[points.length - 1]];
  const quarter = (share: number) => Number((low + share * (high - low)).toPrecision(2));
  const [left, right] = [quarter(0.25), quarter(0.75)];
  return {
    title: { text: '' },
    showbackground: false,
    zeroline: false,
    showspikes: false,
    tickangle: 0,
    tickfont: { size },
    tickvals: [left, (low + high) / 2, right],
    ticktext: hasNumbers(extent, size) ? [tickText(left), name, tickText(right)] : ['', name, ''],
    showticklabels: hasNames(extent, size),
  };
}

/** One panel's space. Its height is what its colours are, and the bar says those. */
function scene(
  panel: Panel,
  extent: Extent,
  scale: ColourAxis,
  { surface }: SurfaceSource,
  size: number,
): JsonObject {
  return {
    domain: { x: panel.x, y: panel.y },
    camera: camera(extent, size, nearCorner(surface, scale)),
    aspectmode: 'manual',
    aspectratio: { x: 1, y: 1, z: 0.75 },
    xaxis: flatAxis('α', surface.x, extent, size),
    yaxis: flatAxis('β', surface.y!, extent, size),
    zaxis: {
      title: { text: '' },
      range: [scale.low, scale.high],
      showbackground: false,
      zeroline: false,
      showspikes: false,
      showticklabels: false,
      tickvals: scale.ticks.tickvals,
    },
  };
}

/** Heights cut off at the cap; what was cut is grey. */
export function capped(z: (number | null)[][], { cap, high }: ColourAxis) {
  if (cap === null) return { z };
  const cut = z.map((row) => row.map((value) => (value === null ? null : Math.min(value, cap))));
  const surfacecolor = z.map((row) =>
    row.map((value) => (value !== null && value > cap ? high : value)),
  );
  return { z: cut, surfacecolor };
}

const surfaceTrace = (
  sources: FigureSources,
  source: SurfaceSource,
  i: number,
  scale: ColourAxis,
): JsonObject => ({
  type: 'surface',
  scene: sceneName(i),
  name: labelOf(sources, source.result.variant),
  x: [...source.surface.x],
  y: [...source.surface.y!],
  ...capped(heights(source, scale), scale),
  coloraxis: 'coloraxis',
  contours: {
    z: {
      show: true,
      usecolormap: false,
      color: 'rgba(0,0,0,0.25)',
      width: 1,
      ...scale.contours,
    },
  },
});

/** Pixels around and between panels. */
const EDGE = 6;
/** Height over width of a panel. */
const ASPECT = 0.82;

export function surfacesFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isRandomPlane, 'plane', spec);
  const shown = chosen.map((item) => item.shown);
  const scale = colourAxis(shown, spec, sources.classes);
  const size = typePixels(spec);
  const room: Room = {
    left: EDGE,
    right: barRoom(scale, spec),
    bottom: EDGE,
    gap: EDGE,
    below: 0.5 * size * LINE_HEIGHT,
  };
  const headingsFor = (width: number) =>
    layHeadings(
      chosen.map((item) => ({
        title: labelOf(sources, item.variant),
        detail: planeDetail(sources, item, scale),
      })),
      width,
      spec,
    );
  const sheet = laySheet(chosen.length, ASPECT, room, spec, (w) => headingsFor(w).height);
  const headings = headingsFor(sheet.panel.width);
  const { panels, height } = placePanels(sheet, chosen.length, headings.height);
  const body = headings.height + height + sheet.bottom;
  const spare = spareOf(sheet, headings.height, spec);
  const top = headings.height + spare;
  const results = chosen.flatMap(({ all }) => all.map(({ result }) => result));
  const variants = chosen.map(({ variant }) => variant);
  const verdicts = verdictStatement(sources, results[0].scan, variants);
  const { bar } = layBar(scale, sheet, height, spec);
  const said = {
    known: [scanStatement(results), verdicts],
    own: [
      ...headings.left,
      `Height and colour: ${scale.title}. Each surface is seen from its lowest side.`,
    ],
  };
  const { left, right, bottom } = sheet;
  const note = noteBelow(said, spec, { left, bottom, body });
  return {
    data: shown.map((source, i) => surfaceTrace(sources, source, i, scale)),
    layout: {
      ...baseLayout(spec, body + note.height, note.left),
      margin: { l: left, r: right, t: top, b: bottom + spare + note.height, autoexpand: false },
      coloraxis: { ...scale.layout, colorbar: bar },
      annotations: [...headings.above(panels), ...note.annotations],
      ...Object.fromEntries(
        shown.map((source, i) => [
          sceneName(i),
          scene(panels[i], sheet.panel, scale, source, size),
        ]),
      ),
    },
  };
}
