/** Small multiples: where each panel lies, and the note under all of them. */

import type { FigureSpec } from '../spec/figure';
import type { JsonObject } from './plotly';
import { FAINT, pixels, typePixels } from './style';

export interface Panel {
  /** Shares of the figure's inner area, as Plotly counts them: y upwards. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Up to three panels stand in one row; more form a square, filled row by row. */
export const columnsFor = (count: number): number =>
  count <= 3 ? count : Math.ceil(Math.sqrt(count));

export interface PanelGrid {
  readonly panels: readonly Panel[];
  /** Pixels that all rows and the gaps between them take. */
  readonly height: number;
}

/** Pixels of one panel of `count` side by side and below each other on `width` pixels. */
export const panelWidthFor = (
  count: number,
  width: number,
  gap: number,
  asked: number | undefined,
): number => {
  const columns = Math.min(count, asked ?? columnsFor(count));
  return (width - gap * (columns - 1)) / columns;
};

/**
 * Panels in a grid of `width` pixels, each `aspect` times as high as wide, with gaps in pixels.
 * The gap between rows is what titles and axis labels need.
 */
export function panelGrid(
  count: number,
  width: number,
  aspect: number,
  gap: { readonly x: number; readonly y: number },
  asked: number | undefined,
): PanelGrid {
  const columns = Math.min(count, asked ?? columnsFor(count));
  const rows = Math.ceil(count / columns);
  const panelWidth = panelWidthFor(count, width, gap.x, asked);
  const panelHeight = panelWidth * aspect;
  const height = rows * panelHeight + (rows - 1) * gap.y;
  const panels = Array.from({ length: count }, (_, i): Panel => {
    const left = (i % columns) * (panelWidth + gap.x);
    const top = Math.floor(i / columns) * (panelHeight + gap.y);
    return {
      x: [left / width, (left + panelWidth) / width],
      y: [1 - (top + panelHeight) / height, 1 - top / height],
    };
  });
  return { panels, height };
}

/** Lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

export interface Note {
  readonly annotation: JsonObject;
  /** Pixels that it takes. */
  readonly height: number;
}

/**
 * What has to be said beside the plot, in small type under it. `left` and `right` are the figure's
 * margins.
 */
export function noteBelow(
  text: string,
  spec: FigureSpec,
  margins: { left: number; bottom: number },
): Note {
  if (spec.bare) return { annotation: {}, height: 0 };
  const size = typePixels(spec) * 0.85;
  const lines = wrap(text, Math.floor((pixels(spec.widthMm) - 16) / (size * 0.56)));
  const height = lines.length * size * 1.35 + 6;
  return {
    height,
    annotation: {
      text: lines.join('<br>'),
      x: 0,
      y: 0,
      xref: 'paper',
      yref: 'paper',
      xanchor: 'left',
      yanchor: 'top',
      xshift: 8 - margins.left,
      yshift: -margins.bottom,
      align: 'left',
      showarrow: false,
      font: { size, color: FAINT },
    },
  };
}
