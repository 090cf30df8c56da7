/** How a browser is brought to the app: nobody else on the machine sees the token. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { writeRedirect } from '../../main/cli/commands/open-browser';
import { findBrowser } from '../../main/host/browser';
import { ask, get, startServed, statusOf, type Served } from '../support/served';

process.env['ISOCURVE_CACHE'] = mkdtempSync(join(tmpdir(), 'isocurve-cache-'));

const running: Served[] = [];
afterEach(async () => {
  for (const served of running.splice(0)) await served.stop();
});

/** `serve --open` where the program that opens things writes down what it was started with. */
async function serveOpening(): Promise<{ served: Served; opened: () => string }> {
  const folder = mkdtempSync(join(tmpdir(), 'isocurve-opener-'));
  const list = join(folder, 'opened');
  for (const name of ['xdg-open', 'open']) {
    writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\n' "$@" > '${list}'\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const path = `${folder}${delimiter}${process.env['PATH']}`;
  const served = await startServed({ flags: ['--open'], env: { PATH: path, DISPLAY: ':0' } });
  running.push(served);
  await expect
    .poll(() => existsSync(list) && readFileSync(list, 'utf8'), { timeout: 60_000 })
    .toMatch(/\n$/);
  return { served, opened: () => readFileSync(list, 'utf8').trim() };
}

test.skipIf(process.platform === 'win32')(
  'what opens the browser is given a file that its owner alone can read, and no token',
  async () => {
    const { served, opened } = await serveOpening();
    expect(opened()).toMatch(/^file:\/\/\/.*\.html$/);
    expect(opened()).not.toContain(served.token);
    const path = fileURLToPath(opened());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const page = readFileSync(path, 'utf8');
    const [, led] = /content="0;url=([^"]+)"/.exec(page)!;
    const address = new URL(led.replaceAll('&amp;', '&'));
    expect(address.searchParams.get('token')).toBe(served.token);

    // Who comes by it is let in and led on by a page of the server's own; then the file is gone.
    const answer = await ask(served.port, get(`${address.pathname}${address.search}`, served.port));
    expect(statusOf(answer)).toBe(200);
    expect(answer).toMatch(/Set-Cookie: isocurve-\d+=[0-9a-f]{48}; HttpOnly; SameSite=Strict/);
    expect(answer).toContain('content="0;url=/"');
    expect(answer).toMatch(/Cache-Control: no-store/);
    expect(existsSync(path)).toBe(false);
  },
);

test.skipIf(process.platform === 'win32')('the file is gone when the server is', async () => {
  const { served, opened } = await serveOpening();
  const path = fileURLToPath(opened());
  expect(existsSync(path)).toBe(true);
  await served.stop();
  expect(existsSync(path)).toBe(false);
});

test('files of servers that died are removed by the next', () => {
  const first = writeRedirect('http://127.0.0.1:1/?token=1', tmpdir());
  const second = writeRedirect('http://127.0.0.1:1/?token=2', tmpdir());
  expect(existsSync(first.path)).toBe(false);
  expect(readdirSync(join(second.path, '..')).filter((name) => name.includes('open'))).toHaveLength(
    1,
  );
  second.remove();
  expect(existsSync(second.path)).toBe(false);
});

test.skipIf(process.platform !== 'linux')(
  'on Linux the file lies in a workspace of the open home, where packed browsers can read it',
  () => {
    const home = mkdtempSync(join(tmpdir(), 'isocurve-home-'));
    const before = process.env['HOME'];
    process.env['HOME'] = home;
    try {
      for (const [workspace, isThere] of [
        ['studies', true],
        ['.hidden/studies', false],
        ['../studies', false],
      ] as const) {
        const folder = join(home, workspace);
        mkdirSync(folder, { recursive: true });
        const { path, remove } = writeRedirect('http://127.0.0.1:1/?token=1', folder);
        expect(path.startsWith(`${folder}/`)).toBe(isThere);
        remove();
      }
    } finally {
      process.env['HOME'] = before;
    }
  },
);

test('a browser gets from the file into the app, and the token is not in its address', async () => {
  const served = await startServed();
  running.push(served);
  const address = `http://127.0.0.1:${served.port}/?token=${served.token}`;
  const { path } = writeRedirect(address, served.workspace);
  const { path: executablePath, args } = await findBrowser();
  const browser = await chromium.launch({ executablePath, args: [...args] });
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(path).href);
    await page.waitForURL(`http://127.0.0.1:${served.port}/`, { timeout: 90_000 });
    await page.getByText('No study yet').waitFor({ timeout: 90_000 });
    expect(page.url()).not.toContain('token');
  } finally {
    await browser.close();
  }
});

test('an address that a browser was given by hand leads on at once, and is not kept', async () => {
  const served = await startServed();
  running.push(served);
  const { port, token } = served;
  const answer = await ask(port, get(`/?token=${token}`, port));
  expect(statusOf(answer)).toBe(303);
  expect(answer).toMatch(/Cache-Control: no-store/);
  const linked = await ask(port, get(`/?token=${token}`, port, 'Sec-Fetch-Site: cross-site\r\n'));
  expect(statusOf(linked)).toBe(200);
});
