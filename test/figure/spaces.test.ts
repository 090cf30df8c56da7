/**
 * Surfaces in space, drawn in Chromium at every size, dot by dot: nothing reaches the edge of its
 * panel, where it would be cut, and the surface fills the panel.
 */

import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBrowser } from '../../main/host/browser';
import { plotlyPath } from '../../main/host/draw';
import { FACES_READY, faceStyle } from '../../main/host/faces';
import { buildFigure } from '../../shared/figure/build';
import { check } from '../../shared/spec/check';
import { FigureSpec, fittedTo } from '../../shared/spec/figure';
import { madeUpSources } from '../support/figure-sources';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  const { path, args } = await findBrowser();
  browser = await chromium.launch({ executablePath: path, args: [...args] });
  page = await browser.newPage();
  await page.setContent(`<!doctype html>${faceStyle()}<div id="figure"></div>`);
  await page.evaluate(FACES_READY);
  await page.addScriptTag({ path: plotlyPath() });
});
afterAll(() => browser.close());

/** One panel in dots, one per CSS pixel. */
interface Space {
  readonly width: number;
  readonly height: number;
  /** Dots between the drawing and the edges: left, right, below, above. */
  readonly margins: readonly number[];
  /** Share of the width between the outermost dots of the surface itself. */
  readonly share: number;
}

/** Draws a figure and reads the dots of its panels. */
const spacesOf = (figure: unknown): Promise<Space[]> =>
  page.evaluate<Space[]>(`(async () => {
    const { data, layout } = ${JSON.stringify(figure).replaceAll('<', '\\u003c')};
    const root = document.getElementById('figure');
    await Plotly.newPlot(root, data, layout, { plotGlPixelRatio: 1 });
    const names = Object.keys(layout).filter((key) => /^scene\\d*$/.test(key));
    const dotsOf = (name) => {
      const { glplot } = root._fullLayout[name]._scene;
      glplot.redraw();
      const { gl } = glplot;
      const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
      const bytes = new Uint8Array(4 * width * height);
      gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
      return { width, height, bytes };
    };
    const where = ({ width, height, bytes }, differs) => {
      const found = [];
      for (let dot = 0; dot < width * height; dot++) {
        if (differs(dot, bytes)) found.push([dot % width, Math.floor(dot / width)]);
      }
      return found;
    };
    const all = names.map(dotsOf);
    const spaces = all.map((dots, i) => {
      const { width, height } = dots;
      const blank = { bytes: dots.bytes.slice(0, 4) };
      const inked = where(dots, (dot, bytes) =>
        [0, 1, 2].some((k) => Math.abs(bytes[4 * dot + k] - blank.bytes[k]) > 24));
      // Labels and lines are grey; a surface has colours.
      const coloured = inked.filter(([x, y]) => {
        const at = 4 * (y * width + x);
        const rgb = [...dots.bytes.slice(at, at + 3)];
        return Math.max(...rgb) - Math.min(...rgb) > 30;
      }).map(([x]) => x);
      const [xs, ys] = [0, 1].map((k) => inked.map((dot) => dot[k]));
      // Dots are counted from below.
      const margins = [Math.min(...xs), width - 1 - Math.max(...xs), Math.min(...ys), height - 1 - Math.max(...ys)];
      const share = (Math.max(...coloured) - Math.min(...coloured)) / width;
      return { width, height, margins, share };
    });
    Plotly.purge(root);
    return spaces;
  })()`);

/** The first network's panel is as large as any; one figure for each geometry of panels. */
const CASES = [
  ['icml-column', 1],
  ['icml-column', 8],
  ['icml-text', 2],
  ['icml-text', 3],
  ['neurips-text', 3],
  ['slide', 2],
  ['slide', 3],
  ['slide', 4],
  ['slide', 8],
] as const;

test.each(CASES)('at %s, with %d networks', async (template, count) => {
  const spec = fittedTo(check(FigureSpec, { kind: 'surfaces' }, 'figure'), template);
  const { data, layout } = buildFigure(madeUpSources(count), spec);
  const others = Object.keys(layout).filter((key) => /^scene\d+$/.test(key));
  const alone = Object.fromEntries(Object.entries(layout).filter(([key]) => !others.includes(key)));
  const [space] = await spacesOf({ data: data.slice(0, 1), layout: alone });
  expect(Math.min(...space.margins)).toBeGreaterThanOrEqual(1);
  expect(space.share).toBeGreaterThan(0.4);
});
