/**
 * The figure that people know: loss surfaces in three dimensions, side by side, on one scale, seen
 * from where their rims are lowest, so that the basins show.
 */

import type { FigureSpec } from '../spec/figure';
import { azimuthFor, BOX, type View } from './camera';
import { byVariant, isRandomPlane } from './choose';
import { colourAxis, heights, type ColourAxis } from './colour-axis';
import { barRoom, layBar } from './colour-bar';
import { layHeadings } from './headings';
import { laySheet, noteBelow, placePanels, spareOf, type Panel, type Room } from './panels';
import type { JsonObject, PlotlyFigure } from './plotly';
import type { FigureSources, SurfaceSource } from './sources';
import { labelSpace, type Space } from './space-labels';
import { planeDetail } from './plane-statements';
import { labelOf, scanStatement, verdictStatement } from './statements';
import { baseLayout, LINE_HEIGHT, typePixels } from './style';
import type { Ticks } from './ticks';

const ends = (points: readonly number[]): [number, number] => [
  points[0],
  points[points.length - 1],
];

/** Heights that are drawn: from no loss to the cap, or all there are. */
const heightRange = ({ cap, low, high }: ColourAxis): [number, number] =>
  cap === null ? [low, high > low ? high : low + 1] : [0, cap];

/** An axis whose words are the page's own: vectors, measured, in its type. */
const wall = ({ tickvals }: Ticks, range: readonly [number, number]): JsonObject => ({
  title: { text: '' },
  ...{ range: [...range], tickvals, ticktext: tickvals.map(() => '') },
  ...{ showticklabels: false, ticks: '', showbackground: false, zeroline: false },
  ...{ showspikes: false, gridcolor: '#d0d0d0', gridwidth: 1 },
});

const sceneName = (i: number) => (i === 0 ? 'scene' : `scene${i + 1}`);

/** One panel's space, seen from `azimuth`. */
function scene(
  { surface }: SurfaceSource,
  scale: ColourAxis,
  azimuth: number,
  panel: Panel,
  view: View,
  spec: FigureSpec,
): JsonObject {
  const space: Space = {
    x: { range: ends(surface.x), title: 'α' },
    y: { range: ends(surface.y!), title: 'β' },
    ...{ z: heightRange(scale), azimuth },
  };
  const { camera, annotations, ticks } = labelSpace(space, scale, view, spec);
  const vector = ([x, y, z]: readonly number[]) => ({ x, y, z });
  return {
    domain: { x: [...panel.x], y: [...panel.y] },
    camera: { eye: vector(camera.eye), center: vector(camera.center), up: vector([0, 0, 1]) },
    aspectmode: 'manual',
    aspectratio: vector(BOX.map((half) => 2 * half)),
    xaxis: wall(ticks.x, space.x.range),
    yaxis: wall(ticks.y, space.y.range),
    zaxis: wall(ticks.z, space.z),
    annotations,
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
const ASPECT = 0.92;

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
      `Height and colour: ${scale.title}. All surfaces are seen from one side, the lowest.`,
    ],
  };
  const azimuth = azimuthFor(
    shown.map(({ surface }) => surface),
    scale,
  );
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
          scene(source, scale, azimuth, panels[i], sheet.panel, spec),
        ]),
      ),
    },
  };
}
