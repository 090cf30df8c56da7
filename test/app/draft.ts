/** The plan that journeys make small: four networks at two depths, three kinds of scan. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { checkStudy } from '../../shared/spec/study';

/** Leaves it in the window as one that was begun before a reload. */
export async function takeDraft(page: Page): Promise<void> {
  const place = join(import.meta.dirname, 'two-depths.json');
  const { file } = checkStudy(JSON.parse(readFileSync(place, 'utf8')), place);
  const draft = JSON.stringify(JSON.stringify(file));
  await page.evaluate(`sessionStorage.setItem('isocurve-plan', ${draft})`);
  await page.reload();
}
