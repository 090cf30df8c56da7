/** A workspace as a list of studies, and one study as far as it has come. */

import * as v from 'valibot';
import type { RunResult, StudyResults, SurfaceResult } from './results';
import type { Attempt, EpochMetrics } from './run';
import type { StudyFile } from './study';
import type { Surface, SurfaceHead } from './surface';
import type { LivePath } from './trajectory';

/** What people write on a study: never part of what is computed. */
export const Annotations = v.strictObject({
  note: v.optional(v.pipe(v.string(), v.maxLength(20_000)), ''),
  tags: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(100)), []),
});
export type Annotations = v.InferOutput<typeof Annotations>;

/** A surface as small as a stamp. */
export interface Thumbnail {
  readonly variant: string;
  readonly columns: number;
  /** log₁₀(1 + L) row by row; NaN: not measured, or it overflowed there. */
  readonly heights: Float32Array;
}

/** One row of the library. */
export interface StudySummary extends Annotations {
  readonly folder: string;
  readonly name: string;
  readonly question: string;
  readonly dataset: string;
  readonly variants: readonly { readonly name: string; readonly label: string }[];
  /** `planned`: nothing of it has run yet. */
  readonly state: 'planned' | 'interrupted' | 'done' | 'damaged';
  /** Why it cannot be read; null otherwise. */
  readonly fault: string | null;
  /** ISO 8601; null: it was never started. */
  readonly started: string | null;
  /** On disk. */
  readonly bytes: number;
  /** Lowest and highest test accuracy of its runs; null before the first. */
  readonly accuracy: readonly [number, number] | null;
  readonly thumbnails: readonly Thumbnail[];
}

/** One number per training step and kind. */
export interface StepColumns {
  readonly step: Float64Array;
  readonly loss: Float64Array;
  readonly rate: Float64Array;
  readonly gradientNorm: Float64Array;
  readonly weightNorm: Float64Array;
}

export interface RunSnapshot {
  readonly id: string;
  readonly variant: string;
  readonly seed: number;
  /** Null until it has ended. */
  readonly result: RunResult | null;
  readonly steps: StepColumns;
  readonly epochs: readonly EpochMetrics[];
  /** The schedules that have missed the loss until which it trains. */
  readonly missed: readonly Attempt[];
  /** As far as it is known; null: too short, or too large to keep at hand. */
  readonly path: LivePath | null;
}

export interface SurfaceSnapshot {
  readonly head: SurfaceHead;
  /** Null until it is complete. */
  readonly result: SurfaceResult | null;
  readonly surface: Surface;
}

/** What one sitting ran on, as the study's manifest has it. */
export interface Sitting {
  readonly started: string;
  readonly isocurve: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly backend: { readonly tier: string; readonly version: string; readonly device: string };
}

/** Everything that lies on disk of a study. */
export interface StudySnapshot extends Annotations {
  readonly folder: string;
  readonly file: StudyFile;
  readonly runs: readonly RunSnapshot[];
  readonly surfaces: readonly SurfaceSnapshot[];
  readonly results: StudyResults | null;
  readonly sittings: readonly Sitting[];
  readonly datasetHash: string | null;
  /** Of its dataset; null: not known. */
  readonly classes: number | null;
}

export const itemKinds = ['runs', 'checkpoints', 'surfaces', 'figures'] as const;

/** A part of a study that can be deleted by itself; it is made anew when the study is resumed. */
export interface StudyItem {
  readonly kind: (typeof itemKinds)[number];
  readonly id: string;
  readonly bytes: number;
  readonly files: number;
}

/** A part of some study of a workspace. */
export interface LibraryItem extends StudyItem {
  readonly folder: string;
}

/** What lies in the trash of a workspace. */
export interface TrashedItem {
  /** Name of its folder in the trash; `trash/restore` takes it. */
  readonly id: string;
  /** Where it lay. */
  readonly from: string;
  readonly deleted: string;
  readonly bytes: number;
}
