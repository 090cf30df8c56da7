/**
 * Sizes, colours and type that all figures share. Colours are safe for colour-blind readers and for
 * grey printing.
 */

import type { FigureSpec } from '../spec/figure';
import type { JsonObject } from './plotly';

/** Okabe & Ito 2008, in an order that keeps neighbours apart. */
export const SERIES = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
/** Series differ by dash as well as by colour. */
export const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash', 'longdashdot', 'solid'];
/** `sans` is the bundled Inter, as exports and the window name it; others are the machine's. */
const FAMILIES: Readonly<Record<FigureSpec['font'], string>> = {
  sans: 'Inter, Inter Variable, Helvetica, Arial, Liberation Sans, sans-serif',
  serif: 'Times New Roman, Liberation Serif, serif',
  mono: 'Courier New, Liberation Mono, monospace',
};
/** Plotly sets lines so far apart, in sizes of the type. */
export const LINE_HEIGHT = 1.3;
export const INK = '#1a1a1a';
export const FAINT = '#767676';
export const WRONG = '#b00020';

/** CSS pixels of a length on paper; a CSS inch is 96 of them. */
export const pixels = (mm: number): number => Math.round((mm / 25.4) * 96);

/** CSS pixels of a type size on paper. */
export const typePixels = ({ fontPt }: FigureSpec): number => (fontPt * 96) / 72;

/** A colour with an opacity. */
export function translucent(hex: string, opacity: number): string {
  const part = (from: number) => parseInt(hex.slice(from, from + 2), 16);
  return `rgba(${part(1)},${part(3)},${part(5)},${opacity})`;
}

/**
 * The layout that every figure starts from: white paper, one typeface, no interface. `height`: what
 * its parts need, unless the page has one of its own; `beside`: what the caption has to say,
 * because there is no room for it on the page.
 */
export const baseLayout = (spec: FigureSpec, height: number, beside = ''): JsonObject => ({
  width: pixels(spec.widthMm),
  height: spec.heightMm === undefined ? height : pixels(spec.heightMm),
  font: { family: FAMILIES[spec.font], size: typePixels(spec), color: INK },
  paper_bgcolor: '#ffffff',
  plot_bgcolor: '#ffffff',
  ...(beside === '' ? {} : { meta: { beside } }),
});

/** An axis with hairlines; `extra` overrides. */
export const axis = (title: string, extra: JsonObject = {}): JsonObject => ({
  title: { text: title, standoff: 6 },
  showline: true,
  linewidth: 0.75,
  linecolor: INK,
  ticks: 'outside',
  ticklen: 3,
  tickwidth: 0.75,
  showgrid: false,
  zeroline: false,
  mirror: true,
  ...extra,
});
