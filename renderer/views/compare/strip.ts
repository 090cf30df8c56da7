/** Where the seeds of a claim lie between against and for: the geometry of one strip. */

import type { ClaimResult } from '../../../shared/spec/results';

export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly seed: number;
  readonly trained: boolean;
  readonly atLeast: boolean;
  /** The seed's pairs of directions, each by itself; empty: one or none. */
  readonly directions: readonly number[];
}

export interface Strip {
  readonly width: number;
  readonly height: number;
  /** The line of no difference, and the margin around it. */
  readonly zero: number;
  readonly margin: readonly [number, number];
  readonly dots: readonly Dot[];
  /** Where mean and interval are drawn; null: there is no interval. */
  readonly mean: { readonly x: number; readonly y: number } | null;
  readonly interval: readonly [number, number] | null;
}

const WIDTH = 240;
const SIDE = 10;
/** Pixels of a seed's row, and most that all rows take together. */
const ROW = 10;
const MOST = 96;

/** Lays out the pairs of a claim: to the right is for it, one row per seed, the mean below. */
export function layStrip({ pairs, margin, mean, interval, seeds }: ClaimResult): Strip {
  const values = [
    ...pairs.flatMap(({ difference, directions }) => [difference, ...directions]),
    ...(interval ?? []),
    -margin,
    margin,
  ];
  // No difference lies in the middle, so that the side is seen before any number is read.
  const reach = Math.max(...values.map(Math.abs));
  const x = (value: number) => WIDTH / 2 + (value / reach) * (WIDTH / 2 - SIDE);
  const row = Math.min(ROW, MOST / Math.max(1, pairs.length));
  const rows = row * pairs.length;
  return {
    width: WIDTH,
    height: rows + (seeds > 1 ? 2 * ROW : ROW),
    zero: x(0),
    margin: [x(-margin), x(margin)],
    dots: pairs.map(({ difference, directions, seed, trained, atLeast }, i) => ({
      x: x(difference),
      y: row * (i + 0.5) + ROW / 2,
      seed,
      trained,
      atLeast,
      directions: directions.length > 1 ? directions.map(x) : [],
    })),
    mean: seeds > 1 ? { x: x(mean), y: rows + ROW } : null,
    interval: interval === null ? null : [x(interval[0]), x(interval[1])],
  };
}
