/** What goes wrong under the app: nothing crashes, each says one sentence, nothing is lost. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ENDLESS_STUDY } from '../support/endless-study';
import { Hold } from '../support/hold/hold';
import { SMALL_STUDY } from '../support/small-study';
import { until } from '../support/until';
import {
  audit,
  openStage,
  press,
  setTheme,
  shoot,
  startServer,
  type Server,
  type Stage,
} from './stage';

let workspace: string;
let server: Server;
let stage: Stage;
let page: Page;

let hold: Hold;

/** A workspace that holds the small study, not yet run. */
beforeEach(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'isocurve-workspace-'));
  hold = new Hold();
  await begin(workspace);
});

function plan(folder: string, study: object): void {
  mkdirSync(join(folder, 'small'), { recursive: true });
  writeFileSync(join(folder, 'small', 'study.json'), JSON.stringify(study));
}

async function begin(folder: string): Promise<void> {
  plan(folder, SMALL_STUDY);
  server = await startServer(folder, hold);
  stage = await openStage(server);
  page = stage.page;
  await page.locator('button.title').first().waitFor();
}

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await shoot(page, 'failed');
  await stage.browser.close();
  await server.stop();
});

/** Processes that the server has forked: the engine. Read where Linux lists them. */
const engines = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // The parent is the second field after the name, which stands in parentheses.
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(parent) === server.process.pid && state !== 'Z';
      } catch {
        return false; // it has ended meanwhile
      }
    });

/** Kills the engine and waits until there is another, or none where none is to come. */
async function killEngine(isLast = false): Promise<void> {
  await until('an engine runs', () => engines().length === 1);
  const [pid] = engines();
  process.kill(pid, 'SIGKILL');
  await until('its death is known', () => {
    const now = engines();
    return isLast ? now.length === 0 : now.length === 1 && now[0] !== pid;
  });
}

const isComplete = (folder: string): boolean => {
  const path = join(folder, 'small', 'results.json');
  return existsSync(path) && /"complete": true/.test(readFileSync(path, 'utf8'));
};

const alert = (text: RegExp) => page.getByRole('alert').filter({ hasText: text });

async function openStudy(): Promise<void> {
  await page.locator('button.title').first().click();
  await page.getByRole('button', { name: 'Watch' }).waitFor();
}

describe.skipIf(process.platform !== 'linux')('an engine that dies', () => {
  test('over a running study is said, and the study goes on where it was', async () => {
    await openStudy();
    await page.keyboard.press('2');
    hold.at('steps');
    await press(page, page.getByRole('button', { name: 'Run', exact: true }));
    await page.getByText(/Training loss at the last step/).waitFor();
    await killEngine();
    await alert(/the engine ended.*nothing is lost/i).waitFor();
    await page.getByText('Everything measured is on disk').waitFor();
    // Before the disk was read again, too.
    expect(await page.getByRole('button', { name: 'Run', exact: true }).count()).toBe(0);
    await press(page, page.getByRole('button', { name: 'Resume' }));
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    hold.letGo();
    await page.getByText('nothing is running').waitFor();
    await page.keyboard.press('3');
    await page.getByRole('heading', { name: 'Numbers' }).waitFor();

    // Over every other journey: the next press finds a new engine.
    await killEngine();
    await page.keyboard.press('4');
    await page.getByRole('button', { name: /^Export/ }).waitFor();
    await page.keyboard.press('3');
    await page.getByRole('button', { name: 'Open centre' }).first().click();
    await page.getByText('Highest losses').waitFor();
    await page.keyboard.press('n');
    await page
      .getByText(/weights, .* per image/)
      .first()
      .waitFor();
  });

  test('three times is left down and can be restarted on the system page', async () => {
    // An engine that dies while it starts has died.
    for (const death of [1, 2, 3]) await killEngine(death === 3);
    await alert(/died 3 times in a minute/).waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    expect(await page.getByText(/resume/i).count()).toBe(0);
    await page.keyboard.press('s');
    await press(page, page.getByRole('button', { name: 'Restart the engine' }));
    await page.getByText('two runs agree bit for bit').waitFor();
  });
});

test('a workspace that is moved away is empty, its open study says where it was, and comes back', async () => {
  await openStudy();
  renameSync(workspace, `${workspace}-moved`);
  await press(page, page.getByRole('button', { name: 'Run', exact: true }));
  await alert(/is not the folder of a study/).waitFor();
  await page.keyboard.press('l');
  await page.getByText('No study yet').waitFor();
  renameSync(`${workspace}-moved`, workspace);
  await page.reload();
  await page.locator('button.title').first().waitFor();
});

test('a study that is gone cannot be opened, and the way back is there', async () => {
  rmSync(join(workspace, 'small'), { recursive: true });
  await page.locator('button.title').first().click();
  await page.getByText('This study cannot be opened').waitFor();
  await press(page, page.getByRole('button', { name: 'To the library' }));
  await page.getByText('No study yet').waitFor();
});

test('two windows watch one study, and both may pause it', async () => {
  plan(workspace, ENDLESS_STUDY);
  await openStudy();
  const second = await stage.context.newPage();
  await second.goto(page.url());
  await second.getByRole('button', { name: 'Run', exact: true }).waitFor();
  await press(page, page.getByRole('button', { name: 'Run', exact: true }));
  await second.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  await page.getByRole('button', { name: 'Go on' }).click();
  await second.getByRole('button', { name: 'Pause' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await second.getByText('nothing is running').waitFor();
});

test('a second server on the same study is told who works on it', async () => {
  plan(workspace, ENDLESS_STUDY);
  await openStudy();
  await press(page, page.getByRole('button', { name: 'Run', exact: true }));
  await page.getByRole('button', { name: 'Pause' }).click();
  const other = await startServer(workspace);
  const window = await openStage(other);
  try {
    await window.page.locator('button.title').first().click();
    await window.page
      .getByRole('button', { name: /^(Run|Resume)$/ })
      .first()
      .click();
    await window.page
      .getByRole('alert')
      .filter({ hasText: /is at work on/ })
      .waitFor();
  } finally {
    await window.browser.close();
    await other.stop();
  }
});

test('a server that goes is said, and everything is there when it comes back', async () => {
  await openStudy();
  hold.at('steps');
  await press(page, page.getByRole('button', { name: 'Run', exact: true }));
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  // Closing with a job running leaves it resumable.
  expect(await server.stop()).toBe(0);
  await page.getByText(/no connection/).waitFor();
  server = await startServer(workspace, hold);
  await page.goto(server.address);
  await page.locator('button.title').first().waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  hold.letGo();
  await page.getByText('nothing is running').waitFor();
  expect(isComplete(workspace)).toBe(true);
});

test('a damaged file is named with what to do about it, and that mends the study', async () => {
  await openStudy();
  await press(page, page.getByRole('button', { name: 'Run', exact: true }));
  await until('the study is complete', () => isComplete(workspace));
  await page.getByText('nothing is running').waitFor();
  const of = (path: string) => join(workspace, 'small', path);
  truncateSync(of('surfaces/skip-s1.path/surface.h5'), 500);
  rmSync(of('runs/plain-s1/path.json'));
  writeFileSync(of('notes.txt'), 'mine');

  const dialog = page.getByRole('dialog', { name: 'Files of small' });
  // Keys are the dialog's own while it is shown.
  for (const theme of ['dark', 'light'] as const) {
    await page.keyboard.press('Escape');
    await setTheme(page, theme);
    await page.keyboard.press('v');
    await dialog.getByText(/^2 of \d+ files are not as written/).waitFor();
    await dialog.getByText(/surface.h5 is cut: 500 of/).waitFor();
    await dialog.getByText(/^Delete only this file, and resuming the study/).waitFor();
    await shoot(page, `verify-damaged-${theme}`);
    await audit(page, `verify in ${theme}`);
  }
  // What was not done about is refused, by name.
  await press(page, dialog.getByRole('button', { name: 'Resume the study' }));
  await alert(/surface.h5 is cut: 500 of .*delete only this file/).waitFor();
  rmSync(of('surfaces/skip-s1.path/surface.h5'));
  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect.poll(() => existsSync(of('surfaces/skip-s1.path/surface.h5'))).toBe(true);
  await page.getByText('nothing is running').waitFor();

  await page.keyboard.press('l');
  await press(page, page.getByRole('button', { name: 'Details' }).first());
  await press(page, page.getByRole('button', { name: 'Verify the files' }));
  await dialog.getByText(/^All \d+ files are as they were written/).waitFor();
  await shoot(page, 'verify-light');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

/** A file system of one megabyte needs the right to mount one. */
const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'true']).status === 0;

test.skipIf(!canMount)(
  'a full disk ends the study with a sentence, and it goes on when there is room (needs root)',
  async () => {
    await stage.browser.close();
    await server.stop();
    const small = mkdtempSync(join(tmpdir(), 'isocurve-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', small]);
    try {
      await begin(small);
      await openStudy();
      await press(page, page.getByRole('button', { name: 'Run', exact: true }));
      await alert(/the disk is full/).waitFor();
      await page.getByText('Free some space, then resume').waitFor();
      execFileSync('mount', ['-o', 'remount,size=64m', small]);
      await press(page, page.getByRole('button', { name: 'Resume' }));
      await until('the study is complete', () => isComplete(small));
    } finally {
      await stage.browser.close();
      await server.stop();
      execFileSync('umount', ['-l', small]);
      await begin(workspace);
    }
  },
);
