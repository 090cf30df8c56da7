/** The files of weights that a command line names: files, patterns, folders of checkpoints. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { Fault, onDisk } from '../../shared/fault';
import { inspectFile } from '../host/reader';
import { usersOwn } from '../native/paths';

/** Compares names as people count: `epoch_2` before `epoch_10`. */
const { compare } = new Intl.Collator('en', { numeric: true });

/** The names that a pattern of `*` and `?` stands for. */
function matcher(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

/** The files that `pattern` stands for, for shells that leave that to programs. */
function filesLike(pattern: string): string[] {
  const [folder, last] = [dirname(pattern), basename(pattern)];
  const names = onDisk('read', folder, () => readdirSync(folder));
  const found = names.filter((name) => matcher(last).test(name)).sort(compare);
  if (found.length === 0) throw new Fault('not-found', `no file is named like ${pattern}`);
  return found.map((name) => join(folder, name));
}

/** A folder's own files of weights; a folder that is one network stays as it is. */
async function filesAt(path: string): Promise<string[]> {
  const { kind, parts } = await inspectFile(usersOwn(path));
  return kind === 'collection' ? parts.map((name) => join(path, name)) : [path];
}

/** The files that `paths` name, in their order. @throws Fault of the first that is not there */
export async function weightFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const isPattern = /[*?]/.test(basename(path)) && !existsSync(path);
    for (const one of isPattern ? filesLike(path) : [path]) files.push(...(await filesAt(one)));
  }
  return files;
}

/** What to call files: by their names, and by their folders too where they lie in several. */
export function namesOf(files: readonly string[]): string[] {
  const folders = files.map((file) => dirname(usersOwn(file)));
  if (folders.every((folder) => folder === folders[0])) return files.map((file) => basename(file));
  const parts = folders.map((folder) => folder.split(sep));
  const shared = parts[0].findIndex((part, i) => parts.some((other) => other[i] !== part));
  const root = parts[0].slice(0, shared === -1 ? parts[0].length : shared).join(sep);
  return files.map((file) => relative(root, usersOwn(file)).split(sep).join('/'));
}
