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

/** The middle value; of an even number, the mean of the two in the middle. Infinity is a value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `0.94 ± 0.01`, or `0.94` where there is one value, or `–` where there is none. */
export function estimateText({ mean, standardError }: Estimate, digits = 3): string {
  if (Number.isNaN(mean)) return '–';
  const text = numberText(mean, digits);
  return standardError === null ? text : `${text} ± ${numberText(standardError, digits)}`;
}

/**
 * A number at a reader's precision: fixed digits, or an exponent where it is very large or very
 * small.
 */
export function numberText(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 10 ** -digits / 2)) return value.toExponential(1);
  return value.toFixed(size >= 100 ? Math.max(0, digits - 2) : digits);
}
