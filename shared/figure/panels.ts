/** Small multiples: how many panels stand side by side, where each lies, and the note under all. */

import type { FigureSpec } from '../spec/figure';
import { linesOf } from './measure';
import type { JsonObject } from './plotly';
import { FAINT, LINE_HEIGHT, pixels, typePixels } from './style';

export interface Panel {
  /** Shares of the figure's inner area, as Plotly counts them: y upwards. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** What surrounds the panels of a figure, in pixels. */
export interface Room {
  readonly left: number;
  readonly right: number;
  /** Under the last row, without the note. */
  readonly bottom: number;
  /** Between panels side by side. */
  readonly gap: number;
  /** Under each row but the last. */
  readonly below: number;
}

export interface Sheet extends Room {
  /** Pixels of the whole figure. */
  readonly width: number;
  /** Of one panel. */
  readonly panel: { readonly width: number; readonly height: number };
  readonly columns: number;
  readonly rows: number;
}

/** Up to three panels stand in one row; more form a square, filled row by row. */
const preferred = (count: number): number => (count <= 3 ? count : Math.ceil(Math.sqrt(count)));

/** A panel narrower than so many times its type shows nothing. */
const NARROWEST = 7.5;

const widthFor = (columns: number, inner: number, gap: number): number =>
  (inner - gap * (columns - 1)) / columns;

/** Columns of `count` panels on `inner` pixels: as asked, or the most that can be read. */
function columnsFor(count: number, inner: number, gap: number, spec: FigureSpec): number {
  if (spec.columns !== undefined) return Math.min(count, spec.columns);
  const least = NARROWEST * typePixels(spec);
  const most = Math.max(1, Math.floor((inner + gap) / (least + gap)));
  const columns = Math.min(preferred(count), most);
  // Rows as even as can be: four panels on three columns are two and two.
  return Math.ceil(count / Math.ceil(count / columns));
}

/**
 * The sheet of `count` panels, each `aspect` times as high as wide, where `headingFor` gives the
 * pixels above panels of a width. With a height of its own, the figure has the columns in which
 * panels become largest.
 */
export function laySheet(
  count: number,
  aspect: number,
  room: Room,
  spec: FigureSpec,
  headingFor: (width: number) => number,
): Sheet {
  const width = pixels(spec.widthMm);
  const inner = width - room.left - room.right;
  const sheetOf = (columns: number, panel: number): Sheet => ({
    ...{ ...room, width, columns, rows: Math.ceil(count / columns) },
    panel: { width: panel, height: aspect * panel },
  });
  if (spec.heightMm === undefined) {
    const columns = columnsFor(count, inner, room.gap, spec);
    return sheetOf(columns, widthFor(columns, inner, room.gap));
  }
  const height = pixels(spec.heightMm);
  const candidates = Array.from({ length: spec.columns === undefined ? count : 1 }, (_, i) => {
    const columns = spec.columns ?? i + 1;
    const rows = Math.ceil(count / columns);
    let panel = widthFor(columns, inner, room.gap);
    // Narrower panels have higher headings, which leave less room: a few rounds settle it.
    for (let round = 0; round < 5; round++) {
      const rest = height - room.bottom - (rows - 1) * room.below - rows * headingFor(panel);
      panel = Math.max(1, Math.min(panel, rest / rows / aspect));
    }
    return { columns, panel };
  });
  const best = candidates.reduce((a, b) => (b.panel > a.panel ? b : a));
  // What is left beside narrow panels stands on both sides.
  const used = best.columns * best.panel + (best.columns - 1) * room.gap;
  const spare = Math.max(0, inner - used) / 2;
  return {
    ...sheetOf(best.columns, best.panel),
    left: room.left + spare,
    right: room.right + spare,
  };
}

/**
 * Pixels that a page of its own height leaves above panels that keep their shape, and as many below
 * them, with `heading` pixels above each row.
 */
export function spareOf(
  { rows, below, bottom, panel }: Sheet,
  heading: number,
  { heightMm }: FigureSpec,
): number {
  if (heightMm === undefined) return 0;
  const used = rows * (heading + panel.height) + (rows - 1) * below + bottom;
  return Math.max(0, (pixels(heightMm) - used) / 2);
}

export interface Placed {
  readonly panels: readonly Panel[];
  /** Pixels of all rows with what stands between them. */
  readonly height: number;
}

/** Where the panels of a sheet lie, with `heading` pixels above each row. */
export function placePanels(
  { width, left, right, gap, below, panel, columns, rows }: Sheet,
  count: number,
  heading: number,
): Placed {
  const inner = width - left - right;
  const pitch = panel.height + below + heading;
  const height = rows * panel.height + (rows - 1) * (below + heading);
  const panels = Array.from({ length: count }, (_, i): Panel => {
    const start = (i % columns) * (panel.width + gap);
    const top = Math.floor(i / columns) * pitch;
    return {
      x: [start / inner, (start + panel.width) / inner],
      y: [1 - (top + panel.height) / height, 1 - top / height],
    };
  });
  return { panels, height };
}

export interface Note {
  readonly annotations: readonly JsonObject[];
  /** Pixels that it takes. */
  readonly height: number;
  /** What has no room on the page: it belongs into the caption. */
  readonly left: string;
}

/** Share of a figure's height that a note takes at most. */
const MOST_NOTE = 0.2;

/** What has to be said beside a plot, in sentences. */
export interface Said {
  /** What a caption says as well: scans, verdicts. */
  readonly known: readonly string[];
  /** What nobody else says: marks, colours, numbers without room above their panels. */
  readonly own: readonly string[];
}

const joined = (sentences: readonly string[]): string =>
  sentences.filter((sentence) => sentence !== '').join(' ');

/**
 * What has to be said beside the plot, under it, where it has room: a note that would take more
 * than a fifth of the height is left to the caption. `margins` are the figure's; `body`: its pixels
 * without the note.
 */
export function noteBelow(
  { known, own }: Said,
  spec: FigureSpec,
  { left, bottom, body }: { left: number; bottom: number; body: number },
): Note {
  const none = { annotations: [], height: 0, left: joined(own) };
  const text = joined([...known, ...own]);
  if (spec.bare || spec.names || text === '') return none;
  const size = typePixels(spec);
  const lines = linesOf(text, pixels(spec.widthMm) - 16, { size, font: spec.font });
  const height = lines.length * size * LINE_HEIGHT + 8;
  if (height > MOST_NOTE * (body + height)) return none;
  const annotation = {
    text: lines.join('<br>'),
    ...{ x: 0, y: 0, xref: 'paper', yref: 'paper', xanchor: 'left', yanchor: 'top' },
    xshift: 8 - left,
    yshift: -bottom,
    align: 'left',
    showarrow: false,
    font: { size, color: FAINT },
  };
  return { annotations: [annotation], height, left: '' };
}
