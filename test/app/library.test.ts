/** A library of many studies in a real browser: what is drawn, and what is not drawn again. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeStudies } from '../support/many-studies';
import { audit, openStage, shoot, startServer, type Server, type Stage } from './stage';

const STUDIES = 300;
const workspace = mkdtempSync(join(tmpdir(), 'isocurve-many-'));
let server: Server;
let stage: Stage;

const rows = (page: Page) => page.getByRole('list', { name: 'Studies' }).getByRole('listitem');

beforeAll(async () => {
  writeStudies(workspace, STUDIES);
  server = await startServer(workspace);
  stage = await openStage(server);
  stage.page.setDefaultTimeout(110_000);
  await rows(stage.page).first().waitFor();
});

afterAll(async () => {
  await stage.browser.close();
  await server.stop();
});

test('rows out of sight are not drawn, and are counted', async () => {
  const { page } = stage;
  expect(await rows(page).count()).toBeLessThan(60);
  expect(await rows(page).first().getAttribute('aria-setsize')).toBe(`${STUDIES}`);
  await shoot(page, 'library-many');
  await audit(page, 'a library of many studies');
});

test('scrolling goes down to the last study and back, and the focus stays', async () => {
  const { page } = stage;
  const details = rows(page).first().getByRole('button', { name: 'Details' });
  await details.focus();
  const last = page.locator(`li[aria-posinset="${STUDIES}"]`);
  const scroll = (to: string) => page.evaluate(`document.querySelector('.list').scrollTop = ${to}`);
  // Heights become known on the way, so the end may move once.
  await expect
    .poll(async () => (await scroll('1e9'), last.count()), { timeout: 110_000 })
    .toBeGreaterThan(0);
  expect(await rows(page).count()).toBeLessThan(60);
  await shoot(page, 'library-many-end');
  expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Details');
  await scroll('0');
  await details.click();
  await page.getByRole('complementary', { name: 'Details' }).waitFor();
});

test('a note on one study draws no picture of the others anew', async () => {
  const { page } = stage;
  await page.evaluate(
    `document.querySelectorAll('.list canvas').forEach((canvas) => (canvas.dataset.mark = 'old'))`,
  );
  await page.getByLabel('Tags, by commas').fill('seen twice');
  await page.getByLabel('Tags, by commas').blur();
  await rows(page).first().getByText('seen twice').waitFor();
  const [all, old] = await page.evaluate<[number, number]>(
    `['.list canvas', '.list canvas[data-mark]'].map((s) => document.querySelectorAll(s).length)`,
  );
  expect(all).toBeGreaterThan(0);
  expect(old).toBe(all);
  expect(stage.complaints).toEqual([]);
});
