/** The figure that people know: loss surfaces in three dimensions, side by side, on one scale under one camera. */

import type { FigureSpec } from '../spec/figure';
import { byVariant, isRandomPlane } from './choose';
import { colourAxis, heights } from './colour-axis';
import { columnsFor, noteBelow, panelGrid, panelTitle } from './panels';
import type { JsonObject, PlotlyFigure } from './plotly';
import type { FigureSources } from './sources';
import { labelOf, metricStatement, scanStatement, trainingStatement } from './statements';
import { baseLayout, pixels } from './style';

const CAMERA = { eye: { x: 1.35, y: -1.5, z: 0.85 }, center: { x: 0, y: 0, z: -0.12 } };

const sceneName = (i: number) => (i === 0 ? 'scene' : `scene${i + 1}`);

export function surfacesFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isRandomPlane, 'plane');
  const shown = chosen.map((item) => item.shown);
  const scale = colourAxis(shown, spec);
  const panels = panelGrid(chosen.length, 0.01, 0.12);
  const rows = Math.ceil(chosen.length / columnsFor(chosen.length));
  const margins = { left: 8, bottom: 8 };
  const note = noteBelow(
    `${scanStatement(chosen.flatMap(({ all }) => all.map(({ result }) => result)))} Height and colour: ${scale.title}.`,
    spec,
    margins,
  );
  const width = pixels(spec.widthMm) / columnsFor(chosen.length);
  const height = rows * (width * 0.82 + 44) + note.height + margins.bottom;
  const scene = (i: number): JsonObject => ({
    domain: { x: panels[i].x, y: panels[i].y },
    camera: CAMERA,
    aspectmode: 'manual',
    aspectratio: { x: 1, y: 1, z: 0.7 },
    xaxis: { title: { text: 'α' }, showbackground: false, nticks: 3 },
    yaxis: { title: { text: 'β' }, showbackground: false, nticks: 3 },
    zaxis: {
      title: { text: 'L' },
      range: [scale.low, scale.high],
      showbackground: false,
      ...scale.ticks,
    },
  });
  const titles = chosen.map(({ variant, shown: { result }, all }, i) =>
    panelTitle(
      panels[i],
      labelOf(sources, variant),
      `${trainingStatement(sources, result)}<br>${metricStatement(all)}`,
      spec,
    ),
  );
  return {
    data: shown.map((source, i) => ({
      type: 'surface',
      scene: sceneName(i),
      name: labelOf(sources, source.result.variant),
      x: [...source.surface.x],
      y: [...source.surface.y!],
      z: heights(source, scale),
      coloraxis: 'coloraxis',
      contours: { z: { show: true, usecolormap: false, color: 'rgba(0,0,0,0.25)', width: 1, ...scale.contours } },
    })),
    layout: {
      ...baseLayout(spec, height),
      margin: { l: margins.left, r: 70, t: spec.bare ? 8 : 52, b: margins.bottom + note.height },
      coloraxis: scale.layout,
      annotations: spec.bare ? [] : [...titles, note.annotation],
      ...Object.fromEntries(chosen.map((_, i) => [sceneName(i), scene(i)])),
    },
  };
}
