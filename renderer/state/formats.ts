/** What figures there are, and what they can be exported as, in words. */

import type { FigureSpec } from '../../shared/spec/figure';

export const kindNames: Readonly<Record<FigureSpec['kind'], string>> = {
  surfaces: '3-D surfaces',
  contours: 'contours',
  heatmaps: 'cells',
  profiles: 'profiles',
  curves: 'training curves',
  trajectories: 'trajectories',
};

export const exportFormats = [
  { value: 'pdf', text: 'PDF (vector)' },
  { value: 'svg', text: 'SVG (vector)' },
  { value: 'png', text: 'PNG' },
  { value: 'html', text: 'HTML page' },
  { value: 'json', text: 'Plotly JSON' },
  { value: 'csv', text: 'CSV of every number' },
] as const;
export type ExportFormat = (typeof exportFormats)[number]['value'];
