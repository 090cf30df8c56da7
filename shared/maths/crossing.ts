/**
 * At which angle a path crosses isocurves: q = |s·g|/(|s||g|) of each step s in a plane and the
 * gradient g at its start, projected on the plane. 1 crosses them at a right angle, 0 follows them.
 */

/** Points of a plane, or vectors in it, by their coordinates. */
export interface InPlane {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The mean q of steps in a direction drawn at random: ∫|cos φ| dφ/2π. */
export const CHANCE = 2 / Math.PI;

/**
 * q of every step of `path`, whose gradients at its points are `gradients`: one less than there are
 * points. NaN: no step, or no slope in the plane.
 */
export function crossings(path: InPlane, gradients: InPlane): number[] {
  return path.x.slice(0, -1).map((x, t) => {
    const step = [path.x[t + 1] - x, path.y[t + 1] - path.y[t]];
    const lengths = Math.hypot(...step) * Math.hypot(gradients.x[t], gradients.y[t]);
    if (lengths === 0) return NaN;
    const product = Math.abs(step[0] * gradients.x[t] + step[1] * gradients.y[t]);
    // Rounding may lead a hair beyond a cosine.
    return Math.min(1, product / lengths);
  });
}

/** The first step of the later half. */
export const lateFrom = (steps: number): number => Math.floor(steps / 2);

/** Means of q over the first sixth of the steps, from there to half of them, and over the rest. */
export interface Phases {
  readonly early: number;
  readonly middle: number;
  readonly late: number;
}

const meanOf = (values: readonly number[]): number => {
  const finite = values.filter((value) => Number.isFinite(value));
  return finite.length === 0 ? NaN : finite.reduce((sum, v) => sum + v, 0) / finite.length;
};

export function phasesOf(scores: readonly number[]): Phases {
  const [early, late] = [Math.floor(scores.length / 6), lateFrom(scores.length)];
  return {
    early: meanOf(scores.slice(0, Math.max(1, early))),
    middle: meanOf(scores.slice(early, late)),
    late: meanOf(scores.slice(late)),
  };
}

/** Angles of the later steps to the line of steepest descent, degrees from 0 (across) to 90. */
export const lateAngles = (scores: readonly number[]): number[] =>
  scores
    .slice(lateFrom(scores.length))
    .filter(Number.isFinite)
    .map((score) => (180 / Math.PI) * Math.acos(score));
