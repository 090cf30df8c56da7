/** Links in a folder that somebody else made: whether they stay in it. */

import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/** Links that are followed one after the other; more are a circle. */
const MOST_LINKS = 40;

/**
 * Whether a link on the way from `folder` to `path`, which lies in it, leads out of `folder`. Looks
 * at each part by itself: a reader may see nothing above the folder.
 */
export function leadsOut(folder: string, path: string, links = 0): boolean {
  const way = relative(folder, path);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return true;
  const parts = way.split(sep);
  for (let i = 0; i < parts.length; i++) {
    const at = join(folder, ...parts.slice(0, i + 1));
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) return false;
    if (!stat.isSymbolicLink()) continue;
    if (links === MOST_LINKS) return true;
    const target = resolve(dirname(at), readlinkSync(at));
    return leadsOut(folder, join(target, ...parts.slice(i + 1)), links + 1);
  }
  return false;
}
