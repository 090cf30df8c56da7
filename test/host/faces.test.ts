/** The type that figures bring along, in a browser that has nothing else of that name. */

import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../main/host/browser';
import { FACES_READY, faceStyle } from '../../main/host/faces';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  const { path, args } = await findBrowser();
  browser = await chromium.launch({ executablePath: path, args: [...args] });
  page = await browser.newPage();
  await page.setContent(`<!doctype html>${faceStyle()}<svg><text></text></svg>`);
  await page.evaluate(FACES_READY);
});
afterAll(() => browser.close());

/** Pixels of a line of text as an SVG sets it. */
const lengthOf = (text: string, size: number, weight: number, family = 'Inter'): Promise<number> =>
  page.evaluate<number>(`(() => {
    const node = document.querySelector('text');
    node.style.font = '${weight} ${size}px ${family}';
    node.textContent = ${JSON.stringify(text)};
    return node.getComputedTextLength();
  })()`);

describe.each([400, 700])('Inter of weight %d', (weight) => {
  test('sets small type by the same widths as large', async () => {
    for (const text of ['ResNet-56, no skips, weight decay 0.005', '−0.5 ± 0.031 × 10⁻³']) {
      const large = await lengthOf(text, 1000, weight);
      for (const size of [5, 8, 10.67, 24]) {
        expect(await lengthOf(text, size, weight)).toBeCloseTo((large * size) / 1000, 0);
      }
    }
  });

  test('has every sign that figures use', async () => {
    // A sign that the face lacks is as wide as in the face that comes after it.
    for (const sign of 'aZ09.,:;()%−+±×·–…‖αβρλθ≤≥≈½₁₀²³⁻→') {
      const widths = await Promise.all(
        ['Inter, monospace', 'Inter, serif'].map((f) => lengthOf(sign, 100, weight, f)),
      );
      expect([sign, widths[0]]).toEqual([sign, widths[1]]);
    }
  });
});

test('the face is the bundled one, not what the machine calls so', async () => {
  // Advances of Inter 4.1 in thousandths of the type size, by its own tables: hmtx of `0` and `W`.
  expect(await lengthOf('0', 1000, 400)).toBeCloseTo(631, -0.5);
  expect(await lengthOf('W', 1000, 400)).toBeCloseTo(985, -0.5);
});
