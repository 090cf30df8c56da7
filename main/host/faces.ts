/** The faces that every drawn figure brings along, so that no machine's own fonts decide. */

import { readFileSync } from 'node:fs';
import { asset } from '../native/places';

const FACES = [
  { weight: 400, file: 'fonts/inter-regular.woff2' },
  { weight: 700, file: 'fonts/inter-bold.woff2' },
];

/** Letters stand where the face puts them; without it, browsers move small ones to whole pixels. */
const EXACT = 'text{text-rendering:geometricPrecision}';

let style: string | null = null;

/** A style element that holds the bundled Inter itself, regular and bold, set by its own widths. */
export function faceStyle(): string {
  if (style === null) {
    const rules = FACES.map(({ weight, file }) => {
      const bytes = readFileSync(asset(file)).toString('base64');
      return `@font-face{font-family:Inter;font-weight:${weight};src:url(data:font/woff2;base64,${bytes}) format('woff2')}`;
    });
    style = `<style>${rules.join('')}${EXACT}</style>`;
  }
  return style;
}

/** An expression that resolves in a page once its faces can be measured and drawn with. */
export const FACES_READY =
  `Promise.all(['400', '700'].map((weight) => document.fonts.load(weight + ' 12px Inter')))` +
  `.then(() => document.fonts.ready).then(() => '')`;

/** A drawing that brings its faces: it is set alike where Inter is not installed. */
export const withFaces = (svg: string): string =>
  svg.replace(/(<svg\b[^>]*>)/, (start) => `${start}<defs>${faceStyle()}</defs>`);
