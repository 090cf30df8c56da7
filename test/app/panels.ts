/** Palette, sheet and whatever else floats over a page: they come and go one by one. */

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { settle } from './stage';

/** A panel that was just closed takes none away that was opened after it. */
export async function openAndClose(page: Page): Promise<void> {
  await page.keyboard.press('l');
  await page.getByLabel('Search the library').waitFor();
  await page.evaluate('document.activeElement?.blur()');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('?');
    await sheet.waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('ControlOrMeta+K');
    await palette.waitFor();
    await settle(page);
    expect(await palette.count()).toBe(1);
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'detached' });
  }
  await page.keyboard.press('ControlOrMeta+K');
  await page.keyboard.type('shortcuts');
  await page.keyboard.press('Enter');
  await sheet.waitFor();
  await settle(page);
  expect(await sheet.count()).toBe(1);
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
}
