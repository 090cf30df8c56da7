/** What long work says while it goes on. Whatever an event tells is already on disk. */

import type { Attempt, EpochMetrics, StepMetrics } from './run';
import type { StudyResults } from './results';
import type { SurfaceHead } from './surface';
import type { LivePath } from './trajectory';

/** Measured cells as they cross wires: one number per cell and column. */
export interface CellColumns {
  readonly cell: Uint32Array;
  readonly loss: Float64Array;
  readonly accuracy: Float64Array;
  readonly standardError: Float64Array;
}

export type WorkEvent =
  /** A new part of the work begins; `text` is for people. */
  | { readonly kind: 'phase'; readonly text: string }
  /** Like `phase`, for what is there already: nothing is made in it. */
  | { readonly kind: 'checking'; readonly text: string }
  /** Samples passed through the network since the last such event; see `study/plan.ts`. */
  | { readonly kind: 'work'; readonly units: number }
  /**
   * Units that this sitting need not do: an earlier one had done them, or training ended before
   * them.
   */
  | { readonly kind: 'already'; readonly units: number }
  /** Units that come on top of what was planned. */
  | { readonly kind: 'more'; readonly units: number }
  | { readonly kind: 'steps'; readonly run: string; readonly steps: readonly StepMetrics[] }
  | { readonly kind: 'epoch'; readonly run: string; readonly epoch: EpochMetrics }
  /** The last of these schedules missed its loss: what was told of it is gone, the next begins. */
  | { readonly kind: 'missed'; readonly run: string; readonly attempts: readonly Attempt[] }
  | { readonly kind: 'path'; readonly run: string; readonly path: LivePath }
  /** A surface begins, or goes on; its cells follow. */
  | { readonly kind: 'grid'; readonly head: SurfaceHead }
  | { readonly kind: 'cells'; readonly surface: string; readonly cells: CellColumns }
  /** A surface is complete. */
  | { readonly kind: 'surface'; readonly surface: string }
  | { readonly kind: 'results'; readonly results: StudyResults };

/** The events of a whole study, its work measured. */
export type StudyEvent =
  | Exclude<WorkEvent, { kind: 'checking' | 'work' | 'already' | 'more' }>
  | { readonly kind: 'progress'; readonly done: number; readonly total: number };
