/** What stands above each panel: its letter, a bold title, and some lines of numbers. */

import type { FigureSpec } from '../spec/figure';
import { linesAtCommas, widthOf, type Type } from './measure';
import type { Panel } from './panels';
import type { JsonObject } from './plotly';
import { INK, LINE_HEIGHT, typePixels } from './style';

export interface Heading {
  readonly title: string;
  /** Lines of numbers, joined by `<br>`. */
  readonly detail: string;
}

export interface Headings {
  /** Pixels that the highest of them needs above its panel. */
  readonly height: number;
  /** The annotations above these panels, one for each heading. */
  above(panels: readonly Panel[]): JsonObject[];
  /** What has no room above the panels, a sentence each: it belongs into the caption. */
  readonly left: readonly string[];
}

/** Space between the lowest line and the panel, in type sizes: half a tick's label, and some. */
const ROOM = 0.65;
/** Lines of numbers that stand above a panel at most. */
const MOST_DETAIL = 4;

/** Lines of a title on a page of fixed height. */
const MOST_TITLE = 2;

/** The first `most` of `lines`; where there are more, the last ends with an ellipsis. */
function atMost(lines: readonly string[], most: number, width: number, type: Type): string[] {
  if (lines.length <= most) return [...lines];
  const kept = lines.slice(0, most);
  let last = kept[most - 1];
  while (last !== '' && widthOf(`${last}…`, type) > width) last = last.slice(0, -1);
  return [...kept.slice(0, -1), `${last.trimEnd()}…`];
}

const letterOf = (i: number): string => `(${String.fromCharCode(97 + (i % 26))})`;

/** The letter alone, in the corner above a panel whose title the caption says. */
const cornerLetter = (panel: Panel, i: number): JsonObject => ({
  text: `<b>${letterOf(i)}</b>`,
  x: panel.x[0],
  y: panel.y[1],
  ...{ xref: 'paper', yref: 'paper', xanchor: 'left', yanchor: 'bottom' },
  showarrow: false,
  font: { color: INK },
});

/** Lines from `height` pixels above a panel downwards: those of a row begin at one height. */
const titleAbove = (panel: Panel, lines: readonly string[], height: number): JsonObject => ({
  text: lines.join('<br>'),
  x: (panel.x[0] + panel.x[1]) / 2,
  y: panel.y[1],
  ...{ xref: 'paper', yref: 'paper', xanchor: 'center', yanchor: 'top' },
  yshift: height,
  showarrow: false,
  font: { color: INK },
});

const withoutTags = (text: string): string => text.replace(/<[^>]*>/g, '');

/** Lays `headings` out over panels where each has `width` pixels of room. */
export function layHeadings(
  headings: readonly Heading[],
  width: number,
  spec: FigureSpec,
): Headings {
  const size = typePixels(spec);
  const line = size * LINE_HEIGHT;
  if (spec.bare) {
    return {
      height: spec.letters ? line + ROOM * size + 2 : 10,
      above: (panels) => (spec.letters ? panels.map(cornerLetter) : []),
      left: [],
    };
  }
  const type: Type = { size, font: spec.font };
  const bold = { ...type, bold: true };
  const most = spec.heightMm === undefined ? Infinity : MOST_TITLE;
  const titles = headings.map(({ title }, i) =>
    atMost(
      linesAtCommas(spec.letters ? `${letterOf(i)} ${title}` : title, width, bold),
      most,
      width,
      bold,
    ),
  );
  const details = headings.map(({ detail }) =>
    detail.split('<br>').flatMap((text) => linesAtCommas(text, width, type)),
  );
  const fit = !spec.names && details.every((lines) => lines.length <= MOST_DETAIL);
  const laid = titles.map((title, i) => [
    ...title.map((text) => `<b>${text}</b>`),
    ...(fit ? details[i] : []),
  ]);
  const height =
    Math.ceil(line * Math.max(0, ...laid.map((lines) => lines.length))) + Math.ceil(ROOM * size);
  return {
    height,
    above: (panels) => laid.map((lines, i) => titleAbove(panels[i], lines, height)),
    left:
      fit || spec.names
        ? []
        : headings
            .filter(({ detail }) => detail !== '')
            .map(
              ({ title, detail }) => `${title}: ${withoutTags(detail.split('<br>').join(', '))}.`,
            ),
  };
}
