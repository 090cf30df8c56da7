/**
 * Draws Plotly figures to files in a headless browser: SVG and PDF (vector), PNG, self-contained
 * HTML, JSON.
 */

import { readFileSync, writeFileSync, mkdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { chromium, type Browser as Session, type Page } from 'playwright-core';
import { Fault } from '../../shared/fault';
import type { PlotlyFigure } from '../../shared/figure/plotly';
import { findBrowser } from './browser';

const require = createRequire(import.meta.url);

export const formats = ['json', 'html', 'svg', 'png', 'pdf'] as const;
export type Format = (typeof formats)[number];
export type DrawnFormat = Exclude<Format, 'json' | 'html'>;

/** Dots per inch of PNG files. */
const DPI = 300;
const CSS_DPI = 96;

const plotlyPath = (): string => require.resolve('plotly.js-dist-min');

const config = { displaylogo: false, responsive: false };

/** JSON inside a script element must not end it. */
const embed = (figure: PlotlyFigure) => JSON.stringify(figure).replaceAll('<', '\\u003c');

/** A page that needs nothing but itself. */
export function toHtml(figure: PlotlyFigure, title: string): string {
  const plotly = readFileSync(plotlyPath(), 'utf8').replaceAll('</script', '<\\/script');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<script>${plotly}</script></head>
<body style="margin:0;background:#fff"><div id="figure"></div>
<script>
const figure = ${embed(figure)};
Plotly.newPlot('figure', figure.data, figure.layout, ${JSON.stringify(config)});
</script></body></html>
`;
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, content);
  renameSync(`${path}.tmp`, path);
}

/** One browser for any number of drawings. */
export class Drawer {
  private constructor(
    private readonly session: Session,
    private readonly page: Page,
  ) {}

  /** @throws Fault 'no-browser' */
  static async open(): Promise<Drawer> {
    const { path, args } = await findBrowser();
    try {
      const session = await chromium.launch({ executablePath: path, args: [...args] });
      const page = await session.newPage();
      await page.setContent('<!doctype html><body style="margin:0"></body>');
      await page.addScriptTag({ path: plotlyPath() });
      return new Drawer(session, page);
    } catch (error) {
      const reason = (error as Error).message.split('\n')[0];
      throw new Fault(
        'no-browser',
        `${path} will not draw (${reason}); install Chromium (Debian: apt install chromium) or name another browser in ISOCURVE_BROWSER`,
      );
    }
  }

  /** The formats that need no browser. */
  static writePlain(figure: PlotlyFigure, path: string, format: 'json' | 'html'): void {
    write(path, format === 'json' ? `${JSON.stringify(figure)}\n` : toHtml(figure, 'Isocurve'));
  }

  /**
   * Writes `figure` to `path` in `format`. Sizes are those of its layout, in CSS pixels of 1/96
   * inch.
   */
  async draw(figure: PlotlyFigure, path: string, format: DrawnFormat): Promise<void> {
    switch (format) {
      case 'svg':
        return write(path, await this.svg(figure));
      case 'png': {
        const url = await this.export(figure, 'png', DPI / CSS_DPI);
        return write(path, Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
      }
      case 'pdf':
        return write(path, await this.pdf(figure));
      default:
        return format satisfies never;
    }
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  private export(figure: PlotlyFigure, format: 'svg' | 'png', scale: number): Promise<string> {
    const { width, height } = figure.layout as { width: number; height: number };
    const options = { format, scale, width, height: Math.round(height) };
    // Plotly names clip paths by chance; the same figure is to give the same bytes.
    const reseed =
      '{ let seed = 1; Math.random = () => (seed = (seed * 16807) % 2147483647) / 2147483647; }';
    // As text: typed arguments would be walked through by Playwright, number by number.
    return this.page.evaluate<string>(
      `${reseed} Plotly.toImage(${embed(figure)}, ${JSON.stringify(options)})`,
    );
  }

  private async svg(figure: PlotlyFigure): Promise<string> {
    const url = await this.export(figure, 'svg', 1);
    return decodeURIComponent(url.slice(url.indexOf(',') + 1));
  }

  /** Chromium prints the SVG: fonts are embedded and subset, contours stay vectors. */
  private async pdf(figure: PlotlyFigure): Promise<Buffer> {
    const { width, height } = figure.layout as { width: number; height: number };
    const page = await this.session.newPage();
    try {
      await page.setContent(
        `<!doctype html><style>@page{margin:0}body{margin:0}svg{display:block}</style>${await this.svg(figure)}`,
      );
      return await page.pdf({
        width: `${width}px`,
        height: `${Math.ceil(height)}px`,
        printBackground: true,
        pageRanges: '1',
      });
    } finally {
      await page.close();
    }
  }
}
