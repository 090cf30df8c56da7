/**
 * How fast the app is, in a real browser: `npm run bench:app`. The server, the wire and the
 * interface are the real ones; in the engine's place stands a source of as much data as is asked
 * for.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import * as v from 'valibot';
import { findBrowser } from '../../main/host/browser';
import { SettingsFile } from '../../main/host/settings-file';
import { Provisioner } from '../../main/host/provisioner';
import { Uploads } from '../../main/host/uploads';
import { Accidents } from '../../main/host/accidents';
import type { Host } from '../../main/host/host-calls';
import type { Supervisor } from '../../main/host/supervisor';
import { serveApp } from '../../main/server/serve';
import type { AllEvents } from '../../shared/contract';
import { median } from '../../shared/maths/statistics';
import { Settings } from '../../shared/spec/host';
import type { CellColumns, StudyEvent } from '../../shared/spec/events';
import type { StudySnapshot } from '../../shared/spec/library';
import { checkStudy } from '../../shared/spec/study';
import { emptySurface, type SurfaceHead } from '../../shared/spec/surface';
import { benchLibrary } from './library';

const SIDE = 251;
const VARIANTS = ['a', 'b', 'c', 'd'];
const STEPS = 10_000;
const STREAM_SECONDS = 6;
const POINTS_PER_SECOND = 10_000;
const TICK_MS = 50;

const workspace = mkdtempSync(join(tmpdir(), 'isocurve-bench-'));
process.env['ISOCURVE_CONFIG'] = mkdtempSync(join(tmpdir(), 'isocurve-config-'));

const axis = Array.from({ length: SIDE }, (_, i) => -1 + (2 * i) / (SIDE - 1));
const lossAt = (cell: number, shift: number) => {
  const [x, y] = [axis[cell % SIDE], axis[Math.floor(cell / SIDE)]];
  return 0.1 + (x - 0.1 * shift) ** 2 + y * y + 0.2 * Math.sin(9 * x) ** 2;
};

const file = checkStudy(
  {
    name: 'bench',
    question: 'How fast is the app?',
    base: { model: { depth: 8, width: 2 } },
    variants: VARIANTS.map((name) => ({ name, label: name.toUpperCase() })),
    scans: [
      { name: 'random', directions: { kind: 'random' } },
      { name: 'line', directions: { kind: 'random', axes: 1 } },
      { name: 'principal', directions: { kind: 'principal' } },
    ],
  },
  'bench',
).file;

type Scan = 'random' | 'line' | 'principal';

const headOf = (variant: string, scan: Scan = 'random'): SurfaceHead => ({
  id: `${variant}-s1.${scan}`,
  run: `${variant}-s1`,
  variant,
  seed: 1,
  scan,
  kind: scan === 'line' ? 'random' : scan,
  directionSeed: scan === 'principal' ? null : 1,
  x: axis,
  y: scan === 'line' ? null : axis,
  split: 'train',
  images: 128,
  bn: 'frozen',
});

/** A surface of `scan`; one that `isFull` is measured everywhere. */
function surfaceOf(variant: string, k: number, scan: Scan, isFull: boolean) {
  const head = headOf(variant, scan);
  const surface = emptySurface(head.x, head.y);
  if (isFull) surface.measured.fill(1);
  if (isFull) surface.losses.forEach((_, cell) => (surface.losses[cell] = lossAt(cell, k)));
  return { head, result: null, surface };
}

/** Surfaces of `scans`, the last random one still empty unless there are more; 10,000 steps. */
function snapshot(scans: readonly Scan[]): StudySnapshot {
  const column = (make: (i: number) => number) =>
    Float64Array.from({ length: STEPS }, (_, i) => make(i));
  return {
    folder: join(workspace, 'bench'),
    file,
    note: '',
    tags: [],
    results: null,
    sittings: [],
    datasetHash: null,
    classes: 10,
    runs: VARIANTS.map((variant, k) => ({
      id: `${variant}-s1`,
      variant,
      seed: 1,
      result: null,
      path: null,
      epochs: [],
      missed: [],
      steps: {
        step: column((i) => i),
        loss: column((i) => (2 + 0.3 * Math.sin(i * (k + 1))) * Math.exp(-i / 3000)),
        rate: column(() => 0.1),
        gradientNorm: column(() => 1),
        weightNorm: column(() => 10),
      },
    })),
    surfaces: scans.flatMap((scan) =>
      VARIANTS.map((variant, k) =>
        surfaceOf(variant, k, scan, scans.length > 1 || k < VARIANTS.length - 1),
      ),
    ),
  };
}

/** Stands in the engine's place: answers what a window asks, and tells what the bench wants. */
class Source {
  readonly state = { state: 'ready', deaths: 0 } as const;
  readonly busy = false;
  scans: readonly Scan[] = ['random'];
  private listeners = new Set<(name: keyof AllEvents, data: unknown) => void>();

  async call(name: string): Promise<unknown> {
    if (name === 'study/open') return snapshot(this.scans);
    if (name === 'study/presets') return [file];
    if (name !== 'engine/info') return [];
    const backend = { tier: 'bench', version: '1', device: 'cpu', reason: null };
    return { version: '0', node: process.versions.node, backend };
  }

  listen(listener: (name: keyof AllEvents, data: unknown) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  tell(event: StudyEvent): void {
    const data = { job: 'bench', folder: join(workspace, 'bench'), event };
    for (const listener of this.listeners) listener('study/event', data);
  }
}

const cells = (from: number, to: number, shift: number): CellColumns => ({
  cell: Uint32Array.from({ length: to - from }, (_, i) => from + i),
  loss: Float64Array.from({ length: to - from }, (_, i) => lossAt(from + i, shift)),
  accuracy: new Float64Array(to - from).fill(0.9),
  standardError: new Float64Array(to - from).fill(0.01),
});

/** Gaps between frames in the page, milliseconds, while `work` goes on. */
async function frames(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(`{
    window.gaps = [];
    let last = performance.now();
    const next = (now) => { window.gaps.push(now - last); last = now; window.frame = requestAnimationFrame(next); };
    window.frame = requestAnimationFrame(next);
  }`);
  await work();
  return page.evaluate<number[]>('cancelAnimationFrame(window.frame), window.gaps.slice(1)');
}

const quantile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];

/** Milliseconds from pressing `name` until every chart of the page shows traces of `type`. */
const switchTime = (page: Page, name: string, type: string) =>
  page.evaluate<number>(`new Promise((resolve) => {
    const began = performance.now();
    [...document.querySelectorAll('button')].find((b) => b.textContent.trim() === '${name}').click();
    const look = () => {
      const plots = [...document.querySelectorAll('.plot')].filter((p) => p.checkVisibility({ visibilityProperty: true }));
      const done = plots.length > 0 && plots.every((p) => p.data?.[0]?.type === '${type}' && p.querySelector('.plot-container'));
      if (done) resolve(performance.now() - began); else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })`);

async function startTime(page: Page): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, ['dist/cli.js', 'serve', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await new Promise<string>((resolve) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      const found = /Isocurve: (\S+)/.exec(text);
      if (found !== null) resolve(found[1]);
    });
  });
  await page.goto(address);
  await page.getByRole('button', { name: 'New study' }).waitFor();
  const taken = performance.now() - began;
  await page.goto('about:blank');
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('exit', resolve));
  return taken;
}

const line = (what: string, value: string, target: string) =>
  process.stdout.write(`${what.padEnd(58)} ${value.padStart(10)}   ${target}\n`);
const ms = (value: number) => `${value.toFixed(0)} ms`;

const { path, args } = await findBrowser();
const browser = await chromium.launch({ executablePath: path, args: [...args] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
process.stdout.write(`${cpus().length} × ${cpus()[0].model}, ${browser.version()}\n`);

const starts: number[] = [];
for (let i = 0; i < 3; i++) starts.push(await startTime(page));
line('from the command to an interactive page', ms(median(starts)), '≤ 2000 ms');

const source = new Source();
const host: Host = {
  info: { kind: 'server', version: '0', platform: process.platform, workspace, dialogs: false },
  supervisor: source as unknown as Supervisor,
  settings: new SettingsFile(),
  provisioner: new Provisioner(async () => undefined),
  uploads: new Uploads(),
  accidents: new Accidents(),
  draw: async () => new Uint8Array(),
  save: async () => null,
  roots: [],
  spawn: () => {
    throw new Error('the bench reads no files');
  },
};
host.settings.write(v.parse(Settings, {}));
const serving = await serveApp(host, { port: 0 });
await page.goto(serving.address);
await page.getByText('No study yet').waitFor();
const weight = await page.evaluate<number>(
  "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, entry) => sum + entry.encodedBodySize, 0)",
);
line('first page, compressed, before Plotly', `${(weight / 1000).toFixed(0)} kB`, '≤ 400 kB');

const hash = `#/study/${encodeURIComponent(join(workspace, 'bench'))}`;
await page.goto(`http://127.0.0.1:${serving.port}/${hash}/watch`);
await page.locator('.plot .main-svg').first().waitFor({ timeout: 60_000 });
await page.waitForTimeout(2000);

const last = VARIANTS.length - 1;
source.tell({ kind: 'grid', head: headOf(VARIANTS[last]) });
const began = performance.now();
source.tell({
  kind: 'cells',
  surface: headOf(VARIANTS[last]).id,
  cells: cells(0, SIDE * SIDE, last),
});
await page.evaluate(`new Promise((resolve) => {
  const look = () => {
    const drawn = document.querySelector('[aria-label^="Loss surface of D, 100 %"] .heatmaplayer image');
    if (drawn !== null) resolve(); else requestAnimationFrame(look);
  };
  look();
})`);
line(
  `a ${SIDE}×${SIDE} surface, from its data to the screen`,
  ms(performance.now() - began),
  '≤ 300 ms',
);

const redraws = await page.evaluate<number>(`window.redraws = 0,
  document.querySelectorAll('.plot').forEach((p) => p.on('plotly_afterplot', () => window.redraws++)), 0`);
const gaps = await frames(page, async () => {
  for (let tick = 0; tick < (STREAM_SECONDS * 1000) / TICK_MS; tick++) {
    const count = (POINTS_PER_SECOND * TICK_MS) / 1000;
    const from = (tick * count) % (SIDE * SIDE - count);
    source.tell({
      kind: 'cells',
      surface: headOf('a').id,
      cells: cells(from, from + count, tick % 5),
    });
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
});
const charts = await page.evaluate<number>("document.querySelectorAll('.plot').length");
const drawn = await page.evaluate<number>('window.redraws');
line('10,000 points a second: 95 % of frames within', ms(quantile(gaps, 0.95)), '≤ 50 ms');
line(
  'redraws per chart and second while streaming',
  ((drawn - redraws) / charts / STREAM_SECONDS).toFixed(1),
  '≤ 10',
);

const curve = await frames(page, async () => {
  for (let step = STEPS; step < STEPS + 30; step++) {
    const metrics = { step, loss: 0.1, rate: 0.1, gradientNorm: 1, weightNorm: 10 };
    source.tell({ kind: 'steps', run: 'a-s1', steps: [metrics] });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
line(
  'four curves of 10,000 points growing: 95 % of frames within',
  ms(quantile(curve, 0.95)),
  '≤ 50 ms',
);

source.scans = ['random', 'line', 'principal'];
await page.goto('about:blank');
await page.goto(`http://127.0.0.1:${serving.port}/${hash}/compare`);
await page.locator('.plot .main-svg').first().waitFor();
await page.waitForTimeout(8000);
for (const [name, type] of [
  ['Cells', 'heatmap'],
  ['Profiles', 'scatter'],
  ['Contours', 'contour'],
  ['Trajectories', 'contour'],
] as const) {
  const what = `between views of four ${SIDE}×${SIDE} surfaces: ${name}`;
  line(what, ms(await switchTime(page, name, type)), '≤ 100 ms');
  await page.waitForTimeout(1500);
}

await benchLibrary(page, frames, line);
await browser.close();
await serving.close();
