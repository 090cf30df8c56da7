/** The library's rows from one reading to the next. */

import type { StudySummary } from '../../shared/spec/library';

/** Whether two values of a row are the same to whoever looks at them. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => isSame(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

/** As `isSame`, without a look at every key of thousands of numbers. */
function areNumbersSame(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

type Stamps = StudySummary['thumbnails'];

function areStampsSame(before: Stamps, next: Stamps): boolean {
  return (
    before.length === next.length &&
    before.every(({ heights, ...rest }, i) => {
      const { heights: others, ...other } = next[i];
      return areNumbersSame(heights, others) && isSame(rest, other);
    })
  );
}

function keepRow(before: StudySummary | undefined, next: StudySummary): StudySummary {
  if (before === undefined) return next;
  const { thumbnails, ...rest } = before;
  const { thumbnails: nextStamps, ...nextRest } = next;
  if (!areStampsSame(thumbnails, nextStamps)) return next;
  return isSame(rest, nextRest) ? before : { ...next, thumbnails };
}

/**
 * `next`, with what has not changed since `before` as the very same values: the same thumbnails,
 * rows, and list. What is the same is not drawn again.
 */
export function keepRows(
  before: readonly StudySummary[] | null,
  next: readonly StudySummary[],
): readonly StudySummary[] {
  if (before === null) return next;
  const known = new Map(before.map((row) => [row.folder, row]));
  const rows = next.map((row) => keepRow(known.get(row.folder), row));
  const isAll = rows.length === before.length && rows.every((row, i) => row === before[i]);
  return isAll ? before : rows;
}
