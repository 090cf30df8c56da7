/** Round numbers along an axis, as many as have room for their labels. */

import { widthOf, type Type } from './measure';

export interface Ticks {
  readonly tickvals: number[];
  readonly ticktext: string[];
}

/** As Plotly writes it: a true minus. */
export const tickText = (value: number): string =>
  String(Number(value.toPrecision(6))).replace('-', '−');

const ticksBy = (step: number, low: number, high: number): Ticks => {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const tickvals = Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
  return { tickvals, ticktext: tickvals.map(tickText) };
};

/** Steps of 1, 2 and 5 times powers of ten, upwards from about a tenth of `span`. */
function* steps(span: number): Generator<number> {
  for (let power = 10 ** Math.floor(Math.log10(span / 20)); power <= 10 * span; power *= 10) {
    for (const times of [1, 2, 5]) yield times * power;
  }
}

/** Ticks that people take in at once. */
const MOST = 6;

/**
 * Ticks from `low` to `high` on `length` pixels. Along a horizontal axis labels stand side by side,
 * along a vertical one below each other, half a line apart at least.
 */
export function ticksFor(
  low: number,
  high: number,
  length: number,
  type: Type,
  isHorizontal = true,
): Ticks {
  const span = high - low;
  if (!(span > 0)) return { tickvals: [low], ticktext: [tickText(low)] };
  for (const step of steps(span)) {
    const ticks = ticksBy(step, low, high);
    if (ticks.tickvals.length > MOST) continue;
    const pitch = (length * step) / span;
    const sizes = ticks.ticktext.map((text) => (isHorizontal ? widthOf(text, type) : type.size));
    if (pitch >= Math.max(...sizes) + type.size * 0.6 || ticks.tickvals.length <= 1) return ticks;
  }
  return ticksBy(span, low, high);
}

/** Pixels of the widest label. */
export const widest = (texts: readonly string[], type: Type): number =>
  Math.max(0, ...texts.map((text) => widthOf(text, type)));
