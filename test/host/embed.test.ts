/** A recipe in a drawn file is text, whoever wrote it. */

import { expect, test } from 'vitest';
import { embedInPdf, embedInPng, embedInSvg } from '../../main/host/embed';
import { encodeRecipe, findRecipe, type Recipe } from '../../shared/figure/recipe';
import { checkStudy } from '../../shared/spec/study';
import { SMALL_STUDY } from '../support/small-study';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>';
const PDF = Buffer.from('%PDF-1.4\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF\n');
const PNG = Buffer.alloc(60, 1);

const ATTACKS = [
  '</metadata><script>alert(1)</script><metadata>',
  '<!--',
  '&xxe; <![CDATA[',
  'x\n1 0 obj <</OpenAction <</S /JavaScript>>>> endobj\nstartxref\n1\n',
  'x\rtrailer\r',
  '\0\x1b]52;c;AA\x07\x7f\u2028',
  '\ud800 half a pair, λ and 😀',
];

test.each(ATTACKS.map((recipe) => [JSON.stringify(recipe).slice(0, 30), recipe]))(
  '%s begins no element, no line and no object',
  (_name, recipe) => {
    const svg = embedInSvg(SVG, recipe);
    const inner = /<metadata>([^]*?)<\/metadata><rect\/><\/svg>$/.exec(svg)![1];
    expect(inner).toMatch(/^[\x20-\x25\x27-\x3b\x3d\x3f-\x7e]*$/);
    const pdf = embedInPdf(PDF, recipe).toString('latin1');
    const lines = pdf.split(/[\r\n]/);
    expect(lines).toHaveLength(PDF.toString().split('\n').length + 1);
    expect(pdf.match(/startxref/g)!.length - (/startxref/.exec(recipe)?.length ?? 0)).toBe(1);
    const png = embedInPng(PNG, recipe);
    const text = png.subarray(33 + 8, 33 + 8 + png.readUInt32BE(33)).toString('latin1');
    expect(text).toMatch(/^Comment\0[\x20-\x7e]*$/);
    expect(decodeURIComponent(inner.replaceAll(/%(?![0-9A-F]{2})/g, '%25'))).toBe(
      Buffer.from(recipe).toString(),
    );
  },
);

test('a recipe of ours is changed in no format', () => {
  const recipe: Recipe = {
    isocurve: '1',
    study: checkStudy(SMALL_STUDY, 'small').file,
    figure: { kind: 'contours' },
    dataset: null,
  } as unknown as Recipe;
  const text = encodeRecipe(recipe);
  for (const file of [embedInSvg(SVG, text), embedInPdf(PDF, text), embedInPng(PNG, text)]) {
    const bytes = Buffer.from(file);
    expect(bytes.includes(text)).toBe(true);
    expect(findRecipe(bytes)!.study).toEqual(recipe.study);
  }
});
