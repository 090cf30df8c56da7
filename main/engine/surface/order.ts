/**
 * The order in which the cells of a grid are measured: coarse first, so that a picture exists
 * early.
 */

/** Cell numbers (`row * columns + column`), the centre first, then ever finer grids around it. */
export function scanOrder(columns: number, rows: number): Int32Array {
  const order = new Int32Array(columns * rows);
  const taken = new Uint8Array(columns * rows);
  const centreColumn = (columns - 1) >> 1;
  const centreRow = (rows - 1) >> 1;
  let count = 0;
  const take = (cell: number) => {
    if (taken[cell]) return;
    taken[cell] = 1;
    order[count++] = cell;
  };
  take(centreRow * columns + centreColumn);
  const coarsest = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(columns, rows) / 4)));
  for (let stride = coarsest; stride >= 1; stride /= 2) {
    for (let row = centreRow % stride; row < rows; row += stride) {
      for (let column = centreColumn % stride; column < columns; column += stride) {
        take(row * columns + column);
      }
    }
  }
  return order;
}
