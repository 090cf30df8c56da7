import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Drawer, toHtml } from '../../main/host/draw';
import { loadFigureSources } from '../../main/engine/study/figure-sources';
import { buildFigure } from '../../shared/figure/build';
import { DASHES, SERIES } from '../../shared/figure/style';
import type { FigureSources } from '../../shared/figure/sources';
import type { JsonObject } from '../../shared/figure/plotly';
import { check } from '../../shared/spec/check';
import { figureKinds, FigureSpec } from '../../shared/spec/figure';
import { startForTest } from '../support/backend';
import { freshFolder, runSmall } from '../support/small-study';

const spec = (kind: string, extra: object = {}) => check(FigureSpec, { kind, ...extra }, 'figure');
let sources: FigureSources;

beforeAll(async () => {
  const folder = freshFolder();
  await runSmall(folder, await startForTest());
  sources = loadFigureSources(folder);
});

const drawnTexts = (layout: JsonObject): string =>
  (layout['annotations'] as JsonObject[])
    .map(({ text }) => String(text))
    .join(' ')
    .replaceAll('<br>', ' ');

/** On the page or, where it has no room, in the caption. */
const texts = (layout: JsonObject): string =>
  `${drawnTexts(layout)} ${(layout['meta'] as { caption: string }).caption}`;

describe('planes of several networks', () => {
  test.each(['surfaces', 'contours', 'heatmaps'])('%s share one colour scale', (kind) => {
    const { data, layout } = buildFigure(sources, spec(kind, { scale: 'auto' }));
    const drawn = data.filter((trace) => trace['coloraxis'] === 'coloraxis');
    expect(drawn).toHaveLength(2);
    const axis = layout['coloraxis'] as { cmin: number; cmax: number };
    const heights = drawn.flatMap((trace) => (trace['z'] as number[][]).flat());
    expect(Math.min(...heights)).toBeCloseTo(axis.cmin, 12);
    expect(Math.max(...heights)).toBeCloseTo(axis.cmax, 12);
  });

  test('contours share their levels, and a panel has a row per y', () => {
    const all = buildFigure(sources, spec('contours')).data;
    const data = all.filter((trace) => trace['coloraxis'] === 'coloraxis');
    expect(data).toHaveLength(2);
    expect(data[0]['contours']).toEqual(data[1]['contours']);
    expect(data[0]['z']).toHaveLength(3);
    expect((data[0]['z'] as number[][])[0]).toHaveLength(5);
  });

  test('what is drawn is what was measured', () => {
    const { data } = buildFigure(sources, spec('heatmaps', { scale: 'linear' }));
    const { surface } = sources.surfaces.find(({ result }) => result.scan === 'plane')!;
    expect((data[0]['z'] as number[][]).flat()).toEqual([...surface.losses]);
  });
});

describe('a figure for one text column', () => {
  const narrow = { widthMm: 82.6, letters: true };

  test.each(figureKinds)('of %s calls networks as it is asked to, and only those', (kind) => {
    const { data, layout } = buildFigure(sources, spec(kind, { labels: { plain: 'bare net' } }));
    const said = JSON.stringify([data.map(({ name }) => name), layout]);
    expect(said).toMatch(/bare net/);
    expect(said).not.toMatch(/"[^"]*\bplain\b/);
    expect(said).toMatch(/\bskip\b/);
  });

  test('says the name of each axis once in a row', () => {
    const { layout } = buildFigure(sources, spec('contours', narrow));
    const title = (axis: string) => (layout[axis] as { title: { text: string } }).title.text;
    expect([title('yaxis'), title('yaxis2')]).toEqual(['β', '']);
    expect(texts(layout)).toMatch(/\(a\) skip.*\(b\) plain/);
  });

  test('leaves only letters where the caption says the rest', () => {
    const { layout } = buildFigure(sources, spec('contours', { ...narrow, bare: true }));
    expect(drawnTexts(layout)).toBe('<b>(a)</b> <b>(b)</b>');
  });
});

describe('beside every plot of a surface stands what it does not show', () => {
  test.each(['surfaces', 'contours', 'heatmaps', 'profiles', 'trajectories'])('%s', (kind) => {
    const said = texts(buildFigure(sources, spec(kind)).layout);
    for (const fact of [
      /of [\d,]+–[\d,]+ dimensions/,
      /batch norm/,
      /32 training images/,
      /standard error/,
      /\d points/,
      /1 seed/,
    ]) {
      expect(said).toMatch(fact);
    }
  });

  test('a network that did not train is marked in every figure', () => {
    for (const kind of figureKinds) {
      expect(JSON.stringify(buildFigure(sources, spec(kind)))).toMatch(/did not train/);
    }
  });

  test('a trajectory stands beside its random walk, its residual and its rate cuts', () => {
    const said = texts(buildFigure(sources, spec('trajectories')).layout);
    expect(said).toMatch(/PC1 \d+ %, PC2 \d+ %.*\(walk: \d+ %, \d+ %\)/);
    expect(said).toMatch(/off plane ≤/);
  });
});

test('an overflowing cell is a cross, never a number or a hole', () => {
  const [first, ...rest] = sources.surfaces.filter(({ result }) => result.scan === 'plane');
  const losses = first.surface.losses.slice();
  losses[0] = NaN;
  losses[7] = Infinity;
  const changed = {
    ...sources,
    surfaces: [{ ...first, surface: { ...first.surface, losses } }, ...rest],
  };
  const { data } = buildFigure(changed, spec('contours'));
  const cross = data.find((trace) => trace['name'] === 'overflow')!;
  expect(cross['x']).toEqual([first.surface.x[0], first.surface.x[2]]);
  expect((data[0]['z'] as (number | null)[][])[0][0]).toBeNull();
});

test('series differ by colour and by dash', () => {
  expect(new Set(SERIES).size).toBe(SERIES.length);
  expect(new Set(DASHES.slice(0, 6)).size).toBe(6);
});

describe('drawn in a browser', () => {
  let drawer: Drawer;
  const folder = mkdtempSync(join(tmpdir(), 'figures-'));
  beforeAll(async () => {
    drawer = await Drawer.open();
  });
  afterAll(() => drawer.close());

  test('an SVG is a drawing without pictures, twice the same, as wide as asked', async () => {
    const figure = buildFigure(sources, spec('contours', { widthMm: 139.7 }));
    const [one, other] = [join(folder, 'one.svg'), join(folder, 'other.svg')];
    await drawer.draw(figure, one, 'svg');
    await drawer.draw(figure, other, 'svg');
    const svg = readFileSync(one, 'utf8');
    expect(svg).toMatch(/^<svg/);
    expect(svg).toMatch(/width="528"/); // 139.7 mm at 96 to the inch
    expect(svg).not.toMatch(/<image/);
    expect(readFileSync(other, 'utf8')).toBe(svg);
  });

  test('a PDF has one page of the width asked and its fonts inside', async () => {
    const path = join(folder, 'curves.pdf');
    await drawer.draw(buildFigure(sources, spec('curves', { widthMm: 88.9 })), path, 'pdf');
    const pdf = readFileSync(path, 'latin1');
    expect(pdf.startsWith('%PDF')).toBe(true);
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    const [, width] = /\/MediaBox\s*\[\s*0 0 ([\d.]+)/.exec(pdf)!;
    expect(Math.abs(Number(width) - 252)).toBeLessThan(0.25); // 88.9 mm are 252 pt
    expect(pdf).toMatch(/\/FontFile2/);
    expect(pdf).toMatch(/\/BaseFont \/[A-Z]{6}\+Inter/);
    expect(pdf).not.toMatch(/\/Type3/);
  });

  test('an SVG of surfaces is as sharp as asked, and says that it holds bitmaps', async () => {
    const figure = buildFigure(sources, spec('surfaces', { widthMm: 82.6, variants: ['skip'] }));
    const svg = (await drawer.render(figure, 'svg', { dpi: 600, recipe: '' })).toString();
    expect(svg).toMatch(/<desc>The surfaces are bitmaps at 600 dpi/);
    const [, width] = /<image[^>]*\bwidth="([\d.]+)"/.exec(svg)!;
    const [, bytes] = /<image[^>]*href="data:image\/png;base64,([^"]+)"/.exec(svg)!;
    const dots = Buffer.from(bytes, 'base64').readUInt32BE(16);
    expect(dots / Number(width)).toBeCloseTo(600 / 96, 1);
  });

  test('an SVG brings its own Inter', async () => {
    const figure = buildFigure(sources, spec('curves'));
    const svg = (await drawer.render(figure, 'svg', { dpi: 300, recipe: '' })).toString();
    expect(svg).toMatch(/@font-face\{font-family:Inter;font-weight:700;src:url\(data:font\/woff2/);
    expect(svg).toMatch(/font-family: Inter/);
  });

  test('a PNG of three-dimensional surfaces is drawn', async () => {
    const path = join(folder, 'surfaces.png');
    await drawer.draw(buildFigure(sources, spec('surfaces')), path, 'png');
    const png = readFileSync(path);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(Math.round((648 * 300) / 96));
    expect(png.length).toBeGreaterThan(50_000);
    const at = png.indexOf('pHYs') + 4;
    expect([png.readUInt32BE(at), png.readUInt32BE(at + 4), png[at + 8]]).toEqual([
      11811, 11811, 1,
    ]);
  });
});

test('an HTML page asks nothing of the network', () => {
  const html = toHtml(buildFigure(sources, spec('curves')), 'Isocurve');
  expect(html).not.toMatch(/<(script|link|img)[^>]+(src|href)=/);
  expect(html.length).toBeGreaterThan(3e6);
});
