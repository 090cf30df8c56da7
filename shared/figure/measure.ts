/**
 * Measures text as Inter sets it, from the font's own advance widths: a figure is laid out by them,
 * so that it is the same on every machine. Other faces are measured by what they are at most.
 */

import type { FigureSpec } from '../spec/figure';
import { BOLD, REGULAR, type Runs } from './inter-widths';

const tableOf = (runs: Runs): ReadonlyMap<number, number> =>
  new Map(
    runs.flatMap(([first, advances]) =>
      advances.map((advance, i): [number, number] => [first + i, advance / 1000]),
    ),
  );
const TABLES = { regular: tableOf(REGULAR), bold: tableOf(BOLD) };

/** Of a character that Inter lacks, which another face sets. */
const UNKNOWN = 0.75;
/** Times is narrower than Inter, so its numbers serve; all characters of Courier are so wide. */
const MONO = 0.601;

export interface Type {
  /** Pixels. */
  readonly size: number;
  readonly bold?: boolean;
  readonly font?: FigureSpec['font'];
}

/** What is set of a text with tags. */
const visible = (text: string): string => text.replace(/<[^>]*>/g, '');

/** The width of one line of text in pixels; tags have none. */
export function widthOf(text: string, { size, bold = false, font = 'sans' }: Type): number {
  const characters = [...visible(text)];
  if (font === 'mono') return characters.length * MONO * size;
  const table = bold ? TABLES.bold : TABLES.regular;
  return characters.reduce(
    (sum, character) => sum + (table.get(character.codePointAt(0)!) ?? UNKNOWN) * size,
    0,
  );
}

/** Cuts a word that is wider than a line, at any character. */
function cutWord(word: string, width: number, type: Type): string[] {
  const pieces = [''];
  for (const character of word) {
    const last = pieces[pieces.length - 1];
    if (last !== '' && widthOf(last + character, type) > width) pieces.push(character);
    else pieces[pieces.length - 1] = last + character;
  }
  return pieces;
}

/** `text` in lines of at most `width` pixels, broken at spaces. */
export function linesOf(text: string, width: number, type: Type): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && widthOf(`${last} ${word}`, type) <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else if (widthOf(word, type) <= width) {
      lines.push(word);
    } else {
      lines.push(...cutWord(word, width, type));
    }
  }
  return lines;
}

/** `text` in lines of at most `width` pixels, broken at commas where each part fits. */
export function linesAtCommas(text: string, width: number, type: Type): string[] {
  if (text === '') return [];
  const lines: string[] = [];
  for (const part of text.split(', ')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && widthOf(`${last}, ${part}`, type) <= width) {
      lines[lines.length - 1] = `${last}, ${part}`;
    } else if (widthOf(part, type) <= width) {
      lines.push(part);
    } else {
      lines.push(...linesOf(part, width, type));
    }
  }
  return lines;
}
