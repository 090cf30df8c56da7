/** How far values spread, for the marks of a logarithmic axis. */

/** Whether values lie so close that an axis with a mark at each power of ten may have none. */
export function isNarrow(lists: readonly ArrayLike<number>[]): boolean {
  let [low, high] = [Infinity, 0];
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const value = list[i];
      if (!(value > 0 && value < Infinity)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return high < 100 * low;
}
