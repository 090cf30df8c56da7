/** A surface that another tool measured: its numbers, and what little is known of them. */

import * as v from 'valibot';
import type { Surface } from './surface';

const numbers = v.array(v.number());

export const ForeignSurface = v.strictObject({
  /** The name of its file. */
  source: v.string(),
  /** What wrote it, as far as that can be told. */
  format: v.string(),
  x: numbers,
  /** Null: a line. */
  y: v.nullable(numbers),
  /** Row by row: cell (row, column) is at (x[column], y[row]). */
  losses: numbers,
  /** Shares from 0 to 1; null: it holds none. */
  accuracies: v.nullable(numbers),
  /** Null: it does not say. */
  split: v.nullable(v.picklist(['train', 'test'])),
});
export type ForeignSurface = v.InferOutput<typeof ForeignSurface>;

/** As our own surfaces are: a cell of −1 in the writer's custom was not measured. */
export function surfaceOf({ x, y, losses, accuracies }: ForeignSurface): Surface {
  const isKnown = (loss: number) => loss >= 0 || Number.isNaN(loss);
  return {
    x,
    y,
    measured: Uint8Array.from(losses, (loss) => Number(isKnown(loss))),
    losses: Float64Array.from(losses),
    accuracies: Float64Array.from(losses, (_, i) => accuracies?.[i] ?? NaN),
    standardErrors: new Float64Array(losses.length).fill(NaN),
  };
}
