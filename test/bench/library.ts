/**
 * How fast a workspace of 2,000 studies is listed by a real engine, how long other calls wait
 * meanwhile, and how its list scrolls: part of `npm run bench:app`.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startEngine, type Engine } from '../../main/host/engine-process';
import { chooseBackend } from '../../main/native/choose';
import { usersOwn } from '../../main/native/paths';
import type { GuardedPath } from '../../shared/spec/place';
import { writeStudies } from '../support/many-studies';

const STUDIES = 2_000;
/** Milliseconds after which a file system tells a change from the one before by its time. */
const SETTLED = 3_000;
/** Pixels that are scrolled at once, and how often. */
const STEP = 400;
const STEPS = 60;

type Line = (what: string, value: string, target: string) => void;
type Frames = (page: Page, work: () => Promise<void>) => Promise<number[]>;

const ms = (value: number) => `${value.toFixed(0)} ms`;

/** Milliseconds of one listing, and of the slowest of the calls that were made meanwhile. */
async function timeList(engine: Engine, workspace: GuardedPath) {
  const began = performance.now();
  let isListed = false;
  const listed = engine.call('library/list', { workspace }).then(() => {
    isListed = true;
    return performance.now() - began;
  });
  let [worst, calls] = [0, 0];
  for (; !isListed; calls++) {
    const asked = performance.now();
    await engine.call('job/list', {});
    worst = Math.max(worst, performance.now() - asked);
  }
  return { list: await listed, worst, calls };
}

/** Lists `workspace` three times, the last time by an engine that has just started. */
async function benchEngine(workspace: GuardedPath, line: Line): Promise<void> {
  const choice = await chooseBackend();
  const rounds = [
    { what: 'the first time', isFresh: true, target: '' },
    { what: 'the second time', isFresh: false, target: '≤ 500 ms' },
    { what: 'after a new start', isFresh: true, target: '' },
  ];
  let engine: Engine | null = null;
  for (const { what, isFresh, target } of rounds) {
    if (isFresh) await engine?.stop();
    if (isFresh || engine === null) engine = await startEngine(choice);
    const { list, worst, calls } = await timeList(engine, workspace);
    line(`${STUDIES} studies listed ${what}`, ms(list), target);
    line(`slowest of ${calls} other answers meanwhile`, ms(worst), '');
    // What was read is kept for the next start soon after the first answer.
    if (isFresh) await new Promise((resolve) => setTimeout(resolve, SETTLED));
  }
  await engine?.stop();
}

/** Opens the library of `workspace` in a browser and scrolls through it. */
async function benchWindow(
  workspace: GuardedPath,
  page: Page,
  frames: Frames,
  line: Line,
): Promise<void> {
  const child = spawn(process.execPath, ['dist/cli.js', 'serve', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await new Promise<string>((resolve) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      const found = /Isocurve: (\S+)/.exec((text += data.toString()));
      if (found !== null) resolve(found[1]);
    });
  });
  const began = performance.now();
  await page.goto(address);
  await page.locator('[aria-label="Studies"] canvas').first().waitFor({ timeout: 120_000 });
  line(
    `the window's list of ${STUDIES} studies, from its address`,
    ms(performance.now() - began),
    '',
  );
  const drawn = await page.evaluate<number>(`document.querySelectorAll('.list *').length`);
  line('elements of that list', `${drawn}`, '');
  const gaps = await frames(page, async () => {
    for (let i = 1; i <= STEPS; i++) {
      await page.evaluate(`document.querySelector('.list').scrollTop = ${STEP * i}`);
    }
  });
  gaps.sort((a, b) => a - b);
  line(
    'scrolling: 95 % of frames within',
    ms(gaps[Math.floor(0.95 * (gaps.length - 1))]),
    '≤ 50 ms',
  );
  await page.goto('about:blank');
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('exit', resolve));
}

export async function benchLibrary(page: Page, frames: Frames, line: Line): Promise<void> {
  const workspace = usersOwn(mkdtempSync(join(tmpdir(), 'isocurve-many-')));
  writeStudies(workspace, STUDIES);
  await new Promise((resolve) => setTimeout(resolve, SETTLED));
  await benchEngine(workspace, line);
  await benchWindow(workspace, page, frames, line);
  rmSync(workspace, { recursive: true });
}
