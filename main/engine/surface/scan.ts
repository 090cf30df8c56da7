/**
 * A scan: the cells of a grid measured in order, a few per call. The job writes them down, then
 * announces them.
 */

import type { Surface } from '../../../shared/spec/surface';
import type { PointValue } from './evaluate';
import { scanOrder } from './order';
import type { Points } from './points';

export interface MeasuredCell extends PointValue {
  readonly cell: number;
}

/** Puts measured cells into their surface. */
export function fillIn(surface: Surface, cells: readonly MeasuredCell[]): void {
  for (const { cell, loss, accuracy, standardError } of cells) {
    surface.measured[cell] = 1;
    surface.losses[cell] = loss;
    surface.accuracies[cell] = accuracy;
    surface.standardErrors[cell] = standardError;
  }
}

/** The coordinates of a cell, as many as the surface has axes. */
export function coordinatesOf({ x, y }: Surface, cell: number): number[] {
  const column = cell % x.length;
  return y === null ? [x[column]] : [x[column], y[(cell - column) / x.length]];
}

/**
 * Measures the cells that `surface` lacks, in groups of fixed membership, so that a point is
 * computed
 * in the same company in whatever sitting. Cells of a half-finished group are measured and given
 * again.
 */
export async function* scan(
  surface: Surface,
  points: Points,
  signal: AbortSignal,
): AsyncGenerator<MeasuredCell[]> {
  const order = scanOrder(surface.x.length, surface.y?.length ?? 1);
  for (let from = 0; from < order.length; from += points.perCall) {
    const group = Array.from(order.subarray(from, from + points.perCall));
    if (group.every((cell) => surface.measured[cell] === 1)) continue;
    signal.throwIfAborted();
    const values = points.measure(group.map((cell) => coordinatesOf(surface, cell)));
    const cells = group.map((cell, i) => ({ cell, ...values[i] }));
    fillIn(surface, cells);
    yield cells;
  }
}
