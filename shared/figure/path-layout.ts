/**
 * Where the panels of the figure of paths lie: a column for each network, below each other its
 * planes, its angles and its q; in blocks of as many columns as can be read.
 */

import type { FigureSpec } from '../spec/figure';
import { BINS } from './angles';
import type { Panel } from './panels';
import type { PathSource } from './path-sources';
import type { JsonObject } from './plotly';
import type { SurfaceSource } from './sources';
import { axis, INK, pixels, typePixels } from './style';

export type PathRow = 'whole' | 'late' | 'angles' | 'q';

export interface PathPanel extends Panel {
  /** Of the network. */
  readonly index: number;
  readonly row: PathRow;
  readonly pixels: { readonly width: number; readonly height: number };
}

interface Placed {
  readonly panels: readonly PathPanel[];
  /** Where the headings of the networks stand. */
  readonly tops: readonly Panel[];
  readonly rowTitles: readonly JsonObject[];
  readonly axes: JsonObject;
  /** Pixels without the note. */
  readonly height: number;
  axesOf(panel: number): { readonly xaxis: string; readonly yaxis: string };
}

export interface PathLayout {
  readonly left: number;
  readonly right: number;
  readonly gap: number;
  /** Pixels of a panel. */
  readonly width: number;
  readonly hasLate: boolean;
  readonly hasAngles: boolean;
  /** All of it, with `heading` pixels above each network. */
  place(heading: number): Placed;
}

/** Widths of a letter below which a panel shows nothing. */
const NARROWEST = 9.7;
const TITLES: Readonly<Record<PathRow, string>> = {
  whole: 'Whole path',
  late: 'Later half: step (red), downhill (blue)',
  angles: 'Later steps by their angle to downhill, %',
  q: 'q over training',
};
/** Height over width of panels that are no planes. */
const FLAT = 0.62;
/** Planes are at least and at most so much higher than wide; the rest is left blank. */
const [LOWEST, HIGHEST] = [0.45, 1];

const extent = (points: readonly number[]) => points[points.length - 1] - points[0];
const aspectOf = ({ surface }: SurfaceSource) => extent(surface.y!) / extent(surface.x);

/** Columns of a block: as many as can be read, the blocks alike. */
function columnsFor(
  count: number,
  inner: number,
  gap: number,
  { size, asked }: { readonly size: number; readonly asked: number | undefined },
): number {
  if (asked !== undefined) return Math.min(count, asked);
  const most = Math.max(1, Math.floor((inner + gap) / (NARROWEST * size + gap)));
  return Math.ceil(count / Math.ceil(count / most));
}

const name = (letter: 'x' | 'y', i: number, what = '') => `${letter}${what}${i === 0 ? '' : i + 1}`;

/** The two axes of a panel of `row`; of a plane, both have one scale. */
function axesOf(
  { row, x, y }: PathPanel,
  i: number,
  { whole, late }: PathSource,
  isFirst: boolean,
  { size, highest }: { readonly size: number; readonly highest: number },
): [string, JsonObject][] {
  const small = { nticks: 4, tickangle: 0 };
  const plain = (text: string, extra: JsonObject) =>
    axis(text, { ...extra, title: { text, standoff: 4, font: { size } } });
  const across = { ...small, domain: [...x], anchor: name('y', i) };
  const up = { ...small, domain: [...y], anchor: name('x', i) };
  const both = (h: JsonObject, v: JsonObject): [string, JsonObject][] => [
    [name('x', i, 'axis'), h],
    [name('y', i, 'axis'), v],
  ];
  const title = (text: string) => (isFirst ? text : '');
  switch (row) {
    case 'whole':
    case 'late': {
      const { surface } = row === 'late' && late !== null ? late : whole;
      const range = (points: readonly number[]) => [points[0], points[points.length - 1]];
      return both(
        plain(row === 'whole' && late !== null ? '' : 'PC 1', {
          ...across,
          range: range(surface.x),
          constrain: 'domain',
        }),
        plain(title('PC 2'), {
          ...up,
          range: range(surface.y!),
          constrain: 'domain',
          scaleanchor: name('x', i),
          scaleratio: 1,
        }),
      );
    }
    case 'angles':
      return both(
        plain('degrees', { ...across, range: [0, 90], tickvals: [0, 30, 60, 90] }),
        plain(title('steps, %'), { ...up, range: [0, 1.05 * highest] }),
      );
    case 'q':
      return both(
        plain('share of training', { ...across, range: [0, 1], tickvals: [0, 0.5, 1] }),
        plain(title('q'), { ...up, range: [0, 1.02], tickvals: [0, 0.5, 1] }),
      );
    default:
      return row satisfies never;
  }
}

interface Row {
  readonly row: PathRow;
  readonly height: number;
  /** Pixels below it that its axis takes. */
  readonly below: number;
}

/** The rows of a block whose panels are `width` pixels wide. */
function rowsOf(
  paths: readonly PathSource[],
  hasAngles: boolean,
  width: number,
  size: number,
): Row[] {
  const closer = paths.flatMap(({ late }) => late ?? []);
  const plane = (sources: readonly SurfaceSource[]) =>
    width * Math.max(LOWEST, Math.min(HIGHEST, Math.max(...sources.map(aspectOf))));
  const [titled, untitled] = [3.2 * size, 1.9 * size];
  const flat = (row: PathRow): Row => ({ row, height: FLAT * width, below: titled });
  // Of two planes, the lower one names the axis.
  const whole = plane(paths.map((path) => path.whole));
  const rows: Row[] = [
    { row: 'whole', height: whole, below: closer.length > 0 ? untitled : titled },
  ];
  if (closer.length > 0) rows.push({ row: 'late', height: plane(closer), below: titled });
  if (hasAngles) rows.push(flat('angles'), flat('q'));
  return rows;
}

const rowTitle = (row: PathRow, y: number, size: number): JsonObject => ({
  ...{ text: TITLES[row], x: 0, y },
  ...{ xref: 'paper', yref: 'paper', xanchor: 'left', yanchor: 'bottom' },
  ...{ showarrow: false, font: { size: 0.9 * size, color: INK } },
});

/**
 * The layout of `paths`; `highest`: the highest bar of their angles, in percent; null: how they
 * cross isocurves is not known.
 */
export function layPaths(
  paths: readonly PathSource[],
  highest: number | null,
  spec: FigureSpec,
): PathLayout {
  const size = typePixels(spec);
  const [left, right, gap] = [4.2 * size, 0.8 * size, 3.3 * size];
  const inner = pixels(spec.widthMm) - left - right;
  const columns = columnsFor(paths.length, inner, gap, { size, asked: spec.columns });
  const width = (inner - gap * (columns - 1)) / columns;
  const rows = rowsOf(paths, highest !== null, width, size);
  const titleRoom = (spec.bare ? 0.6 : 1.9) * size;
  const block = rows.reduce((sum, { height, below }) => sum + titleRoom + height + below, 0);
  const look = { size, highest: Math.max(highest ?? 0, 100 / BINS) };
  const place = (heading: number): Placed => {
    const height = Math.ceil(paths.length / columns) * (heading + block);
    const share = (top: number) => 1 - top / height;
    const panels: PathPanel[] = [];
    const tops: Panel[] = [];
    const rowTitles: JsonObject[] = [];
    paths.forEach((_, index) => {
      const start = (index % columns) * (width + gap);
      const x = [start / inner, (start + width) / inner] as const;
      let top = Math.floor(index / columns) * (heading + block) + heading;
      tops.push({ x, y: [share(top + 1), share(top)] });
      for (const { row, height: tall, below } of rows) {
        top += titleRoom;
        if (start === 0 && !spec.bare) rowTitles.push(rowTitle(row, share(top), size));
        const y = [share(top + tall), share(top)] as const;
        panels.push({ index, row, x, y, pixels: { width, height: tall } });
        top += tall + below;
      }
    });
    const axes = Object.fromEntries(
      panels.flatMap((panel, i) => axesOf(panel, i, paths[panel.index], panel.x[0] === 0, look)),
    );
    const names = (i: number) => ({ xaxis: name('x', i), yaxis: name('y', i) });
    return { panels, tops, rowTitles, axes, height, axesOf: names };
  };
  const hasLate = rows.some(({ row }) => row === 'late');
  return { left, right, gap, width, hasLate, hasAngles: highest !== null, place };
}
