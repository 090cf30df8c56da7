/** How many panels stand beside each other: as many as make the squares in them largest. */

/** What a panel needs beside its square: pixels of titles, axes and sentences. */
export interface Chrome {
  readonly width: number;
  readonly height: number;
}

/** Where panels may stand, in pixels. */
export interface Space {
  readonly width: number;
  readonly height: number;
}

export interface Tiling {
  readonly columns: number;
  readonly rows: number;
  /** Pixels of the side of each square. */
  readonly side: number;
  /** Pixels that all rows take. */
  readonly height: number;
}

/** Space between two panels, in pixels. */
export const GAP = 16;
/** A square below this many pixels shows nothing; the page scrolls instead. */
const LEAST = 150;

/** `count` panels in so many columns; squares are at least `least` pixels wide and high. */
function tiledIn(
  count: number,
  columns: number,
  { width, height }: Space,
  chrome: Chrome,
  least: number,
): Tiling {
  const rows = Math.ceil(count / columns);
  const across = (width - GAP * (columns - 1)) / columns - chrome.width;
  const down = (height - GAP * (rows - 1)) / rows - chrome.height;
  const side = Math.min(across, Math.max(least, down));
  return { columns, rows, side, height: rows * (side + chrome.height) + GAP * (rows - 1) };
}

/**
 * The tiling with the largest squares among those that keep to `space`; where none keeps to it with
 * squares that can be read, the lowest of those with readable ones. `asked` columns are kept to.
 */
export function tile(
  count: number,
  space: Space,
  chrome: Chrome,
  { asked = 0, least = LEAST }: { asked?: number; least?: number } = {},
): Tiling {
  const choices = Array.from({ length: asked > 0 ? 1 : Math.max(1, count) }, (_, i) =>
    tiledIn(count, asked > 0 ? asked : i + 1, space, chrome, least),
  );
  const readable = choices.filter(({ side }) => side >= least);
  const fitting = readable.filter(({ height }) => height <= space.height);
  if (fitting.length > 0) return fitting.reduce((a, b) => (b.side > a.side ? b : a));
  if (readable.length > 0) return readable.reduce((a, b) => (b.height < a.height ? b : a));
  return choices[0];
}
