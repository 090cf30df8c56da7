/** Planes from above: contours (vector) and heat maps, with shared levels and colours. */

import type { FigureSpec } from '../spec/figure';
import { byVariant, isPlaneFor, type VariantSurfaces } from './choose';
import { colourAxis, heights, type ColourAxis } from './colour-axis';
import { layHeadings } from './headings';
import { barRoom, layBar, PAD } from './colour-bar';
import type { Type } from './measure';
import {
  laySheet,
  noteBelow,
  placePanels,
  spareOf,
  type Panel,
  type Room,
  type Sheet,
} from './panels';
import { labelOf as labelIn } from '../spec/study';
import { pathMarks, planeMarks } from './plane-marks';
import { marksLegend, planeDetail } from './plane-statements';
import type { JsonObject, PlotlyFigure } from './plotly';
import { sharedStatement, sharedTraces, type RunLook } from './shared-paths';
import type { FigureSources } from './sources';
import { labelOf, scanStatement, verdictStatement } from './statements';
import { axis, baseLayout, LINE_HEIGHT, typePixels } from './style';
import { ticksFor, widest } from './ticks';

const axisName = (letter: 'x' | 'y', i: number) => `${letter}axis${i === 0 ? '' : i + 1}`;
const axisId = (letter: 'x' | 'y', i: number) => `${letter}${i === 0 ? '' : i + 1}`;

interface PlaneOptions {
  readonly titles: readonly [string, string];
  /** Cells are drawn as squares, not interpolated. */
  readonly stepwise: boolean;
  trace(item: VariantSurfaces, scale: ColourAxis): JsonObject[];
  note(scale: ColourAxis): string;
}

/** What an axis of these points covers: to the outer points, or to the edges of their cells. */
function extentOf(points: readonly number[], stepwise: boolean): [number, number] {
  const margin = stepwise ? (points[1] - points[0]) / 2 : 0;
  return [points[0] - margin, points[points.length - 1] + margin];
}

type Range = readonly [number, number];
interface Ranges {
  readonly x: Range;
  readonly y: Range;
}

const same = (ranges: readonly Ranges[]): boolean =>
  new Set(ranges.map((range) => JSON.stringify(range))).size === 1;

/** Pixels by which large labels under a corner keep clear of those beside it. */
const standoff = (size: number): number => Math.max(0, Math.round(0.75 * size - 5));

/** Pixels of a tick with the space before its label. */
const TICK = 6;

/**
 * The room around panels of these ranges: labels stand at every panel where ranges differ, and once
 * per row and column where all are one.
 */
function roomFor(ranges: readonly Ranges[], bar: number, spec: FigureSpec) {
  const type: Type = { size: typePixels(spec), font: spec.font };
  const line = type.size * LINE_HEIGHT;
  // As long as the panels are not laid out: the labels of a panel of middling size.
  const labels = (of: 'x' | 'y') =>
    Math.max(
      ...ranges.map(({ [of]: [from, to] }) =>
        widest(ticksFor(from, to, 12 * type.size, type).ticktext, type),
      ),
    );
  const [across, up] = [labels('x'), labels('y')];
  const isShared = same(ranges);
  const room: Room = {
    left: Math.max(up + TICK + line + 6, across / 2 + 4),
    right: Math.max(bar, across / 2 + 4),
    bottom: TICK + standoff(type.size) + 2 * line + 4,
    gap: (isShared ? across : up + TICK + across / 2) + 0.7 * type.size,
    below: (isShared ? 0 : TICK + standoff(type.size) + line) + 0.8 * type.size,
  };
  return { room, isShared, type };
}

/** The axes of all panels; titles stand once per row and column. */
function axesOf(
  panels: readonly Panel[],
  ranges: readonly Ranges[],
  titles: PlaneOptions['titles'],
  { panel, columns }: Sheet,
  { isShared, type }: { readonly isShared: boolean; readonly type: Type },
): JsonObject {
  const { size } = type;
  return Object.fromEntries(
    panels.flatMap(({ x, y }, i): [string, JsonObject][] => {
      const isFirst = i % columns === 0;
      const isLowest = i + columns >= panels.length;
      const shows = { x: isLowest || !isShared, y: isFirst || !isShared };
      const ticks = (of: 'x' | 'y'): JsonObject => ({
        ...ticksFor(...ranges[i][of], of === 'x' ? panel.width : panel.height, type, of === 'x'),
        range: [...ranges[i][of]],
        tickangle: 0,
        ...(of === 'x' ? { ticklabelstandoff: standoff(size) } : {}),
        tickfont: { size },
        showticklabels: shows[of],
      });
      const title = (text: string) => ({ text, standoff: 4, font: { size } });
      const extra = (of: 'x' | 'y', is: boolean, text: string): JsonObject => ({
        ...ticks(of),
        domain: of === 'x' ? x : y,
        anchor: axisId(of === 'x' ? 'y' : 'x', i),
        title: title(is ? text : ''),
      });
      return [
        [axisName('x', i), axis(titles[0], extra('x', isLowest, titles[0]))],
        [axisName('y', i), axis(titles[1], extra('y', isFirst, titles[1]))],
      ];
    }),
  );
}

/** The verdicts on claims about the scan that is shown. */
function verdictsOf(sources: FigureSources, chosen: readonly VariantSurfaces[]): string {
  const [{ shown }] = chosen;
  const variants = chosen.map(({ variant }) => variant);
  return verdictStatement(sources, shown.result.scan, variants);
}

/** A plane through checkpoints is of no one network. */
const titleOf = (sources: FigureSources, { shown, variant }: VariantSurfaces): string =>
  shown.result.shared === undefined ? labelOf(sources, variant) : 'Through three checkpoints';

/** Panels of one kind with everything shared. */
function planes(
  sources: FigureSources,
  spec: FigureSpec,
  chosen: readonly VariantSurfaces[],
  options: PlaneOptions,
): PlotlyFigure {
  const scale = colourAxis(
    chosen.map(({ shown }) => shown),
    spec,
    sources.classes,
  );
  const ranges = chosen.map(({ shown: { surface } }) => ({
    x: extentOf(surface.x, options.stepwise),
    y: extentOf(surface.y!, options.stepwise),
  }));
  const around = roomFor(ranges, barRoom(scale, spec), spec);
  const headingsFor = (width: number) =>
    layHeadings(
      chosen.map((item) => ({
        title: titleOf(sources, item),
        detail: planeDetail(sources, item, scale),
      })),
      // A title may lean over the gap beside its panel, and as far towards the bar.
      width + Math.min(around.room.gap - 4, 2 * PAD),
      spec,
    );
  const sheet = laySheet(chosen.length, 1, around.room, spec, (w) => headingsFor(w).height);
  const headings = headingsFor(sheet.panel.width);
  const { panels, height } = placePanels(sheet, chosen.length, headings.height);
  const body = headings.height + height + sheet.bottom;
  const spare = spareOf(sheet, headings.height, spec);
  const top = headings.height + spare;
  const statement = scanStatement(chosen.flatMap(({ all }) => all.map(({ result }) => result)));
  const { text: colour, bar } = layBar(scale, sheet, height, spec);
  const note = noteBelow(
    {
      known: [statement, verdictsOf(sources, chosen)],
      own: [...headings.left, colour, options.note(scale)],
    },
    spec,
    { left: sheet.left, bottom: sheet.bottom, body },
  );
  const traces = chosen.flatMap((item, i) =>
    options
      .trace(item, scale)
      .map((trace) => ({ ...trace, xaxis: axisId('x', i), yaxis: axisId('y', i) })),
  );
  const { left, right, bottom } = sheet;
  return {
    data: traces,
    layout: {
      ...baseLayout(spec, body + note.height, note.left),
      margin: { l: left, r: right, t: top, b: bottom + spare + note.height, autoexpand: false },
      coloraxis: { ...scale.layout, colorbar: bar },
      showlegend: false,
      annotations: [...headings.above(panels), ...note.annotations],
      ...axesOf(panels, ranges, options.titles, sheet, around),
    },
  };
}

const contourTrace = ({ shown }: VariantSurfaces, scale: ColourAxis): JsonObject => ({
  type: 'contour',
  x: [...shown.surface.x],
  y: [...shown.surface.y!],
  z: heights(shown, scale),
  coloraxis: 'coloraxis',
  autocontour: false,
  contours: { ...scale.contours, coloring: 'fill' },
  line: { width: 0.5, color: 'rgba(0,0,0,0.45)' },
});

/** The look of a run in figures of `study`. */
const lookIn =
  ({ study, runs }: FigureSources) =>
  (id: string): RunLook => {
    const { variant, seed } = runs.find(({ run }) => run.id === id)!.run;
    return {
      label: `${labelIn(study, variant)}, seed ${seed}`,
      place: study.variants.findIndex(({ name }) => name === variant),
    };
  };

function marksOf(
  sources: FigureSources,
  { shown }: VariantSurfaces,
  scale: ColourAxis,
  stepwise: boolean,
): JsonObject[] {
  const { shared } = shown.result;
  if (shared !== undefined) {
    return [...pathMarks(shown.surface), ...sharedTraces(shared, lookIn(sources))];
  }
  return planeMarks(shown.surface, heights(shown, scale), scale, {
    logarithmic: shown.result.metricsOf !== 'loss',
    stepwise,
  });
}

/** What the marks mean: those of a plane through checkpoints are other ones. */
function legendOf(
  sources: FigureSources,
  chosen: readonly VariantSurfaces[],
  scale: ColourAxis,
  start: string,
): string {
  const shared = chosen.flatMap(({ shown }) => shown.result.shared ?? []);
  if (shared.length === 0) return marksLegend(scale, sources.classes, start);
  return [
    start.replace(/;$/, '.'),
    ...shared.map((one) => sharedStatement(one, lookIn(sources))),
  ].join(' ');
}

export function contoursFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isPlaneFor(sources, spec), 'plane', spec);
  return planes(sources, spec, chosen, {
    titles: ['α', 'β'],
    stepwise: false,
    trace: (item, scale) => [contourTrace(item, scale), ...marksOf(sources, item, scale, false)],
    note: (scale) =>
      legendOf(sources, chosen, scale, 'Levels and colours are the same in every panel;'),
  });
}

export function heatmapsFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isPlaneFor(sources, spec), 'plane', spec);
  return planes(sources, spec, chosen, {
    titles: ['α', 'β'],
    stepwise: true,
    trace: (item, scale) => [
      {
        type: 'heatmap',
        x: [...item.shown.surface.x],
        y: [...item.shown.surface.y!],
        z: heights(item.shown, scale),
        coloraxis: 'coloraxis',
        zsmooth: false,
      },
      ...marksOf(sources, item, scale, true),
    ],
    note: (scale) =>
      legendOf(
        sources,
        chosen,
        { ...scale, guessing: null },
        'One cell per measured point, nothing interpolated; colours are the same in every panel;',
      ),
  });
}
