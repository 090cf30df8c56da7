/** The plan that journeys make small: four networks at two depths, three kinds of scan. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Leaves it in the window as one that was begun before a reload. */
export async function takeDraft(page: Page): Promise<void> {
  const draft = readFileSync(join(import.meta.dirname, 'two-depths.json'), 'utf8');
  await page.evaluate(`sessionStorage.setItem('isocurve-plan', ${JSON.stringify(draft)})`);
  await page.reload();
}
