/**
 * Isocurves for a plane with a path on it: at the losses that the path passes, not at equal ones,
 * so that several cross each part of it. Every plane has levels of its own, and says them.
 */

import { interpolate } from '../maths/grid';
import { quantile } from '../maths/statistics';
import type { Surface } from '../spec/surface';

/** Levels along the path, before those that are too close are left out. */
const ALONG = 12;
/** Ratio of two neighbours at least. */
const SPACING = 1.05;
/** Ratio of neighbours beyond the losses of the path. */
const BEYOND = 1.4;
/** The highest level, in units of the loss of guessing; without classes, of the path's highest. */
const HIGHEST = 4;
/** Levels beyond either end at most: a minimum of 0 has no lowest power. */
const MOST_BEYOND = 24;

/** The loss of the plane at each point, by bilinear interpolation of its logarithm. */
export function lossesAt(surface: Surface, xs: readonly number[], ys: readonly number[]): number[] {
  const { x, y, losses } = surface;
  const rows = y!;
  const logs = Float64Array.from(losses, (loss) => Math.log(Math.max(loss, Number.MIN_VALUE)));
  return xs.map((value, t) => {
    const column = (value - x[0]) / (x[1] - x[0]);
    const row = (ys[t] - rows[0]) / (rows[1] - rows[0]);
    return Math.exp(interpolate(logs, x.length, rows.length, column, row));
  });
}

const measuredLosses = ({ losses, measured }: Surface): number[] =>
  [...losses].filter((loss, cell) => measured[cell] === 1 && Number.isFinite(loss) && loss > 0);

/**
 * Ascending levels for `surface` under a path that passes the losses `passed`: quantiles of their
 * logarithms, then on by ×1.4 to four times the loss of guessing, and down to the lowest loss.
 */
export function levelsAlong(
  surface: Surface,
  passed: readonly number[],
  classes: number | null,
): number[] {
  const all = measuredLosses(surface);
  const known = passed.filter((loss) => Number.isFinite(loss) && loss > 0);
  if (all.length === 0 || known.length === 0) return [];
  const [lowest, highest] = [Math.min(...all), Math.max(...all)];
  const logs = known.map(Math.log);
  const levels: number[] = [];
  for (let i = 0; i < ALONG; i++) {
    const level = Math.exp(quantile(logs, (i + 0.5) / ALONG));
    if (levels.length === 0 || level >= SPACING * levels[levels.length - 1]) levels.push(level);
  }
  const guessing = classes === null ? Math.max(...known) : Math.log(classes);
  const top = Math.min(highest, HIGHEST * guessing);
  for (let i = 0, next = levels[levels.length - 1] * BEYOND; i < MOST_BEYOND && next < top; i++) {
    levels.push(next);
    next *= BEYOND;
  }
  for (let i = 0, next = levels[0] / BEYOND; i < MOST_BEYOND && next > lowest; i++) {
    levels.unshift(next);
    next /= BEYOND;
  }
  return levels.filter((level) => level > lowest && level < highest);
}

/**
 * From a loss to where it lies among `levels`: level i is at i, between them by logarithm, so that
 * lines at whole numbers are the isocurves. Null where the loss overflowed.
 */
export function placeAmong(levels: readonly number[], loss: number): number | null {
  if (Number.isNaN(loss)) return null;
  const last = levels.length - 1;
  if (!(loss < levels[last]))
    return last + Math.min(1, Math.log(loss / levels[last]) / Math.log(BEYOND));
  if (loss <= levels[0]) {
    const below = Math.log(levels[0] / Math.max(loss, Number.MIN_VALUE)) / Math.log(BEYOND);
    return -Math.min(1, below);
  }
  const i = levels.findIndex((level) => loss < level) - 1;
  return i + Math.log(loss / levels[i]) / Math.log(levels[i + 1] / levels[i]);
}
