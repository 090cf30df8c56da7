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
import { axis, INK, LINE_HEIGHT, pixels, typePixels } from './style';
import { ticksFor } from './ticks';

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
  late: 'Later half: step red, downhill blue',
  angles: 'Angles of later steps to downhill',
  q: 'q over training',
};
/** Height over width of panels that are no planes. */
const FLAT = 0.62;
/** Planes are at least and at most so much higher than wide; the rest is left blank. */
const [LOWEST, HIGHEST] = [0.45, 1];

const extent = (points: readonly number[]) => points[points.length - 1] - points[0];
const aspectOf = ({ surface }: SurfaceSource) => extent(surface.y!) / extent(surface.x);

/** Pixels by which labels under a corner keep clear of those beside it. */
const CORNER = (size: number): number => Math.max(2, Math.round(0.75 * size - 5));

const ticksOf = (values: readonly number[]): JsonObject => ({
  tickvals: [...values],
  ticktext: values.map(String),
});

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

/** What the axes of all panels share. */
interface AxisLook {
  readonly size: number;
  /** On a page of fixed height they have no numbers. */
  readonly isFixed: boolean;
  /** The highest bar of angles, in percent. */
  readonly highest: number;
}

/** Ranges and ticks of a plane drawn into `box` at one scale. */
function planeAxes(
  { surface }: SurfaceSource,
  box: PathPanel['pixels'],
  size: number,
  isSilent: boolean,
): JsonObject[] {
  const axes = [surface.x, surface.y!];
  const perUnit = Math.min(box.width / extent(axes[0]), box.height / extent(axes[1]));
  return axes.map((points, i) => {
    const [low, high] = [points[0], points[points.length - 1]];
    return {
      ...ticksFor(low, high, perUnit * (high - low), { size }, i === 0),
      ...(isSilent ? { showticklabels: false, ticks: '' } : {}),
      range: [low, high],
      constrain: 'domain',
    };
  });
}

/** The two axes of a panel of `row`; of a plane, both have one scale. */
function axesOf(
  { row, x, y, pixels: box }: PathPanel,
  i: number,
  { whole, late }: PathSource,
  isFirst: boolean,
  { size, isFixed, highest }: AxisLook,
): [string, JsonObject][] {
  const type = { size };
  const plain = (text: string, extra: JsonObject) =>
    axis(text, { tickfont: type, ...extra, title: { text, standoff: 4, font: { size } } });
  const standoff = { ticklabelstandoff: CORNER(size), tickangle: 0 };
  const across = { ...standoff, domain: [...x], anchor: name('y', i) };
  const up = { tickangle: 0, domain: [...y], anchor: name('x', i) };
  const both = (h: JsonObject, v: JsonObject): [string, JsonObject][] => [
    [name('x', i, 'axis'), h],
    [name('y', i, 'axis'), v],
  ];
  const title = (text: string) => (isFirst ? text : '');
  switch (row) {
    case 'whole':
    case 'late': {
      const source = row === 'late' && late !== null ? late : whole;
      const [h, v] = planeAxes(source, box, size, isFixed);
      const names = isFixed ? ['', ''] : [row === 'whole' && late !== null ? '' : 'PC 1', 'PC 2'];
      return both(
        plain(names[0], { ...across, ...h }),
        plain(title(names[1]), { ...up, ...v, scaleanchor: name('x', i), scaleratio: 1 }),
      );
    }
    case 'angles':
      return both(
        plain('degrees', { ...across, range: [0, 90], ...ticksOf([0, 45, 90]) }),
        plain(title('%'), {
          ...up,
          range: [0, 1.05 * highest],
          ...ticksFor(0, 1.05 * highest, box.height, type, false),
        }),
      );
    case 'q':
      return both(
        plain('training', { ...across, range: [0, 1], ...ticksOf([0, 0.5, 1]) }),
        plain(title('q'), { ...up, range: [0, 1.02], ...ticksOf([0, 0.5, 1]) }),
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
  const under = 6 + CORNER(size) + LINE_HEIGHT * size;
  const [titled, untitled] = [under + LINE_HEIGHT * size + 4, under + 2];
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
  // Half a tick's label stands above the panel.
  yshift: 0.55 * size,
  ...{ showarrow: false, borderpad: 0, font: { size, color: INK } },
});

interface Columns {
  readonly columns: number;
  /** Pixels of a panel. */
  readonly width: number;
  readonly rows: readonly Row[];
}

/** On a page as high as it needs: all rows, in as many columns as can be read. */
function tallPage(
  paths: readonly PathSource[],
  hasAngles: boolean,
  page: { inner: number; gap: number; size: number; asked: number | undefined },
): Columns {
  const { inner, gap, size } = page;
  const columns = columnsFor(paths.length, inner, gap, page);
  const width = (inner - gap * (columns - 1)) / columns;
  return { columns, width, rows: rowsOf(paths, hasAngles, width, size) };
}

/** Pixels above and below everything. */
const EDGES = 8;

/** On a page of fixed height, such as a slide: one plane each, the later half where there is. */
function fixedPage(
  paths: readonly PathSource[],
  page: {
    inner: number;
    gap: number;
    size: number;
    height: number;
    blockOf(rows: readonly Row[]): number;
    headingFor(width: number): number;
  },
): Columns {
  const { inner, gap, size, height, blockOf, headingFor } = page;
  // On a slide the coordinates of a plane say nothing.
  const rowsFor = (width: number) =>
    rowsOf(paths, false, width, size)
      .slice(-1)
      .map((row) => ({ ...row, below: size }));
  const candidates = paths.map((_, i): Columns => {
    const columns = i + 1;
    const each = (height - EDGES) / Math.ceil(paths.length / columns);
    let width = (inner - gap * (columns - 1)) / columns;
    while (width > size && headingFor(width) + blockOf(rowsFor(width)) > each) width *= 0.97;
    return { columns, width, rows: rowsFor(width) };
  });
  return candidates.reduce((a, b) => (b.width > a.width ? b : a));
}

/**
 * The layout of `paths`; `highest`: the highest bar of their angles, in percent; null: how they
 * cross isocurves is not known; `headingFor`: pixels above panels of a width.
 */
export function layPaths(
  paths: readonly PathSource[],
  highest: number | null,
  spec: FigureSpec,
  headingFor: (width: number) => number,
): PathLayout {
  const size = typePixels(spec);
  const isFixed = spec.heightMm !== undefined;
  const [left, right, gap] = isFixed
    ? [1.2 * size, 1.2 * size, 1.5 * size]
    : [4.6 * size, 1.2 * size, 3.8 * size];
  const inner = pixels(spec.widthMm) - left - right;
  const titleRoom = (spec.bare || isFixed ? 0.8 : 2.2) * size;
  const blockOf = (rows: readonly Row[]) =>
    rows.reduce((sum, { height, below }) => sum + titleRoom + height + below, 0);
  const { columns, width, rows } =
    spec.heightMm === undefined
      ? tallPage(paths, highest !== null, { inner, gap, size, asked: spec.columns })
      : fixedPage(paths, { inner, gap, size, height: pixels(spec.heightMm), blockOf, headingFor });
  const block = blockOf(rows);
  const look = { size, isFixed, highest: Math.max(highest ?? 0, 100 / BINS) };
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
        if (start === 0 && !spec.bare && !isFixed) rowTitles.push(rowTitle(row, share(top), size));
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
