/** What stands above each panel: its letter, a bold title, and some lines in small type. */

import type { FigureSpec } from '../spec/figure';
import type { Panel } from './panels';
import type { JsonObject } from './plotly';
import { INK, typePixels } from './style';

export interface Heading {
  readonly title: string;
  /** Lines of small type, joined by `<br>`. */
  readonly detail: string;
}

export interface Headings {
  /** Pixels that the highest of them needs above its panel. */
  readonly height: number;
  /** The annotations above these panels, one for each heading. */
  above(panels: readonly Panel[]): JsonObject[];
}

/** Size of a detail, relative to that of the title. */
const SMALL = 0.85;
const LINE_HEIGHT = 1.3;
/** Widths of a character, relative to the size of the type. */
const DETAIL_CHARACTER = 0.58;
const TITLE_CHARACTER = 0.62;

const letterOf = (i: number): string => `(${String.fromCharCode(97 + (i % 26))})`;

const visible = (text: string): string => text.replace(/<[^>]*>/g, '');

/** `text` in lines of at most `most` characters, broken at commas only. */
function brokenAtCommas(text: string, most: number): string[] {
  if (visible(text).length <= most) return text === '' ? [] : [text];
  const lines: string[] = [];
  for (const part of text.split(', ')) {
    const last = lines[lines.length - 1];
    const joined = `${last}, ${part}`;
    if (last !== undefined && visible(joined).length <= most) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}

/** The letter alone, in the corner above a panel whose title the caption says. */
const cornerLetter = (panel: Panel, i: number): JsonObject => ({
  text: `<b>${letterOf(i)}</b>`,
  x: panel.x[0],
  y: panel.y[1],
  xref: 'paper',
  yref: 'paper',
  xanchor: 'left',
  yanchor: 'bottom',
  showarrow: false,
  font: { color: INK },
});

const titleAbove = (panel: Panel, lines: readonly string[]): JsonObject => ({
  text: lines.join('<br>'),
  x: (panel.x[0] + panel.x[1]) / 2,
  y: panel.y[1],
  xref: 'paper',
  yref: 'paper',
  xanchor: 'center',
  yanchor: 'bottom',
  showarrow: false,
  font: { color: INK },
});

/** Lays `headings` out over panels where each has `width` pixels of room. */
export function layHeadings(
  headings: readonly Heading[],
  width: number,
  spec: FigureSpec,
): Headings {
  const size = typePixels(spec);
  if (spec.bare) {
    return {
      height: spec.letters ? size * LINE_HEIGHT + 8 : 10,
      above: (panels) => (spec.letters ? panels.map(cornerLetter) : []),
    };
  }
  const characters = (share: number) => Math.max(10, Math.floor(width / (size * share)));
  const laid = headings.map(({ title, detail }, i) => {
    const lettered = spec.letters ? `${letterOf(i)} ${title}` : title;
    return {
      title: brokenAtCommas(lettered, characters(TITLE_CHARACTER)),
      detail: detail
        .split('<br>')
        .flatMap((line) => brokenAtCommas(line, characters(SMALL * DETAIL_CHARACTER))),
    };
  });
  const small = `font-size:${(size * SMALL).toFixed(1)}px`;
  const heights = laid.map(({ title, detail }) => title.length + SMALL * detail.length);
  return {
    height: Math.ceil(size * LINE_HEIGHT * Math.max(0, ...heights)) + 8,
    above: (panels) =>
      laid.map(({ title, detail }, i) =>
        titleAbove(panels[i], [
          ...title.map((line) => `<b>${line}</b>`),
          ...detail.map((line) => `<span style="${small}">${line}</span>`),
        ]),
      ),
  };
}
