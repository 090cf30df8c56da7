/**
 * What the system asks the app to open: a study's folder, a file that may be ours, or any other.
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { MOST_OWN_BYTES, type OpenedFile } from '../../shared/spec/host';
import { liesIn, realPathOf } from '../native/paths';

/** Flags that are followed by a value. */
const VALUED = ['--workspace'];

/**
 * Arguments of a command line that name files or folders to open, as whole paths. `own` is the app
 * itself, which Electron is started with where it is not packed.
 */
export const pathsIn = (argv: readonly string[], folder: string, own: string): string[] =>
  argv
    .slice(1)
    .filter((item, i, rest) => !item.startsWith('-') && !VALUED.includes(rest[i - 1]))
    .map((item) => resolve(folder, item))
    .filter((path) => path !== resolve(own) && existsSync(path));

/** @throws Error of the system when there is nothing at `path`, or it cannot be read */
export function openPath(path: string, workspace: string): OpenedFile {
  const whole = resolve(path);
  const stat = statSync(whole);
  const folder = stat.isDirectory()
    ? whole
    : basename(whole) === 'study.json'
      ? dirname(whole)
      : null;
  if (folder !== null && existsSync(join(folder, 'study.json')) && liesIn(workspace, folder)) {
    return { kind: 'study', folder: realPathOf(folder) };
  }
  const isSmall = !stat.isDirectory() && stat.size <= MOST_OWN_BYTES;
  const bytes = isSmall ? new Uint8Array(readFileSync(whole)) : null;
  return { kind: 'path', path: whole, bytes };
}
