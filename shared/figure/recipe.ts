/**
 * The recipe that an exported figure carries: the study and the settings it was drawn from, inside
 * the file, in a place each format has for such things.
 */

import { Fault } from '../fault';
import { check } from '../spec/check';
import { FigureSpec } from '../spec/figure';
import type { PlotlyFigure } from './plotly';
import { checkStudy, type StudyFile } from '../spec/study';

/** Stand around a recipe in every format, so that it is found by content, never by name. */
const BEFORE = 'isocurve-recipe:';
const AFTER = ';';

export interface Recipe {
  /** Version that drew the figure. */
  readonly isocurve: string;
  readonly study: StudyFile;
  readonly figure: FigureSpec;
  /** Hash of the dataset; null: it was never run. */
  readonly dataset: string | null;
}

/** Printable ASCII without quotes, brackets or line ends: safe inside XML, PDF, HTML and CSV. */
export const encodeRecipe = (recipe: Recipe): string =>
  `${BEFORE}${encodeURIComponent(JSON.stringify(recipe))}${AFTER}`;

/** A Plotly figure that carries its recipe where Plotly keeps what is the user's own. */
export const withRecipe = (figure: PlotlyFigure, recipe: string): PlotlyFigure => ({
  ...figure,
  layout: { ...figure.layout, meta: { isocurve: recipe } },
});

/** Where `text` (ASCII) begins in `bytes`, from `from` on; −1: nowhere. */
function indexOf(bytes: Uint8Array, text: string, from: number): number {
  const codes = Array.from(text, (sign) => sign.charCodeAt(0));
  for (let i = bytes.indexOf(codes[0], from); i >= 0; i = bytes.indexOf(codes[0], i + 1)) {
    if (codes.every((code, j) => bytes[i + j] === code)) return i;
  }
  return -1;
}

/**
 * The recipe inside a file's bytes, or null where there is none.
 * @throws Fault 'bad-value' or 'damaged' when there is one that is not sound
 */
export function findRecipe(bytes: Uint8Array): Recipe | null {
  const at = indexOf(bytes, BEFORE, 0);
  if (at < 0) return null;
  const start = at + BEFORE.length;
  const end = indexOf(bytes, AFTER, start);
  const text = Array.from(bytes.subarray(start, end < 0 ? start : end), (code) =>
    String.fromCharCode(code),
  ).join('');
  return checkRecipe(parse(text));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(text));
  } catch {
    throw new Fault('damaged', 'the recipe inside this figure is cut off or changed');
  }
}

function checkRecipe(input: unknown): Recipe {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Partial<Recipe>;
  return {
    isocurve: String(given.isocurve),
    study: checkStudy(given.study, "the recipe's study").file,
    figure: check(FigureSpec, given.figure, "the recipe's figure"),
    dataset: typeof given.dataset === 'string' ? given.dataset : null,
  };
}
