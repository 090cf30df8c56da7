/**
 * The figure that people know: loss surfaces in three dimensions, side by side, on one scale under
 * one camera.
 */

import type { FigureSpec } from '../spec/figure';
import { byVariant, isRandomPlane } from './choose';
import { colourAxis, heights, type ColourAxis } from './colour-axis';
import { layHeadings } from './headings';
import { noteBelow, panelGrid, panelWidthFor, type Panel } from './panels';
import type { JsonObject, PlotlyFigure } from './plotly';
import type { FigureSources, SurfaceSource } from './sources';
import { planeDetail } from './plane-statements';
import { labelOf, scanStatement, verdictStatement } from './statements';
import { baseLayout, pixels } from './style';

/**
 * The camera for a panel of `width` pixels: farther off where the panel is narrow, because labels
 * keep their size.
 */
function camera(width: number): JsonObject {
  const far = Math.max(1, Math.sqrt(320 / width));
  return {
    eye: { x: 1.15 * far, y: -1.36 * far, z: 0.95 * far },
    center: { x: 0, y: 0, z: -0.2 },
  };
}

/** Pixels between panels. */
const GAP = 6;

const sceneName = (i: number) => (i === 0 ? 'scene' : `scene${i + 1}`);

/** The ticks of the colour bar without the lowest, which would stand on those of the other axes. */
function heightTicks({ ticks, low, high }: ColourAxis): JsonObject {
  const { tickvals, ticktext } = ticks;
  const keeps = (value: number) => value > low + 0.12 * (high - low);
  return {
    tickvals: tickvals.filter(keeps),
    ticktext: ticktext.filter((_, i) => keeps(tickvals[i])),
  };
}

const flatAxis = (text: string): JsonObject => ({
  title: { text },
  showbackground: false,
  zeroline: false,
  nticks: 3,
});

/** One panel's space: the same camera and height for all. */
const scene = (panel: Panel, width: number, scale: ColourAxis): JsonObject => ({
  domain: { x: panel.x, y: panel.y },
  camera: camera(width * (panel.x[1] - panel.x[0])),
  aspectmode: 'manual',
  aspectratio: { x: 1, y: 1, z: 0.75 },
  xaxis: flatAxis('α'),
  yaxis: flatAxis('β'),
  zaxis: {
    title: { text: 'L' },
    range: [scale.low, scale.high],
    showbackground: false,
    zeroline: false,
    ...heightTicks(scale),
  },
});

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

export function surfacesFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isRandomPlane, 'plane', spec);
  const shown = chosen.map((item) => item.shown);
  const scale = colourAxis(shown, spec, sources.classes);
  const sides = { left: 8, right: 76, bottom: 8 };
  const inner = pixels(spec.widthMm) - sides.left - sides.right;
  const width = panelWidthFor(chosen.length, inner, GAP, spec.columns);
  const headings = layHeadings(
    chosen.map((item) => ({
      title: labelOf(sources, item.variant),
      detail: planeDetail(sources, item, scale),
    })),
    width,
    spec,
  );
  const margins = { ...sides, top: headings.height };
  const gap = { x: GAP, y: margins.top + 4 };
  const { panels, height } = panelGrid(chosen.length, inner, 0.72, gap, spec.columns);
  const results = chosen.flatMap(({ all }) => all.map(({ result }) => result));
  const variants = chosen.map(({ variant }) => variant);
  const verdicts = verdictStatement(sources, results[0].scan, variants);
  const said = `${scanStatement(results)} ${verdicts} Height and colour: ${scale.title}.`;
  const note = noteBelow(said, spec, margins);
  return {
    data: shown.map((source, i) => surfaceTrace(sources, source, i, scale)),
    layout: {
      ...baseLayout(spec, height + margins.top + margins.bottom + note.height),
      margin: {
        l: margins.left,
        r: margins.right,
        t: margins.top,
        b: margins.bottom + note.height,
      },
      coloraxis: scale.layout,
      annotations: [...headings.above(panels), ...(spec.bare ? [] : [note.annotation])],
      ...Object.fromEntries(chosen.map((_, i) => [sceneName(i), scene(panels[i], inner, scale)])),
    },
  };
}
