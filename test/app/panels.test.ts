/** Palette, sheet and whatever else floats over a page: they come and go one by one. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, settle, startServer, type Server, type Stage } from './stage';

let server: Server;
let stage: Stage;

beforeAll(async () => {
  server = await startServer(mkdtempSync(join(tmpdir(), 'isocurve-workspace-')));
  stage = await openStage(server);
  await stage.page.getByText('No study yet').waitFor();
});

afterAll(async () => {
  await stage?.browser.close();
  await server?.stop();
});

const dialog = (name: string) => stage.page.getByRole('dialog', { name });

test('a panel that was just closed takes none away that is opened after it', async () => {
  const { keyboard } = stage.page;
  for (let i = 0; i < 30; i++) {
    await keyboard.press('?');
    await dialog('Keyboard shortcuts').waitFor();
    await keyboard.press('Escape');
    await keyboard.press('ControlOrMeta+K');
    await dialog('Command palette').waitFor();
    await settle(stage.page);
    expect(await dialog('Command palette').count()).toBe(1);
    await keyboard.press('Escape');
    await dialog('Command palette').waitFor({ state: 'detached' });
  }
});

test('the palette opens the other panels', async () => {
  const { keyboard } = stage.page;
  for (const [words, title] of [
    ['shortcuts', 'Keyboard shortcuts'],
    ['open files', 'Open files, or a path'],
  ]) {
    await keyboard.press('ControlOrMeta+K');
    await dialog('Command palette').waitFor();
    await keyboard.type(words);
    await keyboard.press('Enter');
    await dialog('Command palette').waitFor({ state: 'detached' });
    await settle(stage.page);
    expect(await dialog(title).count()).toBe(1);
    await keyboard.press('Escape');
    await dialog(title).waitFor({ state: 'detached' });
  }
});

test('what is typed at once after asking for the search is searched for', async () => {
  const { page } = stage;
  const field = page.getByLabel('Search the library');
  for (const from of ['s', 'n', 'l']) {
    for (let i = 0; i < 10; i++) {
      await page.evaluate('document.activeElement?.blur()');
      await page.keyboard.press(from);
      // In one go, so that no frame passes between two keys.
      await Promise.all(['/', 'n', 's', 't'].map((key) => page.keyboard.press(key)));
      expect(await field.inputValue()).toBe('nst');
      await field.fill('');
    }
  }
});

test('closing gives the focus back to where it was', async () => {
  const { page } = stage;
  const button = page.getByRole('button', { name: /^Keys/ });
  await button.focus();
  await page.keyboard.press('Enter');
  await dialog('Keyboard shortcuts').waitFor();
  await page.keyboard.press('Escape');
  await dialog('Keyboard shortcuts').waitFor({ state: 'detached' });
  expect(await button.evaluate((element) => element.matches(':focus'))).toBe(true);
});
