/** What a study would cost, before it is run. */

/** One network of the plan. */
export interface VariantPlan {
  readonly name: string;
  readonly parameters: number;
  /** Multiply-adds of one forward pass of one image. */
  readonly cost: number;
  /** Training steps of one run, those of its trial included. */
  readonly steps: number;
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
  /** All of the variant's work in the study, seconds. */
  readonly total: number;
}
