/** Planes from above: contours (vector) and heat maps, with shared levels and colours. */

import type { FigureSpec } from '../spec/figure';
import { byVariant, isRandomPlane, type VariantSurfaces } from './choose';
import { colourAxis, heights, type ColourAxis } from './colour-axis';
import { layHeadings } from './headings';
import { noteBelow, panelGrid, panelWidthFor, type Panel } from './panels';
import { planeMarks } from './plane-marks';
import { marksLegend, planeDetail } from './plane-statements';
import type { JsonObject, PlotlyFigure } from './plotly';
import type { FigureSources } from './sources';
import { labelOf, scanStatement, verdictStatement } from './statements';
import { axis, baseLayout, pixels } from './style';

const axisName = (letter: 'x' | 'y', i: number) => `${letter}axis${i === 0 ? '' : i + 1}`;
const axisId = (letter: 'x' | 'y', i: number) => `${letter}${i === 0 ? '' : i + 1}`;

interface PlaneOptions {
  readonly titles: readonly [string, string];
  /** Cells are drawn as squares, not interpolated. */
  readonly stepwise: boolean;
  readonly scale: FigureSpec['scale'];
  trace(item: VariantSurfaces, scale: ColourAxis): JsonObject[];
  detail(item: VariantSurfaces, scale: ColourAxis): string;
  note(scale: ColourAxis): string;
}

/** Pixels under a panel that its horizontal axis takes. */
const AXIS_ROOM = 40;
/** Figures narrower than this, such as those of one text column, spare room where they can. */
const NARROW = 480;

/** What surrounds the panels. */
interface Surround {
  readonly left: number;
  readonly right: number;
  /** Between panels: what the labels of an axis take. */
  readonly gap: number;
  /** Overrides of every axis. */
  readonly axis: JsonObject;
  readonly isNarrow: boolean;
}

const surround = (spec: FigureSpec): Surround =>
  pixels(spec.widthMm) < NARROW
    ? {
        left: 40,
        right: 48,
        gap: 42,
        axis: { nticks: 4, tickangle: 0 },
        isNarrow: true,
      }
    : { left: 46, right: 84, gap: 58, axis: {}, isNarrow: false };

/** The colour axis; in a narrow figure the note says what its bar has no room for. */
function placedBar({ layout }: ColourAxis, { isNarrow }: Surround): JsonObject {
  if (!isNarrow) return layout;
  const { title: _said, ...bar } = layout['colorbar'] as { readonly title: JsonObject };
  return { ...layout, colorbar: { ...bar, thickness: 6, len: 1, xpad: 4 } };
}

/** The axes of all panels; in a narrow figure a row says the vertical title once. */
const axesOf = (
  panels: readonly Panel[],
  ranges: readonly { readonly x: number[]; readonly y: number[] }[],
  titles: PlaneOptions['titles'],
  around: Surround,
): JsonObject =>
  Object.fromEntries(
    panels.flatMap(({ x, y }, i): [string, JsonObject][] => {
      const saysIt = !around.isNarrow || x[0] === 0;
      const [across, up] = [
        { ...around.axis, domain: x, anchor: axisId('y', i), range: ranges[i].x },
        { ...around.axis, domain: y, anchor: axisId('x', i), range: ranges[i].y },
      ];
      return [
        [axisName('x', i), axis(titles[0], across)],
        [axisName('y', i), axis(saysIt ? titles[1] : '', up)],
      ];
    }),
  );

/** What an axis of these points covers: to the outer points, or to the edges of their cells. */
function extentOf(points: readonly number[], stepwise: boolean): number[] {
  const margin = stepwise ? (points[1] - points[0]) / 2 : 0;
  return [points[0] - margin, points[points.length - 1] + margin];
}

/** The verdicts on claims about the scan that is shown, with a space behind them. */
function verdictsOf(sources: FigureSources, chosen: readonly VariantSurfaces[]): string {
  const [{ shown }] = chosen;
  const variants = chosen.map(({ variant }) => variant);
  const said = verdictStatement(sources, shown.result.scan, variants);
  return said === '' ? '' : `${said} `;
}

/** Panels of one kind with everything shared. */
function planes(
  sources: FigureSources,
  spec: FigureSpec,
  chosen: readonly VariantSurfaces[],
  options: PlaneOptions,
): PlotlyFigure {
  const scale = colourAxis(
    chosen.map(({ shown }) => shown),
    { ...spec, scale: options.scale },
    sources.classes,
  );
  const around = surround(spec);
  const margins = { left: around.left, bottom: AXIS_ROOM };
  const said = around.isNarrow ? `Colour: ${scale.title}. ` : '';
  const statement = scanStatement(chosen.flatMap(({ all }) => all.map(({ result }) => result)));
  const note = noteBelow(
    `${statement} ${verdictsOf(sources, chosen)}${said}${options.note(scale)}`,
    spec,
    margins,
  );
  const inner = pixels(spec.widthMm) - around.left - around.right;
  // A title may lean over the gap beside its panel.
  const titleWidth =
    panelWidthFor(chosen.length, inner, around.gap, spec.columns) + 0.7 * around.gap;
  const headings = layHeadings(
    chosen.map((item) => ({
      title: labelOf(sources, item.variant),
      detail: options.detail(item, scale),
    })),
    titleWidth,
    spec,
  );
  const top = headings.height;
  const gap = { x: around.gap, y: top + AXIS_ROOM };
  const { panels, height } = panelGrid(chosen.length, inner, 1, gap, spec.columns);
  const ranges = chosen.map(({ shown: { surface } }) => ({
    x: extentOf(surface.x, options.stepwise),
    y: extentOf(surface.y!, options.stepwise),
  }));
  const traces = chosen.flatMap((item, i) =>
    options
      .trace(item, scale)
      .map((trace) => ({ ...trace, xaxis: axisId('x', i), yaxis: axisId('y', i) })),
  );
  return {
    data: traces,
    layout: {
      ...baseLayout(spec, height + top + AXIS_ROOM + note.height),
      margin: { l: around.left, r: around.right, t: top, b: AXIS_ROOM + note.height },
      coloraxis: placedBar(scale, around),
      showlegend: false,
      annotations: [...headings.above(panels), ...(spec.bare ? [] : [note.annotation])],
      ...axesOf(panels, ranges, options.titles, around),
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

const marksOf = ({ shown }: VariantSurfaces, scale: ColourAxis, stepwise: boolean): JsonObject[] =>
  planeMarks(shown.surface, heights(shown, scale), scale, {
    logarithmic: shown.result.metricsOf !== 'loss',
    stepwise,
  });

export function contoursFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isRandomPlane, 'plane', spec);
  return planes(sources, spec, chosen, {
    titles: ['α', 'β'],
    stepwise: false,
    scale: spec.scale,
    trace: (item, scale) => [contourTrace(item, scale), ...marksOf(item, scale, false)],
    detail: (item, scale) => planeDetail(sources, item, scale),
    note: (scale) =>
      marksLegend(scale, sources.classes, 'Levels and colours are the same in every panel;'),
  });
}

export function heatmapsFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isRandomPlane, 'plane', spec);
  return planes(sources, spec, chosen, {
    titles: ['α', 'β'],
    stepwise: true,
    scale: spec.scale,
    trace: (item, scale) => [
      {
        type: 'heatmap',
        x: [...item.shown.surface.x],
        y: [...item.shown.surface.y!],
        z: heights(item.shown, scale),
        coloraxis: 'coloraxis',
        zsmooth: false,
      },
      ...marksOf(item, scale, true),
    ],
    detail: (item, scale) => planeDetail(sources, item, scale),
    note: (scale) =>
      marksLegend(
        { ...scale, guessing: null },
        sources.classes,
        'One cell per measured point, nothing interpolated; colours are the same in every panel;',
      ),
  });
}
