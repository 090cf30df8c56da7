/** What an exported figure carries, and that it comes out of every format as it went in. */

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { embedInPdf, embedInPng, embedInSvg, setPageBox } from '../../main/host/embed';
import { colourAt, stopsOf } from '../../shared/figure/colour-maps';
import { encodeRecipe, findRecipe, withRecipe } from '../../shared/figure/recipe';
import { check } from '../../shared/spec/check';
import { colourMaps, FigureSpec } from '../../shared/spec/figure';
import { checkStudy } from '../../shared/spec/study';
import { SMALL_STUDY } from '../support/small-study';

const recipe = {
  isocurve: '0.1.0',
  study: checkStudy({ ...SMALL_STUDY, question: 'α < β & "θ"?; %—' }, 'test').file,
  figure: check(FigureSpec, { kind: 'contours', letters: true, clip: 10 }, 'test'),
  dataset: 'abc',
};
const text = encodeRecipe(recipe);
const bytes = (content: string) => new TextEncoder().encode(content);

describe('a recipe', () => {
  test('is printable and ends no string, element, comment or line', () => {
    expect(text).toMatch(/^isocurve-recipe:[A-Za-z0-9\-_.!~*'()%]+;$/);
  });

  test('comes out of SVG, PDF, HTML, JSON and CSV as it went in', () => {
    const figure = withRecipe({ data: [], layout: {} }, text);
    for (const file of [
      bytes(embedInSvg('<svg width="1"><g/></svg>', text)),
      embedInPdf(bytes('%PDF-1.4\ntrailer\nstartxref\n9\n%%EOF\n'), text),
      bytes(JSON.stringify(figure)),
      bytes(`# ${text}\nx,y\n`),
    ]) {
      expect(findRecipe(file)).toEqual(recipe);
    }
  });

  test('leaves a PNG a PNG: every chunk keeps its checksum', async () => {
    const { crc32 } = await import('node:zlib');
    const png = embedInPng(readFileSync('docs/figures/skip-surfaces.png'), text);
    expect(findRecipe(png)).toEqual(recipe);
    const types: string[] = [];
    for (let at = 8; at < png.length;) {
      const length = png.readUInt32BE(at);
      const body = png.subarray(at + 4, at + 8 + length);
      expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
      types.push(body.subarray(0, 4).toString());
      at += 12 + length;
    }
    expect(types.slice(0, 2)).toEqual(['IHDR', 'tEXt']);
    expect(types[types.length - 1]).toBe('IEND');
  });

  test('that is cut off, changed or foreign is refused in one sentence', () => {
    expect(findRecipe(bytes('nothing here'))).toBeNull();
    expect(() => findRecipe(bytes(text.slice(0, 200)))).toThrow(/cut off or changed/);
    expect(() => findRecipe(bytes('isocurve-recipe:%7B%7D;'))).toThrow(/the recipe's study/);
    fc.assert(
      fc.property(fc.json(), (json) => {
        try {
          findRecipe(bytes(`isocurve-recipe:${encodeURIComponent(json)};`));
        } catch (error) {
          expect((error as Error).name).toBe('Fault');
        }
      }),
    );
  });
});

test('a page box is set to the very width and nothing moves', () => {
  const pdf = bytes('<</MediaBox [0 0 240.96001 199.92]>>\nrest');
  const set = setPageBox(pdf, 240.945, 200.5);
  expect(set.length).toBe(pdf.length);
  expect(set.toString()).toMatch(/\/MediaBox \[0 0 240\.9\d* 200\.5\d*\] *>>\nrest/);
});

/** CIE L* of an sRGB colour (IEC 61966-2-1, CIE 15). */
function lightness([red, green, blue]: readonly number[]): number {
  const linear = (c: number) => {
    const share = c / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const y = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  return y <= 0.008856 ? 903.3 * y : 116 * Math.cbrt(y) - 16;
}

test.each(colourMaps)('the lightness of %s only rises', (map) => {
  const values = Array.from({ length: 101 }, (_, i) => lightness(colourAt(map, i / 100)));
  for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1] - 0.35);
  expect(stopsOf(map).length).toBeGreaterThanOrEqual(10);
  expect(values[100] - values[0]).toBeGreaterThan(60);
});
