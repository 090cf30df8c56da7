/** Where a path really leads, links followed, whether or not its last parts exist yet. */

import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { GuardedPath } from '../../shared/spec/place';

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '');

/** What `path` links to; null: it is no link, or nothing. */
function targetOf(path: string): string | null {
  try {
    if (!lstatSync(path).isSymbolicLink()) return null;
    return resolve(dirname(path), readlinkSync(path));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * The real path of `path`, whose last parts may not exist yet; a link to nothing leads to where it
 * would be made. @throws Error of the system where the way cannot be followed
 */
export function realPathOf(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const target = targetOf(whole);
  if (target !== null) return realPathOf(target);
  const parent = dirname(whole);
  return parent === whole ? whole : join(realPathOf(parent), basename(whole));
}

/** Whether the real path `path` is `root`, also a real one, or lies in it. */
function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Whether `path` lies in `root`, links followed. */
export function liesIn(root: string, path: string): boolean {
  try {
    return isWithin(realPathOf(root), realPathOf(path));
  } catch {
    return false; // a way that cannot be followed leads nowhere
  }
}

/**
 * A path that the user typed on their own command line, or that this program made up itself: such a
 * one may be any, relative to where the user is, and its links are the user's. What a window names
 * goes through the guard of its host instead.
 */
export const usersOwn = (path: string): GuardedPath => resolve(path) as GuardedPath;
