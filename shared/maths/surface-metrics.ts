/** What a two-dimensional surface is like in numbers: roughness, minima, basins. */

import type { Surface } from '../spec/surface';
import { components, gradient, strictMinima, type Grid } from './grid';
import { deepMinima } from './persistence';

export interface SurfaceMetrics {
  /** Share of cells, the centre left out, where descent points away from the centre. */
  readonly misaligned: number;
  /** Strict minima of the interior among eight neighbours, however shallow. */
  readonly minima: number;
  /** Minima of the interior whose basins are deeper than `MINIMUM_DEPTH`. */
  readonly deepMinima: number;
  /** Area of {Z < centre + 0.1}, in squared coordinates of the axes. */
  readonly lowArea: number;
  /** Area of the part of it that holds the centre. */
  readonly basinArea: number;
  /** Number of 4-connected parts of {Z < centre + τ}. */
  readonly fragments: readonly { readonly above: number; readonly count: number }[];
  /**
   * √ of the ratio of the principal second moments of the basin {Z < centre + 0.1}; NaN when it is
   * a point or line.
   */
  readonly elongation: number;
  /**
   * Share of cells with |a|, |b| ≤ half the range whose discrete Hessian has λ₂ < 0 and |λ₂| >
   * 0.1·|λ₁|.
   */
  readonly negativeCurvature: number;
  /** Mean over rows and columns of Σ|ΔZ|, divided by the range: 1 is monotone, 2 one bowl. */
  readonly variation: number;
  /** Share of cells with Z > centre + 0.5 and a gradient below 1 % of the largest. */
  readonly plateau: number;
  readonly lowest: number;
  readonly highest: number;
  /** Cells whose loss overflowed; they count as the highest finite value. */
  readonly overflowed: number;
}

/** Shallower minima are as likely those of the images' noise; see `basins`. */
export const MINIMUM_DEPTH = 0.05;

/** Levels above the centre for `fragments`. */
export const FRAGMENT_LEVELS = [0.1, 0.5, 1, 2] as const;

/**
 * The grid of a surface's losses, as they are or as log₁₀(1 + L), overflow replaced by the highest
 * finite value.
 */
export function gridOf(surface: Surface, logarithmic: boolean): Grid & { overflowed: number } {
  const y = surface.y ?? [0];
  const values = Float64Array.from(surface.losses, (loss) =>
    logarithmic ? Math.log10(1 + loss) : loss,
  );
  const highest = values.reduce(
    (max, v) => (Number.isFinite(v) ? Math.max(max, v) : max),
    -Infinity,
  );
  let overflowed = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    overflowed++;
    values[i] = highest;
  }
  return {
    columns: surface.x.length,
    rows: y.length,
    values,
    dx: surface.x[1] - surface.x[0],
    dy: y.length > 1 ? y[1] - y[0] : 1,
    overflowed,
  };
}

/** The cell nearest to the origin of the axes. */
function centreCell(surface: Surface): number {
  const nearest = (points: readonly number[]) =>
    points.reduce((best, value, i) => (Math.abs(value) < Math.abs(points[best]) ? i : best), 0);
  return nearest(surface.y ?? [0]) * surface.x.length + nearest(surface.x);
}

/** √(largest/smallest) principal second moment of the cells' coordinates. */
function elongationOf(cells: readonly number[], surface: Surface): number {
  const points = cells.map((cell) => {
    const column = cell % surface.x.length;
    return [surface.x[column], surface.y![(cell - column) / surface.x.length]] as const;
  });
  const mean = [0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / points.length);
  const moment = (i: number, j: number) =>
    points.reduce((sum, p) => sum + (p[i] - mean[i]) * (p[j] - mean[j]), 0) / points.length;
  const [xx, yy, xy] = [moment(0, 0), moment(1, 1), moment(0, 1)];
  const half = Math.hypot((xx - yy) / 2, xy);
  const smallest = (xx + yy) / 2 - half;
  return smallest > 0 ? Math.sqrt(((xx + yy) / 2 + half) / smallest) : NaN;
}

/** Total variation along one line of cells. */
function variationAlong(
  values: Float64Array,
  start: number,
  stride: number,
  count: number,
): number {
  let sum = 0;
  for (let i = 1; i < count; i++) {
    sum += Math.abs(values[start + i * stride] - values[start + (i - 1) * stride]);
  }
  return sum;
}

function meanVariation({ columns, rows, values }: Grid, range: number): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += variationAlong(values, row * columns, 1, columns);
  for (let column = 0; column < columns; column++) {
    sum += variationAlong(values, column, columns, rows);
  }
  return range === 0 ? 0 : sum / (rows + columns) / range;
}

/**
 * Over cells within half the range, where a whole-square share would saturate for every network.
 */
function negativeCurvatureShare(grid: Grid, surface: Surface): number {
  const { columns, values, dx, dy } = grid;
  const limitX = Math.max(...surface.x.map(Math.abs)) / 2;
  const limitY = Math.max(...surface.y!.map(Math.abs)) / 2;
  let cells = 0;
  let negative = 0;
  for (let row = 1; row < grid.rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      if (Math.abs(surface.x[column]) > limitX || Math.abs(surface.y![row]) > limitY) continue;
      const at = (i: number, j: number) => values[(row + j) * columns + column + i];
      const xx = (at(1, 0) - 2 * at(0, 0) + at(-1, 0)) / dx ** 2;
      const yy = (at(0, 1) - 2 * at(0, 0) + at(0, -1)) / dy ** 2;
      const xy = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * dx * dy);
      const half = Math.hypot((xx - yy) / 2, xy);
      const [first, second] = [(xx + yy) / 2 + half, (xx + yy) / 2 - half];
      cells++;
      if (second < 0 && Math.abs(second) > 0.1 * Math.abs(first)) negative++;
    }
  }
  return cells === 0 ? NaN : negative / cells;
}

/** Cells off the centre whose gradient points back: ∇Z·(a, b) < 0. */
function misalignedIn(
  { gx, gy }: ReturnType<typeof gradient>,
  surface: Surface,
  centre: number,
): number[] {
  const cells: number[] = [];
  for (let cell = 0; cell < gx.length; cell++) {
    const column = cell % surface.x.length;
    const a = surface.x[column];
    const b = surface.y![(cell - column) / surface.x.length];
    if (cell !== centre && gx[cell] * a + gy[cell] * b < 0) cells.push(cell);
  }
  return cells;
}

/** The cells that `misaligned` counts on a complete plane. */
export const misalignedCells = (surface: Surface, logarithmic: boolean): number[] =>
  misalignedIn(gradient(gridOf(surface, logarithmic)), surface, centreCell(surface));

/**
 * The metrics of a complete plane. With `logarithmic` they are those of log₁₀(1 + L), as they
 * should be
 * where frozen batch-norm statistics let losses reach many powers of ten.
 */
export function surfaceMetrics(surface: Surface, logarithmic: boolean): SurfaceMetrics {
  const grid = gridOf(surface, logarithmic);
  const { columns, rows, values, dx, dy } = grid;
  const centre = centreCell(surface);
  const floor = values[centre];
  const lowest = values.reduce((min, value) => Math.min(min, value), Infinity);
  const highest = values.reduce((max, value) => Math.max(max, value), -Infinity);
  const slopes = gradient(grid);
  const { gx, gy } = slopes;
  const steepest = gx.reduce((max, g, i) => Math.max(max, Math.hypot(g, gy[i])), 0);
  const isFlat = (cell: number) => Math.hypot(gx[cell], gy[cell]) < 0.01 * steepest;
  const plateau = values.filter((value, cell) => value > floor + 0.5 && isFlat(cell)).length;
  const partsBelow = (above: number) =>
    components(columns, rows, (cell) => values[cell] < floor + above);
  const low = partsBelow(0.1);
  const basin = low.find((part) => part.includes(centre)) ?? [];
  return {
    misaligned: misalignedIn(slopes, surface, centre).length / (values.length - 1),
    minima: strictMinima(grid).length,
    deepMinima: deepMinima(grid, MINIMUM_DEPTH),
    lowArea: low.reduce((sum, part) => sum + part.length, 0) * dx * dy,
    basinArea: basin.length * dx * dy,
    fragments: FRAGMENT_LEVELS.map((above) => ({ above, count: partsBelow(above).length })),
    elongation: elongationOf(basin, surface),
    negativeCurvature: negativeCurvatureShare(grid, surface),
    variation: meanVariation(grid, highest - lowest),
    plateau: plateau / values.length,
    lowest,
    highest,
    overflowed: grid.overflowed,
  };
}

/**
 * The height of the hill between 0 and 1 over the straight line between its ends (science: mode
 * connectivity).
 */
export function barrier(x: readonly number[], losses: ArrayLike<number>): number {
  const at = (target: number): number => {
    const after = Math.max(
      1,
      x.findIndex((value) => value >= target),
    );
    const share = (target - x[after - 1]) / (x[after] - x[after - 1]);
    // An end on a grid point owes nothing to its neighbour, which may have overflowed.
    if (share === 1) return losses[after];
    return losses[after - 1] * (1 - share) + losses[after] * share;
  };
  const [start, end] = [at(0), at(1)];
  let highest = 0;
  x.forEach((a, i) => {
    if (a < 0 || a > 1) return;
    highest = Math.max(highest, losses[i] - (1 - a) * start - a * end);
  });
  return highest;
}
