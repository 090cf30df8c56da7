/** What people do with what they have: search, annotate, delete, restore, and ask how it stands. */

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { inBothThemes, press, shoot, write } from './stage';

/** Search, notes, deletion and its undo, the palette, the sheet, the system page. */
export async function manage(page: Page): Promise<void> {
  await page.keyboard.press('l');
  await page.getByRole('list', { name: 'Studies' }).waitFor();
  await press(page, page.getByRole('button', { name: 'Details' }).first());
  await write(page, page.getByLabel('Note'), 'for the group meeting');
  await write(page, page.getByLabel('Tags, by commas'), 'residual, digits');
  await page.keyboard.press('Tab');
  await page.getByText('residual, digits').first().waitFor();
  await inBothThemes(page, 'library');

  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('/');
  await page.keyboard.type('meeting');
  expect(await page.getByRole('listitem').count()).toBeGreaterThan(0);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('no such study');
  await page.getByText('Nothing matches').waitFor();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('Delete');

  await press(page, page.getByRole('button', { name: 'Surfaces', exact: true }));
  await page
    .getByRole('row', { name: /r32-skip-s1/ })
    .first()
    .waitFor();
  await inBothThemes(page, 'library-surfaces');
  await press(page, page.getByRole('button', { name: 'Studies', exact: true }));

  await press(page, page.getByRole('button', { name: 'Delete this study' }));
  await page.getByText('No study yet').waitFor();
  await press(page, page.getByRole('button', { name: 'Undo' }));
  await page.getByRole('list', { name: 'Studies' }).waitFor();

  await page.evaluate('document.activeElement?.blur()');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await shoot(page, 'shortcuts');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+K');
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
  await page.keyboard.type('system');
  await shoot(page, 'palette');
  await page.keyboard.press('Enter');
  await page.getByText('two runs agree bit for bit').waitFor();
  await inBothThemes(page, 'system');
  await press(page, page.getByRole('button', { name: "Show the engine's log" }));
  await page.getByText('engine.log').waitFor();
}
