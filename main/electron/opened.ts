/** What the system asks the app to open: a study's folder, or a file that may carry a recipe. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Fault } from '../../shared/fault';
import type { OpenedFile } from '../../shared/spec/host';
import { liesIn } from '../host/paths';

/** Larger files are neither figures nor studies. */
const MOST_BYTES = 100 * 2 ** 20;

/** Arguments of a command line that name files, not flags. */
export const pathsIn = (argv: readonly string[]): string[] =>
  argv.slice(1).filter((item) => !item.startsWith('-') && item !== '.' && existsSync(item));

/** @throws Fault when it is neither, or cannot be read */
export function openPath(path: string, workspace: string): OpenedFile {
  const whole = resolve(path);
  const isFolder = statSync(whole).isDirectory();
  const folder = isFolder ? whole : basename(whole) === 'study.json' ? dirname(whole) : null;
  if (folder !== null && existsSync(join(folder, 'study.json')) && liesIn(workspace, folder)) {
    return { kind: 'study', folder };
  }
  if (isFolder) {
    throw new Fault('bad-value', `${whole} is no study of the workspace ${workspace}`);
  }
  if (statSync(whole).size > MOST_BYTES) {
    throw new Fault('bad-value', `${whole} is larger than 100 MB: no figure or study file`);
  }
  return { kind: 'file', name: basename(whole), bytes: new Uint8Array(readFileSync(whole)) };
}
