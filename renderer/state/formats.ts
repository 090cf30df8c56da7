/** What a figure can be exported as. */

export const exportFormats = [
  { value: 'pdf', text: 'PDF (vector)' },
  { value: 'svg', text: 'SVG (vector)' },
  { value: 'png', text: 'PNG' },
  { value: 'html', text: 'HTML page' },
  { value: 'json', text: 'Plotly JSON' },
  { value: 'csv', text: 'CSV of every number' },
] as const;
export type ExportFormat = (typeof exportFormats)[number]['value'];
