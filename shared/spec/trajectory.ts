/** A training path on the plane of its first two principal components, one entry per checkpoint. */

import { crossings, lateFrom, phasesOf, type InPlane, type Phases } from '../maths/crossing';

/** Whose isocurves a path crosses: the cross-entropy alone, or what training descends on. */
export const isocurves = ['loss', 'objective'] as const;
export type Isocurves = (typeof isocurves)[number];

/**
 * Batch norm at a checkpoint: by the statistics of the images, or by its own running ones. Networks
 * without batch norm know no difference: `none`.
 */
export const checkpointNorms = ['batch', 'frozen'] as const;
export type CheckpointNorm = (typeof checkpointNorms)[number];

/** The gradient at every checkpoint, in its own place in weight space, projected on the plane. */
export interface Slope extends InPlane {
  /** `objective`: loss + λ‖θ‖²/2 with the recipe's weight decay λ. */
  readonly of: Isocurves;
  readonly bn: CheckpointNorm | 'none';
}

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
  /** Missing in results of earlier versions, which differentiated the scanned grid instead. */
  readonly slopes?: readonly Slope[];
  /** Of earlier versions, per step: |cos| of a step and the gradient of the grid of the plane. */
  readonly perpendicularity?: readonly number[];
  /** Per step, in full space: cos(θ_{t+1} − θ_t, −∇L(θ_t)). NaN: no step or no slope. */
  readonly descentCosines: readonly number[];
  /** Steps at which the learning rate was cut. */
  readonly drops: readonly number[];
}

/** A training path as far as it has come, on the plane of its own principal components. */
export type LivePath = Pick<Trajectory, 'steps' | 'x' | 'y' | 'explained'>;

/** The path of one run on a plane that several share. */
export interface SharedPath extends InPlane {
  readonly run: string;
  readonly steps: readonly number[];
  /** Distance of each checkpoint from the plane, over all weights. */
  readonly residuals: readonly number[];
}

/** A plane through three checkpoints. */
export interface SharedPlane {
  /** The three, as they were asked for. */
  readonly corners: readonly {
    readonly run: string;
    readonly step: number;
    readonly x: number;
    readonly y: number;
  }[];
  /** Of each run that has a corner. */
  readonly paths: readonly SharedPath[];
}

/** Whose isocurves, and with which batch norm. */
export interface WhichIsocurves {
  readonly of: Isocurves;
  readonly bn: CheckpointNorm;
}

/**
 * What is told where nothing is chosen: the loss is what pictures show (Li et al. 2018, §7), and
 * batch statistics are those that the network was trained with.
 */
export const USUAL_ISOCURVES: WhichIsocurves = { of: 'loss', bn: 'batch' };

/** Later steps that a run needs for its late q to be judged. */
export const FEWEST_LATE = 10;

export interface Crossing extends Phases {
  /** Per step. */
  readonly scores: readonly number[];
  /** Of those in the later half, how many have a step and a slope. */
  readonly lateSteps: number;
  /** By gradients at the checkpoints, or, in results of earlier versions, of the plane's grid. */
  readonly by: 'gradients' | 'grid';
  /** Null: by the grid. */
  readonly slope: Slope | null;
}

const crossingOf = (
  scores: readonly number[],
  slope: Slope | null,
  by: Crossing['by'],
): Crossing => ({
  ...phasesOf(scores),
  scores,
  lateSteps: scores.slice(lateFrom(scores.length)).filter(Number.isFinite).length,
  by,
  slope,
});

/** The points of a scan's axes, as far as they tell the size of a cell. */
export interface GridAxes {
  readonly x: readonly number[];
  readonly y: readonly number[] | null;
}

/** Whether the middle one of the later steps is at least as long as a cell's longer side. */
function outrunsGrid({ x, y }: Trajectory, grid: GridAxes): boolean {
  if (grid.y === null) return false;
  const cell = Math.max(grid.x[1] - grid.x[0], grid.y[1] - grid.y[0]);
  const lengths = x.slice(1).map((value, t) => Math.hypot(value - x[t], y[t + 1] - y[t]));
  const late = lengths.slice(lateFrom(lengths.length)).sort((a, b) => a - b);
  return late.length > 0 && late[Math.floor(late.length / 2)] >= cell;
}

/**
 * How `trajectory` crosses isocurves; null: that is not known, as of an objective whose recipe is
 * not, or of a grid that is coarser than the steps.
 */
export function crossingIn(
  trajectory: Trajectory,
  grid: GridAxes,
  { of, bn }: WhichIsocurves = USUAL_ISOCURVES,
): Crossing | null {
  const { slopes, perpendicularity } = trajectory;
  if (slopes !== undefined) {
    const slope = slopes.find((one) => one.of === of && (one.bn === bn || one.bn === 'none'));
    return slope === undefined
      ? null
      : crossingOf(crossings(trajectory, slope), slope, 'gradients');
  }
  if (perpendicularity === undefined || of !== 'loss') return null;
  return outrunsGrid(trajectory, grid) ? crossingOf(perpendicularity, null, 'grid') : null;
}

/** `the loss's isocurves, batch norm of the batch` */
export const isocurvesText = ({ of, bn }: Pick<Slope, 'of' | 'bn'>): string => {
  const norm = bn === 'none' ? '' : `, batch norm ${bn === 'batch' ? 'from the batch' : 'frozen'}`;
  return `isocurves of the ${of === 'loss' ? 'loss' : 'loss + weight decay'}${norm}`;
};
