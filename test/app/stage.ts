/**
 * What the journeys are played on: the built app, a real engine, a real browser, a fresh folder.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from 'playwright-core';
import { expect } from 'vitest';
import { findBrowser } from '../../main/host/browser';
import type { Hold } from '../support/hold/hold';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const SCREENS = mkdtempSync(join(tmpdir(), 'isocurve-screens-'));
const DOCS = join('docs', 'screens');

/** Names of the pictures that a page of the docs shows. */
const SHOWN = new Set(
  ['README.md', ...readdirSync('docs').filter((name) => name.endsWith('.md'))]
    .map((name) => readFileSync(name === 'README.md' ? name : join('docs', name), 'utf8'))
    .flatMap((page) => [...page.matchAll(/screens\/([a-z0-9-]+)\.png/g)].map(([, name]) => name)),
);

/** Where a picture goes: into the docs when they are made anew and show it. */
function placeOf(name: string): string {
  const isDoc = process.env['ISOCURVE_SCREENS'] !== undefined && SHOWN.has(name);
  return join(isDoc ? DOCS : SCREENS, `${name}.png`);
}

/** Milliseconds that a state of the page may take to come: only what never comes takes as long. */
export const PATIENCE = 5 * 60_000;

export interface Server {
  readonly address: string;
  readonly process: ChildProcess;
  stop(): Promise<number | null>;
}

/**
 * Starts `isocurve serve` on `workspace` and waits for the address it prints. `hold` may stop the
 * work of its engines.
 */
export async function startServer(workspace: string, hold: Hold | null = null): Promise<Server> {
  const settings = mkdtempSync(join(tmpdir(), 'isocurve-config-'));
  const child = spawn(process.execPath, ['dist/cli.js', 'serve', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ISOCURVE_CONFIG: settings, ...hold?.env },
  });
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      const found = /Isocurve: (\S+)/.exec(text);
      if (found !== null) resolve(found[1]);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  return {
    address,
    process: child,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve(child.exitCode);
        child.once('exit', resolve);
        child.kill('SIGINT');
      }),
  };
}

export interface Stage {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained of: nothing is expected. */
  readonly complaints: string[];
}

/** Opens the app of `server` in a window of 1440 × 900. */
export async function openStage(server: Server): Promise<Stage> {
  const { path, args } = await findBrowser();
  const browser = await chromium.launch({ executablePath: path, args: [...args] });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  context.setDefaultTimeout(PATIENCE);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(server.address);
  return { browser, context, page, complaints };
}

/** Presses Tab until `target` has the focus: what cannot be reached so is a failure. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor();
  for (let i = 0; i < 150; i++) {
    const reached = await target.first().evaluate((element) => element.matches(':focus'));
    if (reached) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${target}`);
}

/** Reaches `target` by keyboard and presses it. */
export async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Reaches a field by keyboard and writes into it. */
export async function write(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/**
 * Waits until the screen is what it will be: fonts are there, nothing moves, nothing is being drawn
 * or read, and what was decided last has been painted.
 */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(`(async () => {
    const paint = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await document.fonts.ready;
    await paint();
    await paint();
    const moves = document.getAnimations().some(
      ({ playState, effect }) =>
        playState === 'running' && effect?.getComputedTiming().endTime !== Infinity,
    );
    return !moves && document.querySelector('[aria-busy="true"]') === null;
  })()`);
}

/** Asserts that axe finds nothing serious or critical on the screen. */
export async function audit(page: Page, screen: string): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate<Violation[]>(
    'axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations)',
  );
  const serious = found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${screen}: ${id} ${nodes[0].html.slice(0, 160)}`);
  expect(serious).toEqual([]);
}

/** Takes a picture of the window in the theme it has. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: placeOf(name) });
}

/** Pictures and audits the screen in light and dark, and comes back to light. */
export async function inBothThemes(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await setTheme(page, theme);
    await shoot(page, `${name}-${theme}`);
    await audit(page, `${name} in ${theme}`);
  }
  await setTheme(page, 'light');
}

export async function setTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  // The system's own theme is light here: there are three, of which two look alike.
  for (let i = 0; i < 3; i++) {
    const now = await page.evaluate<string>('document.documentElement.dataset.theme');
    if (now === theme) break;
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('t');
    await settle(page);
  }
  await settle(page);
}

/** Waits until every chart on the screen has been drawn. */
export async function charts(page: Page, count: number): Promise<void> {
  await expect
    .poll(() => page.locator('.plot .main-svg:visible, .plot canvas:visible').count())
    .toBeGreaterThanOrEqual(count);
  await settle(page);
}
