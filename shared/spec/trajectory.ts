/** A training path on the plane of its first two principal components, one entry per checkpoint. */

export interface Trajectory {
  readonly steps: readonly number[];
  /** Coordinates in the plane; the last checkpoint is the origin. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Distance of the checkpoint's weights from the plane. */
  readonly residuals: readonly number[];
  /** ‖θ_t‖ over all weights. */
  readonly weightNorms: readonly number[];
  /** Loss of the checkpoint itself, and of the plane at its projection. */
  readonly trueLosses: readonly number[];
  readonly planeLosses: readonly number[];
  /** Shares of variance of the first principal components. */
  readonly explained: readonly number[];
  /**
   * What a random walk in high dimension gives: with equal steps, and with steps as long as these.
   */
  readonly walkShares: readonly number[];
  readonly matchedWalkShares: readonly number[];
  /** Per step: 1 is perpendicular to the isocurves, 0 along them. NaN: no step or no slope. */
  readonly perpendicularity: readonly number[];
  /** Its means over the first sixth, up to the half, and the rest. */
  readonly early: number;
  readonly middle: number;
  readonly late: number;
  /** Per step, in full space: cos(θ_{t+1} − θ_t, −∇L(θ_t)). NaN: no step or no slope. */
  readonly descentCosines: readonly number[];
  /** Steps at which the learning rate was cut. */
  readonly drops: readonly number[];
}

/** A training path as far as it has come, on the plane of its own principal components. */
export type LivePath = Pick<Trajectory, 'steps' | 'x' | 'y' | 'explained'>;
