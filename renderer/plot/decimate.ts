/** A long curve with as many points as a screen can show, its peaks and dips kept. */

export interface Polyline {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * The lowest and the highest value of each of `buckets` stretches, in their order. Curves of at
 * most
 * two points per bucket stay as they are. NaN and infinities are kept where they stand alone.
 */
export function decimate(values: Float64Array, buckets: number): Polyline {
  const n = values.length;
  if (n <= 2 * buckets) return { x: Float64Array.from({ length: n }, (_, i) => i), y: values };
  const x = new Float64Array(2 * buckets);
  const y = new Float64Array(2 * buckets);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * n) / buckets);
    const to = Math.floor(((bucket + 1) * n) / buckets);
    let [low, high] = [from, from];
    for (let i = from; i < to; i++) {
      if (!(values[i] >= values[low])) low = i;
      if (!(values[i] <= values[high])) high = i;
    }
    const [first, second] = low < high ? [low, high] : [high, low];
    x[2 * bucket] = first;
    y[2 * bucket] = values[first];
    x[2 * bucket + 1] = second;
    y[2 * bucket + 1] = values[second];
  }
  return { x, y };
}

/**
 * Exponential mean with weight `past` of what was before, its bias towards the first value taken
 * out (Kingma & Ba 2015, §3). Values that are not numbers are passed by.
 */
export function smooth(values: Float64Array, past: number): Float64Array {
  if (past === 0) return values;
  let [mean, weight] = [0, 0];
  return values.map((value) => {
    if (Number.isFinite(value)) {
      mean = past * mean + (1 - past) * value;
      weight = past * weight + (1 - past);
    }
    return weight === 0 ? value : mean / weight;
  });
}
