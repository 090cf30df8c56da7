/**
 * From a study's artefacts and a figure's spec to a Plotly figure. Pure: the same inputs give the
 * same bytes.
 */

import type { FigureSpec } from '../spec/figure';
import { captioned } from './captions';
import { curvesFigure, profilesFigure } from './lines';
import { contoursFigure, heatmapsFigure } from './planes';
import type { PlotlyFigure } from './plotly';
import { relabelled, type FigureSources } from './sources';
import { surfacesFigure } from './surfaces';
import { trajectoriesFigure } from './trajectories';

/** The figure with its caption, which it carries as Plotly's `layout.meta`. */
export function buildFigure(found: FigureSources, spec: FigureSpec): PlotlyFigure {
  const sources = relabelled(found, spec);
  return captioned(drawnOf(sources, spec), sources, spec);
}

function drawnOf(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  switch (spec.kind) {
    case 'surfaces':
      return surfacesFigure(sources, spec);
    case 'contours':
      return contoursFigure(sources, spec);
    case 'heatmaps':
      return heatmapsFigure(sources, spec);
    case 'profiles':
      return profilesFigure(sources, spec);
    case 'curves':
      return curvesFigure(sources, spec);
    case 'trajectories':
      return trajectoriesFigure(sources, spec);
    default:
      return spec.kind satisfies never;
  }
}
