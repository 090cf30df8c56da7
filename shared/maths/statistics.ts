/** Means, spreads and intervals over repetitions. */

/** A mean with its standard error; the error is null when there is one value only. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number | null;
  readonly count: number;
}

export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, standardError: null, count };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (count - 1) / count), count };
}

/** A number of one seed; several of one seed are those of its directions. */
export interface OfSeed {
  readonly seed: number;
  readonly value: number;
}

/**
 * Estimates over seeds: what one seed has several of is averaged first, since it is no
 * repetition. NaN is no value.
 */
export function overSeeds(values: readonly OfSeed[]): Estimate {
  const known = values.filter(({ value }) => !Number.isNaN(value));
  const seeds = [...new Set(known.map(({ seed }) => seed))];
  return estimate(
    seeds
      .map((seed) => estimate(known.filter((one) => one.seed === seed).map((one) => one.value)))
      .map(({ mean }) => mean),
  );
}

/** The same for a band: with one seed alone, over its directions. */
export function bandOver(values: readonly OfSeed[]): Estimate {
  const seeds = new Set(values.map(({ seed }) => seed)).size;
  return seeds > 1 ? overSeeds(values) : estimate(values.map(({ value }) => value));
}

/** What `bandOver` is over, in words. */
export const bandText = (seeds: number): string =>
  seeds > 1
    ? 'one standard error over seeds, directions averaged within each'
    : 'one standard error over directions, of one seed';

/** The middle value; of an even number, the mean of the two in the middle. Infinity is a value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The quantile `share` of the values, linear between neighbours (Hyndman & Fan 1996, type 7). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** `0.94 ± 0.01`, or `0.94` where there is one value, or `–` where there is none. */
export function estimateText(
  { mean, standardError }: Estimate,
  digits = 3,
  text: (value: number, digits: number) => string = numberText,
): string {
  if (Number.isNaN(mean)) return '–';
  const middle = text(mean, digits);
  if (standardError === null) return middle;
  // As many decimals as the mean has: digits beyond them say nothing.
  const decimals = /^−?\d+\.(\d+)$/.exec(middle)?.[1].length;
  const error =
    decimals === undefined ? text(standardError, digits) : standardError.toFixed(decimals);
  return `${middle} ± ${error}`;
}

/**
 * A number at a reader's precision: fixed digits, or a power of ten where it is very large or very
 * small.
 */
export function numberText(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return infiniteText(value);
  const size = Math.abs(value);
  const text =
    size !== 0 && (size >= 1e5 || size < 10 ** -digits / 2)
      ? powerText(value, 1)
      : value.toFixed(size >= 100 ? Math.max(0, digits - 2) : digits);
  return text.replaceAll('-', '−');
}

/** Losses and norms: four digits, powers of ten where they are very far from one. */
export function lossText(value: number): string {
  if (!Number.isFinite(value)) return infiniteText(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e5)) return powerText(value, 2);
  return (size < 1000 ? value.toPrecision(4) : value.toFixed(0)).replaceAll('-', '−');
}

/** `4.6e−5`, `1.2e6` */
const powerText = (value: number, digits: number): string =>
  value.toExponential(digits).replace('+', '').replaceAll('-', '−');

const infiniteText = (value: number): string =>
  Number.isNaN(value) ? 'overflow' : value > 0 ? '+∞' : '−∞';

export const countText = (count: number): string => count.toLocaleString('en');

export const percentText = (share: number, digits = 1): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : '–';
