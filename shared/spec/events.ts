/** What long work says while it goes on. Whatever an event tells is already on disk. */

import type { EpochMetrics, StepMetrics } from './run';
import type { StudyResults } from './results';
import type { SurfaceHead } from './surface';
import type { LivePath } from './trajectory';

/** A measured cell as it crosses wires. */
export interface CellValue {
  readonly cell: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly standardError: number;
}

export type WorkEvent =
  /** A new part of the work begins; `text` is for people. */
  | { readonly kind: 'phase'; readonly text: string }
  /** Samples passed through the network since the last such event; see `study/plan.ts`. */
  | { readonly kind: 'work'; readonly units: number }
  /** Units that an earlier sitting had done; they leave the work of this one. */
  | { readonly kind: 'already'; readonly units: number }
  | { readonly kind: 'steps'; readonly run: string; readonly steps: readonly StepMetrics[] }
  | { readonly kind: 'epoch'; readonly run: string; readonly epoch: EpochMetrics }
  | { readonly kind: 'path'; readonly run: string; readonly path: LivePath }
  /** A surface begins, or goes on; its cells follow. */
  | { readonly kind: 'grid'; readonly head: SurfaceHead }
  | { readonly kind: 'cells'; readonly surface: string; readonly cells: readonly CellValue[] }
  /** A surface is complete. */
  | { readonly kind: 'surface'; readonly surface: string }
  | { readonly kind: 'results'; readonly results: StudyResults };

/** The events of a whole study, its work measured. */
export type StudyEvent =
  | Exclude<WorkEvent, { kind: 'work' | 'already' }>
  | { readonly kind: 'progress'; readonly done: number; readonly total: number };
