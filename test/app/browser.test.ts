/** The journeys in a real browser, against the real server and the real engine, in one story. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, bringIn, compare, lookCloser, takeHome, watch } from './journeys';
import { manage } from './keeping';
import { Hold } from '../support/hold/hold';
import {
  audit,
  charts,
  openStage,
  settle,
  shoot,
  startServer,
  type Server,
  type Stage,
} from './stage';

const hold = new Hold();
let server: Server;
let stage: Stage;

beforeAll(async () => {
  server = await startServer(mkdtempSync(join(tmpdir(), 'isocurve-workspace-')), hold);
  stage = await openStage(server);
});

afterAll(async () => {
  await stage?.browser.close();
  await server?.stop();
});

const LONG = 30 * 60_000;

/** A journey; when it fails, a picture of the window says where. */
const journey = (title: string, play: (page: Stage['page'], hold: Hold) => Promise<void>) =>
  test(
    title,
    async () => {
      try {
        await play(stage.page, hold);
      } catch (error) {
        await shoot(stage.page, 'failed');
        throw error;
      }
    },
    LONG,
  );

journey('a study is planned and started with the keyboard alone', ask);
journey('it is watched, paused, reloaded, cancelled and resumed', watch);
journey('its networks are compared on one scale', compare);
journey('a cell is opened and a line is added', lookCloser);
journey('a two-panel figure is exported in every format and dropped back', takeHome);
journey('the library is searched, annotated, emptied and restored', manage);

journey('every screen holds at 900 pixels and at 4K', async (page) => {
  for (const [width, height, name] of [
    [900, 700, 'narrow'],
    [3840, 2160, 'wide'],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const key of ['l', 'n', 's']) {
      await page.keyboard.press(key);
      await settle(page);
      const over = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(over).toBe(0);
    }
    await page.keyboard.press('l');
    await page.locator('button.title').first().click();
    await charts(page, 1);
    await shoot(page, `compare-${name}`);
    await audit(page, name);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

journey('data, a surface of another tool and a path are brought in', bringIn);

test('the page has complained of nothing', () => {
  expect(stage.complaints).toEqual([]);
});
