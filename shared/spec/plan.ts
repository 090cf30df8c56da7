/** What a study would cost, before it is run. */

/** One network of the plan. */
export interface VariantPlan {
  readonly name: string;
  readonly parameters: number;
  /** Multiply-adds of one forward pass of one image. */
  readonly cost: number;
  /**
   * Training steps of one run, those of its trial included: at most, and at least where it trains
   * until a loss.
   */
  readonly steps: number;
  readonly fewestSteps: number;
  /** Points measured around one run. */
  readonly points: number;
  /** Runs of this variant, one per seed. */
  readonly runs: number;
}

/** What a training step and a scan point of one network really took on this machine. */
export interface Measured {
  readonly name: string;
  /** Seconds. */
  readonly step: number;
  readonly point: number;
  /**
   * All of the variant's work in the study, seconds: at most, and at least where it trains until a
   * loss.
   */
  readonly total: number;
  readonly least: number;
}

/** `about 4 min` */
export function durationText(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`;
  return `about ${(seconds / 3600).toFixed(1)} h`;
}

/** What networks take together: `about 4 min`, or `about 4 min to about 11 min`. */
export function timeText(measured: readonly Measured[]): string {
  const sum = (key: 'least' | 'total') => measured.reduce((all, one) => all + one[key], 0);
  const [least, most] = [durationText(sum('least')), durationText(sum('total'))];
  if (least === most) return most;
  return `${least} to ${most.replace('about ', '')}, by how soon the loss is reached`;
}
