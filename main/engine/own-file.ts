/**
 * Reads what lies in a workspace. A workspace may come from somebody else, so its files are data:
 * a link, a pipe, a device, a folder or a file of an absurd size is refused before it is read.
 *
 * The folder of a study may itself be reached through a link (whoever opens it has checked where it
 * leads); what lies in it is no link, because nothing of ours ever makes one there.
 */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Fault, storageFault } from '../../shared/fault';

const MB = 2 ** 20;

/** Most bytes of a kind of file: far more than any that this program wrote. */
export const MOST = {
  /** A study, what people wrote on it, a note of the trash. */
  small: 16 * MB,
  /** Manifests and results. */
  manifest: 256 * MB,
  /** Metrics; a longer text is none that Node can hold. */
  lines: 500 * MB,
  /** Checkpoints, surfaces, journals; more is none that Node reads at once. */
  binary: 2 ** 31 - 1,
} as const;

/** Folders of a study that hold a folder per part: `runs/ID/manifest.json`. */
const PARTS: readonly string[] = ['runs', 'checkpoints', 'directions', 'surfaces'];
/** What holds folders of ours in a study or, as `.trash/ID/trashed.json`, in a workspace. */
const HOLDERS: readonly string[] = [...PARTS, 'figures', '.trash'];
/** Files of a study that lie in its folder itself. */
const TOP: readonly string[] = [
  'study.json',
  'manifest.json',
  'results.json',
  'annotations.json',
  '.lock',
];

// Windows knows neither; there `lstat` alone tells a link.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const refusal = (path: string, reason: string): Fault =>
  new Fault('damaged', `${path} is not read: ${reason}`);

/** What the operating system says against reading `path`. */
function faultOf(error: unknown, path: string): Fault {
  if ((error as { code?: string }).code === 'ELOOP') return refusal(path, 'it is a link');
  const told = storageFault(error, 'read', path);
  if (told instanceof Fault) return told;
  return refusal(path, error instanceof Error ? error.message : String(error));
}

/** What `path` is, no link followed; null: there is nothing. @throws Fault 'storage', 'damaged' */
function statOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOTDIR') return null;
    throw faultOf(error, path);
  }
}

/** Why something of this kind is no file of ours; null: it may be. */
function oddity(stat: Pick<Stats, 'isSymbolicLink' | 'isDirectory' | 'isFile'>): string | null {
  if (stat.isSymbolicLink()) return 'it is a link; put there what it leads to';
  return stat.isDirectory() || stat.isFile() ? null : 'it is neither a file nor a folder';
}

/** Whether `folder` holds parts of a study, and not studies that somebody keeps under its name. */
const isHolder = (folder: string): boolean =>
  HOLDERS.includes(basename(folder)) &&
  (basename(folder) === '.trash' || statOf(join(dirname(folder), 'study.json')) !== null);

/** The folders between a study, or a workspace, and `path`. */
function foldersOf(path: string): string[] {
  const folder = dirname(path);
  const holder = dirname(folder);
  if (isHolder(holder)) return [holder, folder];
  return isHolder(folder) ? [folder] : [];
}

/**
 * Checks that nothing on the way from a study, or a workspace, to `path` is a link, and neither is
 * `path`. @throws Fault 'damaged'
 */
export function checkOwn(path: string): void {
  for (const place of [...foldersOf(path), path]) {
    const stat = statOf(place);
    const odd = stat === null ? null : oddity(stat);
    if (odd !== null) throw refusal(place, odd);
  }
}

/** Names in a folder of a study; none where there is no folder. @throws Fault 'damaged' */
export function listOwn(folder: string): string[] {
  checkOwn(folder);
  if (statOf(folder)?.isDirectory() !== true) return [];
  return readdirSync(folder).sort();
}

/**
 * Checks all that work on a study may write through: none of its parts is a link, a pipe or a
 * device. @throws Fault 'damaged' that names the first
 */
export function checkParts(folder: string): void {
  for (const name of TOP) checkOwn(join(folder, name));
  for (const holder of PARTS) {
    for (const id of listOwn(join(folder, holder))) {
      for (const name of listOwn(join(folder, holder, id)))
        checkOwn(join(folder, holder, id, name));
    }
  }
}

/** All bytes of an open file, as long as it was when it was looked at. */
function readAll(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let end = 0;
  while (end < size) {
    const read = readSync(file, bytes, end, size - end, end);
    if (read === 0) return bytes.subarray(0, end); // it was cut meanwhile
    end += read;
  }
  return bytes;
}

/**
 * Reads a file of a study or of a workspace.
 * @throws Fault 'not-found', 'storage', or 'damaged' where it is no plain file of at most `atMost`
 * bytes
 */
export function readOwnBytes(path: string, { atMost }: { readonly atMost: number }): Buffer {
  checkOwn(path);
  let file: number;
  try {
    file = openSync(path, FLAGS);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new Fault('not-found', `${path} does not exist`);
    }
    throw faultOf(error, path);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw refusal(path, 'it is no file');
    if (stat.size > atMost) {
      throw refusal(path, `it has ${stat.size} bytes, and no such file has more than ${atMost}`);
    }
    return readAll(file, stat.size);
  } finally {
    closeSync(file);
  }
}

/** Reads a text of a study or of a workspace. @throws Fault as `readOwnBytes` */
export const readOwnText = (path: string, limits: { readonly atMost: number }): string =>
  readOwnBytes(path, limits).toString('utf8');
