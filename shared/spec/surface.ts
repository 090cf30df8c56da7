/** The surface noun: the loss on a grid spanned by directions. */

import * as v from 'valibot';
import { Fault } from '../fault';
import { between, whole } from './check';
import { DirectionSpec } from './direction';

/** Most points along one side of a grid. */
const MOST_POINTS = 4001;

export const AxisSpec = v.pipe(
  v.strictObject({
    from: v.optional(between(-1e6, 1e6), -1),
    to: v.optional(between(-1e6, 1e6), 1),
    points: v.optional(whole(2, MOST_POINTS), 51),
  }),
  v.check(({ from, to }) => from < to, 'a range whose end lies after its start'),
);

export const normModes = ['frozen', 'batch', 'states'] as const;

export const ScanSpec = v.strictObject({
  /** Names the surfaces of this scan; letters, digits and dashes. */
  name: v.pipe(
    v.string(),
    v.check(
      (name) => /^[a-z0-9][a-z0-9-]*$/.test(name),
      'a name of lower-case letters, digits and dashes',
    ),
  ),
  directions: DirectionSpec,
  x: v.optional(AxisSpec, { from: -1, to: 1, points: 51 }),
  /** Only for planes. A trajectory's plane takes its range from the trajectory. */
  y: v.optional(AxisSpec, { from: -1, to: 1, points: 51 }),
  split: v.optional(v.picklist(['train', 'test']), 'train'),
  /** Images of the evaluation set: a stratified subset, or all. The same for every variant. */
  subset: v.optional(v.union([v.literal('all'), whole(1, 10 ** 7)]), 256),
  /**
   * `frozen`: statistics of the centre; `batch`: of the evaluation set, anew at each point;
   * `states`: interpolated.
   */
  bn: v.optional(v.picklist(normModes), 'frozen'),
  /** Names of the variants to scan; left out, all of them. */
  only: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
});
export type ScanSpec = v.InferOutput<typeof ScanSpec>;
export type AxisSpec = v.InferOutput<typeof AxisSpec>;
export type NormModeName = ScanSpec['bn'];

/** Coordinates of the points of an axis; symmetric ranges have an exact 0 in the middle. */
export const axisPoints = ({ from, to, points }: AxisSpec): number[] =>
  Array.from({ length: points }, (_, i) => {
    const share = i / (points - 1);
    const value = from * (1 - share) + to * share;
    return Math.abs(value) < 1e-12 * (to - from) ? 0 : value;
  });

/** What is known of a surface before its first cell is measured. */
export interface SurfaceHead {
  readonly id: string;
  readonly run: string;
  readonly variant: string;
  readonly seed: number;
  readonly scan: string;
  readonly kind: DirectionSpec['kind'];
  /** Of the directions; null where chance had no part. */
  readonly directionSeed: number | null;
  readonly x: readonly number[];
  /** One coordinate per row; null for a line. */
  readonly y: readonly number[] | null;
  readonly split: 'train' | 'test';
  /** Images of the evaluation set. */
  readonly images: number;
  readonly bn: NormModeName;
  /**
   * Where it was measured, if not here: then nothing is known of its network, images, directions
   * and batch norm, and what stands for them means nothing.
   */
  readonly origin?: string;
}

/**
 * Values on a grid, row by row: cell (row, column) is at `row * x.length + column`. A line has one
 * row.
 */
export interface Surface {
  readonly x: readonly number[];
  /** One coordinate per row; null for a line. */
  readonly y: readonly number[] | null;
  /** 1 where the cell was measured. Values of other cells mean nothing. */
  readonly measured: Uint8Array;
  /** Mean loss. NaN or Infinity: the network overflowed there. */
  readonly losses: Float64Array;
  readonly accuracies: Float64Array;
  /** Of the loss, over the images of the evaluation set. */
  readonly standardErrors: Float64Array;
}

/** @throws Fault 'damaged' when a grid on disk has more cells than a scan may have */
export function checkGrid(x: unknown, y: unknown, place: string): void {
  const isAxis = (axis: unknown): axis is readonly unknown[] => Array.isArray(axis);
  if (!isAxis(x) || (y !== null && !isAxis(y))) {
    throw new Fault('damaged', `${place} has no lists of coordinates`);
  }
  const cells = x.length * (y?.length ?? 1);
  if (cells <= MOST_POINTS ** 2) return;
  throw new Fault(
    'damaged',
    `${place} claims ${cells} cells, and no surface has more than ${MOST_POINTS ** 2}`,
  );
}

/** A surface with no cell measured. */
export function emptySurface(x: readonly number[], y: readonly number[] | null): Surface {
  const cells = x.length * (y?.length ?? 1);
  return {
    x,
    y,
    measured: new Uint8Array(cells),
    losses: new Float64Array(cells),
    accuracies: new Float64Array(cells),
    standardErrors: new Float64Array(cells),
  };
}
