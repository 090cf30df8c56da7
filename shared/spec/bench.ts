/** What `bench` times, and what it reports. */

import * as v from 'valibot';
import { whole } from './check';

export const BenchSpec = v.strictObject({
  work: v.picklist(['train', 'scan']),
  depth: v.optional(whole(8, 1202), 20),
  width: v.optional(whole(1, 1024), 16),
  skip: v.optional(v.picklist(['none', 'projection', 'identity']), 'projection'),
  batch: v.optional(whole(1, 65536), 128),
  size: v.optional(whole(1, 1024), 32),
  channels: v.optional(whole(1, 1024), 3),
  repeat: v.optional(whole(1, 100000), 8),
  /** Points per call of a scan. */
  points: v.optional(whole(1, 64), 4),
});
export type BenchSpec = v.InferOutput<typeof BenchSpec>;

export interface BenchReport {
  readonly spec: BenchSpec;
  /** Milliseconds of one training step, or of one scan point. */
  readonly median: number;
  readonly fastest: number;
  readonly slowest: number;
  /** Multiply-adds per second × 2, forward pass only for scans, three passes for training. */
  readonly gigaflops: number;
  /** Live tensors after the work less those before it. */
  readonly tensorsLeft: number;
  /**
   * Growth of the engine's memory over the later half of the repetitions, MB per 1,000 steps or
   * points.
   */
  readonly memorySlope: number;
}
