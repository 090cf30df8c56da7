/** Minima of a grid by their depth: 0-dimensional sublevel persistence. */

import type { Grid } from './grid';

/** A minimum, and how far above it its basin joins that of a lower one. */
export interface Basin {
  /** The cell of the minimum. */
  readonly cell: number;
  readonly birth: number;
  /** The pass to a lower minimum; for the lowest of all, the highest value of the grid. */
  readonly death: number;
}

/** The root of `cell`'s set; shortens the path on the way. */
function rootOf(parents: Int32Array, cell: number): number {
  let root = cell;
  while (parents[root] !== root) root = parents[root];
  while (parents[cell] !== root) [parents[cell], cell] = [root, parents[cell]];
  return root;
}

/** The cells around `cell`, eight or fewer. */
function* around(cell: number, columns: number, rows: number): Generator<number> {
  const column = cell % columns;
  const row = (cell - column) / columns;
  for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
      if (r !== row || c !== column) yield r * columns + c;
    }
  }
}

/**
 * Finds the basins of a grid whose cells touch along edges and at corners: cells are added from the
 * lowest up, and where two basins meet, the one with the higher minimum ends (the elder rule;
 * Edelsbrunner, Letscher & Zomorodian 2002). Those of no depth are left out.
 */
export function basins({ columns, rows, values }: Grid): Basin[] {
  const order = Int32Array.from(values, (_, cell) => cell).sort((a, b) => values[a] - values[b]);
  const parents = new Int32Array(values.length).fill(-1);
  const found: Basin[] = [];
  // The root of a set is its lowest cell, so that its value is the birth.
  for (const cell of order) {
    parents[cell] = cell;
    for (const next of around(cell, columns, rows)) {
      if (parents[next] < 0) continue;
      const [one, other] = [rootOf(parents, cell), rootOf(parents, next)];
      if (one === other) continue;
      const [elder, younger] = values[one] <= values[other] ? [one, other] : [other, one];
      parents[younger] = elder;
      if (values[younger] < values[cell]) {
        found.push({ cell: younger, birth: values[younger], death: values[cell] });
      }
    }
  }
  const [lowest, highest] = [order[0], order[order.length - 1]];
  if (values[lowest] < values[highest]) {
    found.push({ cell: lowest, birth: values[lowest], death: values[highest] });
  }
  return found;
}

/** Minima inside the grid whose basins are deeper than `depth`. */
export function deepMinima(grid: Grid, depth: number): number {
  const { columns, rows } = grid;
  const isInside = (cell: number) => {
    const column = cell % columns;
    const row = (cell - column) / columns;
    return column > 0 && column < columns - 1 && row > 0 && row < rows - 1;
  };
  return basins(grid).filter(({ cell, birth, death }) => isInside(cell) && death - birth > depth)
    .length;
}
