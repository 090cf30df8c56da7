/**
 * At which angles paths cross isocurves, over the seeds of a network: how late steps are spread
 * over 0° to 90°, and how q changes while a network trains.
 */

import { lateAngles } from '../maths/crossing';
import type { Crossing } from '../spec/trajectory';

/** How one seed's path crosses isocurves. */
export interface SeedCrossing {
  readonly seed: number;
  readonly crossing: Crossing;
  /** Training step of each checkpoint: one more than there are scores. */
  readonly steps: readonly number[];
}

/** Bins of 15°. */
export const BINS = 6;

/**
 * Share of the late steps in each bin of the angle between a step and the line of steepest descent:
 * the mean over seeds, so that a seed with more steps does not count more. By chance each has 1/6:
 * in a plane the angle of a random step is uniform.
 */
export function angleShares(seeds: readonly SeedCrossing[]): number[] {
  const each = seeds
    .map(({ crossing }) => lateAngles(crossing.scores))
    .filter((angles) => angles.length > 0);
  return Array.from({ length: BINS }, (_, bin) => {
    const shares = each.map(
      (angles) =>
        angles.filter((angle) => Math.min(BINS - 1, Math.floor((angle / 90) * BINS)) === bin)
          .length / angles.length,
    );
    return shares.reduce((sum, share) => sum + share, 0) / each.length;
  });
}

/** Parts of the training over which q is averaged. */
const PARTS = 12;

export interface Course {
  /** Middles of the parts, shares of the training. */
  readonly at: readonly number[];
  /** Over seeds. */
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** The mean of one seed's q over each part of its training; NaN: no step began there. */
function courseOf({ crossing, steps }: SeedCrossing): number[] {
  const total = steps[steps.length - 1];
  return Array.from({ length: PARTS }, (_, part) => {
    const own = crossing.scores.filter(
      (score, t) =>
        Number.isFinite(score) &&
        Math.min(PARTS - 1, Math.floor((steps[t] / total) * PARTS)) === part,
    );
    return own.reduce((sum, score) => sum + score, 0) / own.length;
  });
}

/** The course of q over training: its mean and range over seeds, parts without a step left out. */
export function qCourse(seeds: readonly SeedCrossing[]): Course {
  const courses = seeds.map(courseOf);
  const parts = Array.from({ length: PARTS }, (_, part) => ({
    at: (part + 0.5) / PARTS,
    values: courses.map((course) => course[part]).filter(Number.isFinite),
  })).filter(({ values }) => values.length > 0);
  return {
    at: parts.map(({ at }) => at),
    mean: parts.map(({ values }) => values.reduce((sum, v) => sum + v, 0) / values.length),
    low: parts.map(({ values }) => Math.min(...values)),
    high: parts.map(({ values }) => Math.max(...values)),
  };
}
