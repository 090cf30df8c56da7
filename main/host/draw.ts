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
import { embedInPdf, embedInPng, embedInSvg, setPageBox } from './embed';

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
<script>${plotly}</script></head>
<body style="margin:0;background:#fff"><div id="figure"></div>
<script>
const figure = ${embed(figure)};
Plotly.newPlot('figure', figure.data, figure.layout, ${JSON.stringify(config)});
</script></body></html>
`;
}

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
    await page.setContent('<!doctype html><body style="margin:0"></body>');
    await page.addScriptTag({ path: plotlyPath() });
    return {
      evaluate: (expression) => page.evaluate<string>(expression),
      async print(html, width, height) {
        const sheet = await context.newPage();
        try {
          await sheet.setContent(html);
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
        const svg = await this.svg(figure);
        return Buffer.from(recipe === '' ? svg : embedInSvg(svg, recipe));
      }
      case 'png': {
        const url = await this.export(figure, 'png', dpi / CSS_DPI);
        const png = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
        return recipe === '' ? png : embedInPng(png, recipe);
      }
      case 'pdf': {
        const pdf = await this.pdf(figure);
        return recipe === '' ? pdf : embedInPdf(pdf, recipe);
      }
      default:
        return format satisfies never;
    }
  }

  close(): Promise<void> {
    return this.canvas.close();
  }

  private export(figure: PlotlyFigure, format: 'svg' | 'png', scale: number): Promise<string> {
    const { width, height } = figure.layout as { width: number; height: number };
    const options = { format, scale, width, height: Math.round(height) };
    // Plotly names clip paths by chance; the same figure is to give the same bytes.
    const reseed =
      '{ let seed = 1; Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647; }';
    // As text: typed arguments would be walked through by Playwright, number by number.
    return this.canvas.evaluate(
      `${reseed} Plotly.toImage(${embed(figure)}, ${JSON.stringify(options)})`,
    );
  }

  private async svg(figure: PlotlyFigure): Promise<string> {
    const url = await this.export(figure, 'svg', 1);
    return decodeURIComponent(url.slice(url.indexOf(',') + 1));
  }

  /** Chromium prints the SVG: fonts are embedded and subset, contours stay vectors. */
  private async pdf(figure: PlotlyFigure): Promise<Uint8Array> {
    const { width, height } = figure.layout as { width: number; height: number };
    const style = '@page{margin:0}body{margin:0}svg{display:block}';
    const html = `<!doctype html><style>${style}</style>${await this.svg(figure)}`;
    const pdf = await this.canvas.print(html, width, height);
    const points = (length: number) => (length * 72) / CSS_DPI;
    return setPageBox(pdf, points(width), points(Math.round(height)));
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
