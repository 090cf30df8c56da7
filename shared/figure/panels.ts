/** Small multiples: where each panel lies, its title, and the note under all of them. */

import type { FigureSpec } from '../spec/figure';
import type { JsonObject } from './plotly';
import { FAINT, INK, pixels, typePixels } from './style';

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

/** (a), (b), … in the corner above panel `i`; nothing where letters are off. */
export function panelLetter(panel: Panel, i: number, spec: FigureSpec): JsonObject[] {
  if (!spec.letters) return [];
  return [
    {
      text: `<b>(${String.fromCharCode(97 + (i % 26))})</b>`,
      x: panel.x[0],
      y: panel.y[1],
      xref: 'paper',
      yref: 'paper',
      xanchor: 'left',
      yanchor: 'bottom',
      showarrow: false,
      font: { color: INK },
    },
  ];
}

/** Characters of small type that fit over a panel of `width` pixels. */
const charactersIn = (width: number, spec: FigureSpec): number =>
  Math.max(12, Math.floor(width / (typePixels(spec) * 0.85 * 0.52)));

const visible = (text: string): string => text.replace(/<[^>]*>/g, '');

/** The lines of small type over a panel, each broken at a comma where it is too long. */
function detailLines(detail: string, width: number, spec: FigureSpec): string[] {
  const most = charactersIn(width, spec);
  return detail.split('<br>').flatMap((line) => {
    if (visible(line).length <= most) return line === '' ? [] : [line];
    const lines: string[] = [];
    for (const part of line.split(', ')) {
      const last = lines[lines.length - 1];
      const joined = `${last}, ${part}`;
      if (last !== undefined && visible(joined).length <= most) lines[lines.length - 1] = joined;
      else lines.push(part);
    }
    return lines;
  });
}

/** Pixels that titles with these details need above panels of `width` pixels. */
export function titleHeight(details: readonly string[], width: number, spec: FigureSpec): number {
  if (spec.bare) return spec.letters ? typePixels(spec) * 1.3 + 8 : 10;
  const most = Math.max(0, ...details.map((detail) => detailLines(detail, width, spec).length));
  return Math.ceil(typePixels(spec) * (1.3 + 0.85 * 1.3 * most)) + 8;
}

/** The title above a panel of `width` pixels: a bold line and some in small type. */
export function panelTitle(
  panel: Panel,
  width: number,
  title: string,
  detail: string,
  spec: FigureSpec,
): JsonObject {
  const size = typePixels(spec);
  const small = `font-size:${(size * 0.85).toFixed(1)}px`;
  const lines = detailLines(detail, width, spec).map(
    (line) => `<br><span style="${small}">${line}</span>`,
  );
  return {
    text: `<b>${title}</b>${lines.join('')}`,
    x: (panel.x[0] + panel.x[1]) / 2,
    y: panel.y[1],
    xref: 'paper',
    yref: 'paper',
    xanchor: 'center',
    yanchor: 'bottom',
    showarrow: false,
    font: { color: INK },
  };
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
  const lines = wrap(text, Math.floor((pixels(spec.widthMm) - 16) / (size * 0.5)));
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
