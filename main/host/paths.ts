/** Where a path really leads, links followed. */

import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** The real path of `path`, whose last parts may not exist yet. */
function realpathOf(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  const parent = dirname(whole);
  return parent === whole ? whole : join(realpathOf(parent), basename(whole));
}

/** Whether `path` lies in `root`, links followed. */
export function liesIn(root: string, path: string): boolean {
  const way = relative(realpathOf(root), realpathOf(path));
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}
