/** Finds a browser that can draw without a window. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Fault } from '../../shared/fault';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'chrome.exe',
  'msedge.exe',
];

const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

export interface Browser {
  readonly path: string;
  readonly args: readonly string[];
}

/** WebGL by the CPU where there is no card; a sandbox needs a user other than root. */
const ARGS = [
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** The browser inside the npm package, for machines without one (Linux x64). */
async function packagedBrowser(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    return await chromium.executablePath();
  } catch {
    return null; // a development dependency: an installed Isocurve may come without it
  }
}

/**
 * ISOCURVE_BROWSER, else an installed Chromium, Chrome or Edge, else the packaged one.
 * @throws Fault 'no-browser' that says what to install
 */
export async function findBrowser(): Promise<Browser> {
  const asked = process.env['ISOCURVE_BROWSER'];
  if (asked !== undefined && !existsSync(asked)) {
    throw new Fault('no-browser', `ISOCURVE_BROWSER names ${asked}, which does not exist`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const installed = [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...PLACES,
  ];
  const path = asked ?? installed.find((place) => existsSync(place)) ?? (await packagedBrowser());
  if (path === null) {
    throw new Fault(
      'no-browser',
      'no browser can draw the figures; install Chromium, Chrome or Edge (Debian: apt install chromium), or name one in ISOCURVE_BROWSER',
    );
  }
  return { path, args: ARGS };
}
