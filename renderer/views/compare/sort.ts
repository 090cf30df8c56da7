/** The order of a table's rows. */

import type { NumberTable, TableRow } from '../../../shared/spec/tables';

export type Sort = { readonly key: string; readonly down: boolean } | null;

/** Sorted by the column that `sort` names, where there is one; rows without a value come last. */
export function sorted({ columns, rows }: NumberTable, sort: Sort): readonly TableRow[] {
  const column = columns.findIndex(({ key }) => key === sort?.key);
  if (sort === null || column < 0) return rows;
  const value = (row: TableRow) => row.cells[column].mean;
  const sign = sort.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  });
}
