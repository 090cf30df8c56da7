/** Numbers on a regular grid: gradients, components, minima. Knows nothing of networks. */

/** Values row by row: `values[row * columns + column]`, with the spacing of columns and rows. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float64Array;
  readonly dx: number;
  readonly dy: number;
}

/** Central differences, one-sided at the edges. */
export function gradient({ columns, rows, values, dx, dy }: Grid) {
  const gx = new Float64Array(values.length);
  const gy = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      const left = Math.max(0, column - 1);
      const right = Math.min(columns - 1, column + 1);
      const below = Math.max(0, row - 1);
      const above = Math.min(rows - 1, row + 1);
      gx[cell] =
        (values[row * columns + right] - values[row * columns + left]) / ((right - left) * dx || 1);
      gy[cell] =
        (values[above * columns + column] - values[below * columns + column]) /
        ((above - below) * dy || 1);
    }
  }
  return { gx, gy };
}

/** 4-connected components of the cells for which `inside` holds, each a list of cell numbers. */
export function components(
  columns: number,
  rows: number,
  inside: (cell: number) => boolean,
): number[][] {
  const seen = new Uint8Array(columns * rows);
  const found: number[][] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || !inside(start)) continue;
    const component = [start];
    seen[start] = 1;
    for (let i = 0; i < component.length; i++) {
      const cell = component[i];
      const column = cell % columns;
      const neighbours = [
        column > 0 ? cell - 1 : -1,
        column < columns - 1 ? cell + 1 : -1,
        cell - columns,
        cell + columns,
      ];
      for (const next of neighbours) {
        if (next < 0 || next >= seen.length || seen[next] || !inside(next)) continue;
        seen[next] = 1;
        component.push(next);
      }
    }
    found.push(component);
  }
  return found;
}

/** Interior cells lower than all eight neighbours by more than 1e-9 of the grid's range. */
export function strictMinima({ columns, rows, values }: Grid): number[] {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const value of values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  const margin = 1e-9 * (highest - lowest);
  const offsets = [-columns - 1, -columns, -columns + 1, -1, 1, columns - 1, columns, columns + 1];
  const minima: number[] = [];
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      const cell = row * columns + column;
      if (offsets.every((offset) => values[cell + offset] - values[cell] > margin)) {
        minima.push(cell);
      }
    }
  }
  return minima;
}

/** The value at a point by bilinear interpolation; coordinates in cells, clamped to the grid. */
export function interpolate(
  values: Float64Array,
  columns: number,
  rows: number,
  column: number,
  row: number,
): number {
  const c = Math.min(columns - 1, Math.max(0, column));
  const r = Math.min(rows - 1, Math.max(0, row));
  const c0 = Math.min(columns - 2, Math.floor(c));
  const r0 = Math.min(rows - 2, Math.floor(r));
  const u = c - c0;
  const w = r - r0;
  const at = (i: number, j: number) => values[(r0 + j) * columns + c0 + i];
  return (
    (1 - u) * (1 - w) * at(0, 0) +
    u * (1 - w) * at(1, 0) +
    (1 - u) * w * at(0, 1) +
    u * w * at(1, 1)
  );
}
