import { expect, test } from 'vitest';
import { shortLabels } from '../../renderer/parts/short-labels';
import { isNarrow } from '../../renderer/plot/narrow';
import { GAP, tile } from '../../renderer/plot/tiling';
import { fitting, marksBetween, nearer } from '../../renderer/plot/zoom';
import { PANEL_CHROME, sightOf } from '../../renderer/views/compare/sight';

const chrome = { width: 50, height: 100 };

/** Every choice of columns, by hand: the largest square that keeps to the space. */
function best(count: number, width: number, height: number): number {
  let side = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const across = (width - GAP * (columns - 1)) / columns - chrome.width;
    const down = (height - GAP * (rows - 1)) / rows - chrome.height;
    side = Math.max(side, Math.min(across, down));
  }
  return side;
}

test('panels are as large as their space allows, and never leave it', () => {
  for (let count = 1; count <= 12; count++) {
    for (const [width, height] of [
      [1300, 740],
      [2400, 1280],
      [3700, 2000],
      [1300, 1300],
    ]) {
      const found = tile(count, { width, height }, chrome, { least: 20 });
      expect(found.side).toBeCloseTo(best(count, width, height), 9);
      expect(found.columns * found.rows).toBeGreaterThanOrEqual(count);
      expect(found.height).toBeLessThanOrEqual(height + 1e-9);
    }
  }
});

test('where squares would be too small to read, they are not: the page grows', () => {
  const found = tile(8, { width: 800, height: 300 }, chrome);
  expect(found.side).toBeGreaterThanOrEqual(150);
  expect(found.height).toBeGreaterThan(300);
});

test('columns that were asked for are kept to', () => {
  expect(tile(6, { width: 1300, height: 700 }, chrome, { asked: 2 })).toMatchObject({
    columns: 2,
    rows: 3,
  });
});

test('two to eight panels and the words of their verdicts are seen at once at 1440×900', () => {
  // What is left of 900 pixels by top bar, tabs, status strip and toolbar.
  const [width, height] = [1376, 900 - 44 - 41 - 29 - 36];
  for (let panels = 2; panels <= 8; panels++) {
    for (const claims of [0, 1, 4, 6]) {
      const sight = sightOf({ width, height, panels, claims, verdicts: 90 * claims });
      const space = { width: width - 136, height: sight.height };
      const tiling = tile(panels, space, PANEL_CHROME);
      expect(tiling.height).toBeLessThanOrEqual(sight.height);
      expect(tiling.side).toBeGreaterThanOrEqual(150);
      expect(sight.glance || claims === 0 || sight.height + 90 * claims <= height).toBe(true);
    }
  }
});

test('short names keep what sets them apart', () => {
  expect(shortLabels(['ResNet-20, skips', 'ResNet-20, no skips', 'ResNet-56, skips'])).toEqual([
    '20, skips',
    '20, no skips',
    '56, skips',
  ]);
  expect(shortLabels(['epoch_0.pt', 'epoch_10.pt'])).toEqual(['0.pt', '10.pt']);
  expect(shortLabels(['ResNet-20', 'VGG-9'])).toEqual(['ResNet-20', 'VGG-9']);
  expect(shortLabels(['alone'])).toEqual(['alone']);
  expect(shortLabels(['same', 'same'])).toEqual(['same', 'same']);
});

test('a page that fits is seen whole and fills its room one way', () => {
  const page = { width: 312, height: 560 };
  for (const room of [
    { width: 1000, height: 700 },
    { width: 300, height: 2000 },
    { width: 2600, height: 1900 },
  ]) {
    const zoom = fitting(page, room);
    const [across, down] = [(zoom * page.width) / room.width, (zoom * page.height) / room.height];
    expect(Math.max(across, down)).toBeCloseTo(1, 9);
  }
  expect(nearer(nearer(1, 1.25), 1 / 1.25)).toBeCloseTo(1, 12);
  expect([nearer(7, 10), nearer(0.2, 0.01)]).toEqual([8, 0.1]);
});

test('numbers on a ruler keep 28 pixels apart, however far the page is', () => {
  for (const pixels of [0.7, 3, 10, 30, 200]) {
    expect(marksBetween(pixels) * pixels).toBeGreaterThanOrEqual(28);
  }
  expect(marksBetween(37.8)).toBe(1);
});

test('an axis is narrow where its positive values lie within two powers of ten', () => {
  expect(isNarrow([[0.3, 2.5], [1]])).toBe(true);
  expect(isNarrow([[0.001, 2.5, NaN, Infinity, -1, 0]])).toBe(false);
});
