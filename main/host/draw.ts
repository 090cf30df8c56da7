/**
 * Draws Plotly figures to files in a headless browser: SVG and PDF (vector), PNG, self-contained
 * HTML, JSON.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Fault } from '../../shared/fault';
import type { DrawRequest } from '../../shared/contract';
import type { PlotlyFigure } from '../../shared/figure/plotly';
import { withRecipe } from '../../shared/figure/recipe';
import { replaceFile } from '../native/drafts';
import { findBrowser } from './browser';
import { embedInPdf, embedInPng, embedInSvg, sayInSvg, setDensity, setPageBox } from './embed';
import { FACES_READY, faceStyle, withFaces } from './faces';

const require = createRequire(import.meta.url);

export const formats = ['json', 'html', 'svg', 'png', 'pdf'] as const;
export type Format = (typeof formats)[number];
export type DrawnFormat = Exclude<Format, 'json' | 'html'>;

/** Dots per inch of PNG files. */
const DPI = 300;
export const CSS_DPI = 96;

export const plotlyPath = (): string => require.resolve('plotly.js-dist-min');

const config = { displaylogo: false, responsive: false, showSendToCloud: false };

/** JSON inside a script element must not end it. */
const embed = (figure: PlotlyFigure) => JSON.stringify(figure).replaceAll('<', '\\u003c');

/** A page that needs nothing but itself. */
export function toHtml(figure: PlotlyFigure, title: string): string {
  const plotly = readFileSync(plotlyPath(), 'utf8').replaceAll('</script', '<\\/script');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title>
${faceStyle()}<script>${plotly}</script></head>
<body style="margin:0;background:#fff"><div id="figure"></div>
<script>
const figure = ${embed(figure)};
${FACES_READY}.then(() =>
  Plotly.newPlot('figure', figure.data, figure.layout, ${JSON.stringify(config)}),
);
</script></body></html>
`;
}

const sizeOf = ({ layout }: PlotlyFigure): { width: number; height: number } => {
  const { width, height } = layout as { width: number; height: number };
  return { width, height: Math.round(height) };
};

const hasSurfaces = ({ data }: PlotlyFigure): boolean =>
  data.some(({ type }) => type === 'surface');

/** Dots of a side that a graphics card draws at most, on every machine. */
const MOST_DOTS = 4096;

/** Dots per CSS pixel of surfaces: as asked, as far as graphics cards draw a page of that size. */
function densityFor(figure: PlotlyFigure, dpi: number): number {
  const { width, height } = sizeOf(figure);
  return Math.min(dpi / CSS_DPI, MOST_DOTS / Math.max(width, height));
}

/** Says what of a drawing is no vector. */
const bitmapStatement = (dpi: number): string =>
  `The surfaces are bitmaps at ${Math.round(dpi)} dpi; everything else is vectors.`;

/** What a figure is drawn on: a page that has Plotly, in whatever browser there is. */
export interface Canvas {
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<string>;
  /** Prints a page of its own holding `html`; sizes in CSS pixels. */
  print(html: string, width: number, height: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A page in a headless browser that is found on this machine. @throws Fault 'no-browser' */
async function openCanvas(): Promise<Canvas> {
  const { path, args } = await findBrowser();
  // Electron draws in windows of its own and ships without this.
  const { chromium } = await import('playwright-core');
  try {
    const session = await chromium.launch({ executablePath: path, args: [...args] });
    // A figure may name images elsewhere; nothing that is drawn here may reach out.
    const context = await session.newContext({ offline: true });
    const page = await context.newPage();
    await page.setContent(`<!doctype html>${faceStyle()}<body style="margin:0"></body>`);
    await page.evaluate(FACES_READY);
    await page.addScriptTag({ path: plotlyPath() });
    return {
      evaluate: (expression) => page.evaluate<string>(expression),
      async print(html, width, height) {
        const sheet = await context.newPage();
        try {
          await sheet.setContent(html);
          await sheet.evaluate(FACES_READY);
          return await sheet.pdf({
            width: `${Math.ceil(width)}px`,
            height: `${Math.ceil(height)}px`,
            printBackground: true,
            pageRanges: '1',
          });
        } finally {
          await sheet.close();
        }
      },
      close: () => session.close(),
    };
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new Fault(
      'no-browser',
      `${path} will not draw (${reason}); install Chromium (Debian: apt install chromium) or name another browser in ISOCURVE_BROWSER`,
    );
  }
}

/** How a figure becomes a file. */
export interface DrawOptions {
  /** Of a PNG, and of surfaces in any format. */
  readonly dpi: number;
  /** What `encodeRecipe` gave; empty: the file carries none. */
  readonly recipe: string;
}

const PLAIN: DrawOptions = { dpi: DPI, recipe: '' };

/** One canvas for any number of drawings. */
export class Drawer {
  /** `canvas`: where to draw. */
  constructor(private readonly canvas: Canvas) {}

  /** On a headless browser of this machine. @throws Fault 'no-browser' */
  static async open(): Promise<Drawer> {
    return new Drawer(await openCanvas());
  }

  /** The formats that need no browser. */
  static writePlain(figure: PlotlyFigure, path: string, format: 'json' | 'html'): void {
    replaceFile(
      path,
      format === 'json' ? `${JSON.stringify(figure)}\n` : toHtml(figure, 'Isocurve'),
    );
  }

  /** Writes `figure` to `path` in `format`. */
  async draw(figure: PlotlyFigure, path: string, format: DrawnFormat): Promise<void> {
    replaceFile(path, await this.render(figure, format, PLAIN));
  }

  /** The file of `figure`. Sizes are those of its layout, in CSS pixels of 1/96 inch. */
  async render(
    figure: PlotlyFigure,
    format: DrawnFormat,
    { dpi, recipe }: DrawOptions,
  ): Promise<Uint8Array> {
    switch (format) {
      case 'svg': {
        const svg = await this.svg(figure, dpi);
        return Buffer.from(recipe === '' ? svg : embedInSvg(svg, recipe));
      }
      case 'png': {
        const png = setDensity(await this.png(figure, dpi), dpi);
        return recipe === '' ? png : embedInPng(png, recipe);
      }
      case 'pdf': {
        const pdf = await this.pdf(figure, dpi);
        return recipe === '' ? pdf : embedInPdf(pdf, recipe);
      }
      default:
        return format satisfies never;
    }
  }

  close(): Promise<void> {
    return this.canvas.close();
  }

  /** Plotly's drawing of `figure` with its faces; surfaces in it are bitmaps of `dpi`. */
  private async svg(figure: PlotlyFigure, dpi: number): Promise<string> {
    const { width, height } = sizeOf(figure);
    const density = densityFor(figure, dpi);
    const drawn = { ...figure, config: { plotGlPixelRatio: density } };
    const options = { format: 'svg', width, height };
    // Plotly names clip paths by chance; the same figure is to give the same bytes.
    const reseed =
      '{ let seed = 1; Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647; }';
    // As text: typed arguments would be walked through by Playwright, number by number.
    const url = await this.canvas.evaluate(
      `${reseed} Plotly.toImage(${embed(drawn)}, ${JSON.stringify(options)})`,
    );
    const svg = withFaces(decodeURIComponent(url.slice(url.indexOf(',') + 1)));
    return hasSurfaces(figure) ? sayInSvg(svg, bitmapStatement(density * CSS_DPI)) : svg;
  }

  /** The drawing as dots: as an image it has no faces but those that it brings. */
  private async png(figure: PlotlyFigure, dpi: number): Promise<Buffer> {
    const { width, height } = sizeOf(figure);
    const [across, down] = [width, height].map((length) => Math.round((length * dpi) / CSS_DPI));
    const svg = JSON.stringify(await this.svg(figure, dpi)).replaceAll('<', '\\u003c');
    const url = await this.canvas.evaluate(`(async () => {
      const image = new Image();
      image.src = URL.createObjectURL(new Blob([${svg}], { type: 'image/svg+xml' }));
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [${across}, ${down}];
      canvas.getContext('2d').drawImage(image, 0, 0, ${across}, ${down});
      URL.revokeObjectURL(image.src);
      return canvas.toDataURL('image/png');
    })()`);
    return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  }

  /** Chromium prints the SVG: fonts are embedded and subset, contours stay vectors. */
  private async pdf(figure: PlotlyFigure, dpi: number): Promise<Uint8Array> {
    const { width, height } = sizeOf(figure);
    const style = '@page{margin:0}body{margin:0}svg{display:block}';
    const title = hasSurfaces(figure) ? bitmapStatement(densityFor(figure, dpi) * CSS_DPI) : '';
    const html = `<!doctype html><title>${title}</title><style>${style}</style>${await this.svg(figure, dpi)}`;
    const pdf = await this.canvas.print(html, width, height);
    const points = (length: number) => (length * 72) / CSS_DPI;
    return setPageBox(pdf, points(width), points(height));
  }
}

/** The file that a window asks for; `use` lends a drawer to the formats that need one. */
export async function drawFile(
  { figure, format, dpi, recipe }: DrawRequest,
  use: (work: (drawer: Drawer) => Promise<Uint8Array>) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if (format === 'html') return Buffer.from(toHtml(withRecipe(figure, recipe), 'Isocurve'));
  return use((drawer) => drawer.render(figure, format, { dpi, recipe }));
}
