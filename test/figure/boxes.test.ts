/**
 * Every kind of figure at every size with one to eight networks, drawn in Chromium: each text lies
 * on the page, over no other and over no panel that it does not belong to, and is as large as was
 * asked.
 */

import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../main/host/browser';
import { plotlyPath } from '../../main/host/draw';
import { FACES_READY, faceStyle } from '../../main/host/faces';
import { buildFigure } from '../../shared/figure/build';
import { widthOf } from '../../shared/figure/measure';
import { check } from '../../shared/spec/check';
import { columnWidths, figureKinds, FigureSpec, fittedTo } from '../../shared/spec/figure';
import { madeUpSources } from '../support/figure-sources';

const COUNTS = [1, 2, 3, 4, 6, 8];
/** Boxes of texts may touch by so many pixels: they hold more than the ink. */
const SLACK = 1.5;

let browser: Browser;
let page: Page;

beforeAll(async () => {
  const { path, args } = await findBrowser();
  browser = await chromium.launch({ executablePath: path, args: [...args] });
  page = await browser.newPage();
  await page.setContent(
    `<!doctype html>${faceStyle()}<body style="margin:0"><div id="figure"></div></body>`,
  );
  await page.evaluate(FACES_READY);
  await page.addScriptTag({ path: plotlyPath() });
});

afterAll(() => browser.close());

interface Box {
  readonly text: string;
  readonly size: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** It stands at a place of a panel's own axes. */
  readonly isInside: boolean;
}

interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly Box[];
  readonly panels: readonly Edges[];
}

/**
 * Draws a figure and gives the boxes of all that is written, line by line, and of its panels. Not
 * as a static plot: those lay the words of a space out on a canvas of another size.
 */
const draw = (figure: unknown): Promise<Drawn> =>
  page.evaluate<Drawn>(`(async () => {
    const figure = ${JSON.stringify(figure).replaceAll('<', '\\u003c')};
    const root = document.getElementById('figure');
    const config = { displayModeBar: false, plotGlPixelRatio: 0.5 };
    await Plotly.newPlot(root, figure.data, figure.layout, config);
    const { annotations = [], _plots: plots = {} } = root._fullLayout;
    const boxOf = (node, text, size, isInside) => {
      const { left, top, right, bottom } = node.getBoundingClientRect();
      return { text, size, left, top, right, bottom, isInside };
    };
    const isInside = (node) => {
      const own = annotations[node.closest('.annotation')?.dataset.index];
      return own !== undefined && own.xref !== 'paper';
    };
    const sizeOf = (part) => {
      const pieces = [...part.querySelectorAll('tspan')].filter((one) => one.textContent !== '');
      return Math.min(...[part, ...pieces].map((one) => parseFloat(getComputedStyle(one).fontSize)));
    };
    const texts = [...root.querySelectorAll('svg text')].flatMap((node) => {
      const lines = [...node.querySelectorAll('tspan.line')];
      const parts = lines.length > 0 ? lines : [node];
      return parts.flatMap((part) => {
        const text = part.textContent.trim();
        const { width } = part.getBoundingClientRect();
        if (text === '' || width === 0) return [];
        return [boxOf(part, text, sizeOf(part), isInside(node))];
      });
    });
    const panels = Object.values(plots).map(({ xaxis, yaxis }) => ({
      left: xaxis._offset,
      right: xaxis._offset + xaxis._length,
      top: yaxis._offset,
      bottom: yaxis._offset + yaxis._length,
    }));
    const result = { width: figure.layout.width, height: figure.layout.height, texts, panels };
    Plotly.purge(root);
    return result;
  })()`);

type Edges = Pick<Box, 'left' | 'top' | 'right' | 'bottom'>;

const overlap = (a: Edges, b: Edges): boolean =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;

/** Every fault of a drawn figure, in words. */
function faultsOf({ width, height, texts, panels }: Drawn, size: number): string[] {
  const faults: string[] = [];
  for (const [i, one] of texts.entries()) {
    const name = `'${one.text.slice(0, 40)}'`;
    const isIn =
      one.left >= -SLACK &&
      one.top >= -SLACK &&
      one.right <= width + SLACK &&
      one.bottom <= height + SLACK;
    if (!isIn) faults.push(`${name} leaves the page`);
    if (one.size < size - 0.05) faults.push(`${name} has ${one.size} px, less than ${size}`);
    if (!one.isInside && panels.some((panel) => overlap(one, panel))) {
      faults.push(`${name} lies on a panel`);
    }
    for (const other of texts.slice(i + 1)) {
      if (overlap(one, other)) faults.push(`${name} lies on '${other.text.slice(0, 40)}'`);
    }
  }
  return faults;
}

/** The templates of papers, a column of 85 mm, and a slide. */
const TEMPLATES = [...columnWidths.keys(), '85'];

const specFor = (kind: string, template: string): FigureSpec => {
  const plain = check(FigureSpec, { kind }, 'figure');
  return template === '85' ? { ...plain, widthMm: 85 } : fittedTo(plain, template);
};

describe.each(figureKinds)('%s', (kind) => {
  test.each(TEMPLATES)('at %s, with one to eight networks', async (template) => {
    const faults: string[] = [];
    for (const count of COUNTS) {
      const spec = specFor(kind, template);
      const drawn = await draw(buildFigure(madeUpSources(count), spec));
      const found = faultsOf(drawn, (spec.fontPt * 96) / 72);
      faults.push(...found.map((fault) => `${count}: ${fault}`));
    }
    expect(faults).toEqual([]);
  });
});

test('text is as wide as the table of advances says, but for the rounding to pixels', async () => {
  const samples = [
    'ResNet-56, no skips, weight decay 0.005',
    'misaligned 0.244 ± 0.031, minima 3.0',
    'α −0.5 β ½ × 12 %',
    'Directions: random, filter-normalised, weights only; 2 of 0.16 million dimensions',
  ];
  for (const bold of [false, true]) {
    for (const text of samples) {
      const font = `${bold ? 700 : 400} 20px Inter`;
      const measured = await page.evaluate<number>(
        `(() => { const c = document.createElement('canvas').getContext('2d'); c.font = ${JSON.stringify(font)}; return c.measureText(${JSON.stringify(text)}).width; })()`,
      );
      const reckoned = widthOf(text, { size: 20, bold });
      // Where glyphs are fitted to pixels, advances of 10 px are off by some hundredths.
      expect(Math.abs(reckoned / measured - 1)).toBeLessThan(0.03);
    }
  }
});
