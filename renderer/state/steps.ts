/** The metrics of a run's steps in columns that grow. */

import type { StepColumns } from '../../shared/spec/library';
import type { StepMetrics } from '../../shared/spec/run';

export const stepKeys = ['loss', 'rate', 'gradientNorm', 'weightNorm'] as const;
export type StepKey = (typeof stepKeys)[number];

export class Steps {
  length = 0;
  private room = 256;
  private columns: Record<StepKey, Float64Array>;

  constructor(first: StepColumns | null) {
    this.length = first?.step.length ?? 0;
    while (this.room < this.length) this.room *= 2;
    const column = (key: StepKey) => {
      const values = new Float64Array(this.room);
      if (first !== null) values.set(first[key]);
      return values;
    };
    this.columns = {
      loss: column('loss'),
      rate: column('rate'),
      gradientNorm: column('gradientNorm'),
      weightNorm: column('weightNorm'),
    };
  }

  /** Puts a step in its place; after a resume it may be one that was there, which ends the rest. */
  put(metrics: StepMetrics): void {
    if (metrics.step >= this.room) this.grow();
    for (const key of stepKeys) this.columns[key][metrics.step] = metrics[key];
    this.length = metrics.step + 1;
  }

  /** Forgets all steps. */
  clear(): void {
    this.length = 0;
  }

  /** The values of all steps so far; a view, not a copy. */
  values(key: StepKey): Float64Array {
    return this.columns[key].subarray(0, this.length);
  }

  private grow(): void {
    this.room *= 2;
    for (const key of stepKeys) {
      const wider = new Float64Array(this.room);
      wider.set(this.columns[key]);
      this.columns[key] = wider;
    }
  }
}
