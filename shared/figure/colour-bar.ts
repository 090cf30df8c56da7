/** The colour bar beside the panels: how much room it takes, and what of its title fits. */

import type { FigureSpec } from '../spec/figure';
import type { ColourAxis } from './colour-axis';
import { widthOf, type Type } from './measure';
import type { Sheet } from './panels';
import type { JsonObject } from './plotly';
import { LINE_HEIGHT, typePixels } from './style';
import { widest, type Ticks } from './ticks';

const THICKNESS = 10;
/** Pixels before the bar, and between it and its labels. */
export const PAD = 8;
const TO_LABEL = 5;
/** Bars are no longer than so many sizes of the type. */
const LONGEST = 32;

const typeOf = (spec: FigureSpec): Type => ({ size: typePixels(spec), font: spec.font });

const labelRoom = ({ ticks }: ColourAxis, spec: FigureSpec): number =>
  PAD + THICKNESS + TO_LABEL + widest(ticks.ticktext, typeOf(spec)) + 4;

/** Pixels that the bar with its labels and its upright title takes. */
export const barRoom = (scale: ColourAxis, spec: FigureSpec): number =>
  labelRoom(scale, spec) + typePixels(spec) * LINE_HEIGHT + 4;

export interface LaidBar {
  /** Plotly's `colorbar`. */
  readonly bar: JsonObject;
  /** What its title has no room for; empty: it says all. */
  readonly text: string;
}

/** The ticks of `scale` that have room on `length` pixels; the last, guessing, goes first. */
export function roomyTicks({ ticks, low, high }: ColourAxis, length: number, size: number): Ticks {
  const kept: { value: number; text: string }[] = [];
  for (let i = ticks.tickvals.length - 1; i >= 0; i--) {
    const value = ticks.tickvals[i];
    const pixelsTo = (other: number) => (length * Math.abs(value - other)) / (high - low);
    if (kept.some((other) => pixelsTo(other.value) < LINE_HEIGHT * size)) continue;
    kept.push({ value, text: ticks.ticktext[i] });
  }
  return {
    tickvals: kept.map(({ value }) => value),
    ticktext: kept.map(({ text }) => text),
  };
}

/** The bar along panels that take `height` pixels. */
export function layBar(
  scale: ColourAxis,
  { width, left, right }: Sheet,
  height: number,
  spec: FigureSpec,
): LaidBar {
  const type = typeOf(spec);
  const length = Math.min(height, LONGEST * type.size);
  const fits = (text: string) => widthOf(text, type) <= length;
  const short = scale.title.split(/[;(,]/)[0].trim();
  const title = fits(scale.title) ? scale.title : fits(short) ? short : '';
  const inner = width - left - right;
  const font = { size: type.size };
  return {
    text: title === scale.title ? '' : `Colour: ${scale.title}.`,
    bar: {
      title: { text: title, side: 'right', font },
      tickfont: font,
      thickness: THICKNESS,
      outlinewidth: 0.5,
      ...roomyTicks(scale, length, type.size),
      lenmode: 'pixels',
      len: length,
      x: 1 + PAD / inner,
      xpad: 0,
      ypad: 0,
      y: 1,
      yanchor: 'top',
    },
  };
}
