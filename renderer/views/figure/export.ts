/** From a figure on the screen to a file, in any of its formats. The theme has no part in it. */

import type { PlotlyFigure } from '../../../shared/figure/plotly';
import { withRecipe } from '../../../shared/figure/recipe';
import type { FigureSources } from '../../../shared/figure/sources';
import type { FigureSpec } from '../../../shared/spec/figure';
import type { App } from '../../state/app.svelte';
import type { ExportFormat } from '../../state/formats';
import { toCsv } from './table';

export interface ExportRequest {
  readonly app: App;
  readonly sources: FigureSources;
  readonly spec: FigureSpec;
  readonly figure: PlotlyFigure;
  readonly recipe: string;
  readonly format: ExportFormat;
}

/** The scan that a figure of this kind draws. */
function scanOf({ sources, spec }: ExportRequest): string | null {
  if (spec.scan !== undefined) return spec.scan;
  const fits = sources.surfaces.find(({ result }) => {
    if (spec.kind === 'profiles') return result.y === null;
    if (spec.kind === 'trajectories') return result.trajectory !== null;
    return result.y !== null && result.kind !== 'principal';
  });
  return fits?.result.scan ?? null;
}

async function contentOf(request: ExportRequest): Promise<Uint8Array | string> {
  const { app, sources, spec, figure, recipe, format } = request;
  switch (format) {
    case 'pdf':
    case 'svg':
    case 'png':
    case 'html':
      return app.link.call('host/draw', { figure, format, dpi: app.settings.dpi, recipe });
    case 'json':
      return `${JSON.stringify(withRecipe(figure, recipe))}\n`;
    case 'csv':
      return toCsv(sources, spec, scanOf(request), recipe);
    default:
      return format satisfies never;
  }
}

/** Saves the figure; resolves with its place, or null when the user changed their mind. */
export async function exportFigure(request: ExportRequest, study: string): Promise<string | null> {
  const name = `${study}-${request.spec.kind}.${request.format}`;
  return request.app.downloads.save(name, await contentOf(request));
}
