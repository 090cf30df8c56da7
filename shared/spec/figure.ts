/** The figure noun: what is drawn, how large, and in which terms. */

import * as v from 'valibot';
import { between, whole } from './check';
import { isocurves } from './trajectory';

export const figureKinds = [
  'surfaces',
  'contours',
  'heatmaps',
  'profiles',
  'curves',
  'trajectories',
] as const;
export type FigureKind = (typeof figureKinds)[number];

/** Sequential maps whose lightness only rises: safe for colour-blind readers and grey printing. */
export const colourMaps = ['viridis', 'cividis', 'magma', 'inferno', 'greys'] as const;
/** How losses become heights and colours; see `FigureSpec.scale`. */
export const scales = ['capped', 'linear', 'log', 'auto'] as const;
export const fonts = ['sans', 'serif', 'mono'] as const;

/** Widths of text columns in millimetres, from the templates of each, and of a slide. */
export const columnWidths = new Map<string, number>([
  ['ieee-column', 88.9],
  ['ieee-text', 181.9],
  ['acm-column', 84.7],
  ['icml-column', 82.6],
  ['icml-text', 171.5],
  ['neurips-text', 139.7],
  ['cvpr-column', 82.6],
  ['slide', 254],
]);

/** What a slide is besides its width: 16:9, names alone, in type that is read from the back row. */
export const SLIDE = { heightMm: 142.9, fontPt: 18, names: true } as const;

export const FigureSpec = v.strictObject({
  kind: v.picklist(figureKinds),
  widthMm: v.optional(between(20, 2000), 171.5),
  /** Of a page with a height of its own, such as a slide; left out, as high as its panels need. */
  heightMm: v.optional(between(20, 2000)),
  /** Text size in points on paper; no text is smaller. */
  fontPt: v.optional(between(4, 40), 8),
  /** Name of the scan to draw; left out, the first of the study that fits. */
  scan: v.optional(v.string()),
  /**
   * `capped`: linear from 0 to twice ln(classes), the loss of guessing; grey above. `linear` and
   * `log` show the full range, `auto` the one that fits it: logarithmic over two powers of ten.
   */
  scale: v.optional(v.picklist(scales), 'capped'),
  /** Titles and notes off, for figures whose caption says it all. */
  bare: v.optional(v.boolean(), false),
  /** Titles say the networks' names alone, and nothing stands under the panels. */
  names: v.optional(v.boolean(), false),
  /** Which variants, in which order; left out, all of the study. */
  variants: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
  /** What the figure calls variants, by their names; those left out keep their own labels. */
  labels: v.optional(v.record(v.string(), v.pipe(v.string(), v.maxLength(200)))),
  /** Panels beside each other; left out, as many as fit the number of panels. */
  columns: v.optional(whole(1, 12)),
  font: v.optional(v.picklist(fonts), 'sans'),
  colours: v.optional(v.picklist(colourMaps), 'viridis'),
  /** Contour levels, the same in every panel. */
  levels: v.optional(whole(2, 100), 18),
  /**
   * Losses above it are drawn as this one, and the figure says so; left out, nothing is clipped.
   */
  clip: v.optional(between(1e-9, 1e300)),
  /** Whose isocurves paths cross; left out, those of the study's first claim about paths. */
  isocurves: v.optional(v.picklist(isocurves)),
  /** Panels are lettered (a), (b), … */
  letters: v.optional(v.boolean(), false),
});
export type FigureSpec = v.InferOutput<typeof FigureSpec>;

/** Type of columns of text. */
const COLUMN_PT = 8;

/** `spec` at the size of a template; what only a slide has goes with the slide. */
export function fittedTo(spec: FigureSpec, template: string): FigureSpec {
  const { heightMm, ...page } = spec;
  const widthMm = columnWidths.get(template) ?? spec.widthMm;
  if (template === 'slide') return { ...page, widthMm, ...SLIDE };
  return heightMm === undefined
    ? { ...page, widthMm }
    : { ...page, widthMm, fontPt: COLUMN_PT, names: false };
}
