/** Files written so that a reader never sees half of one, also after a crash. */

import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault, storageFault } from '../../shared/fault';
import { draftOf, dropDraft } from '../native/drafts';
import { makeFolder } from './folders';
import { MOST, readOwnText } from './own-file';
import { seal, sealHolds } from './seal';

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes all of `content` to `draft` and syncs it. */
function writeWhole(draft: string, content: string | Uint8Array): void {
  const file = openSync(draft, 'w');
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    let written = 0;
    while (written < bytes.length) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes beside `path`, syncs, renames, syncs the folder: the old content or the new, nothing
 * between. @throws Fault 'storage'
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  makeFolder(dirname(path));
  const draft = draftOf(path);
  try {
    writeWhole(draft, content);
    renameSync(draft, path);
    // Windows cannot open a folder; there the rename is as durable as it gets.
    if (process.platform !== 'win32') sync(dirname(path));
  } catch (error) {
    dropDraft(draft);
    throw storageFault(error, 'write', path);
  }
}

/** One JSON text with NaN and Infinity as strings, which `parseOwn` turns back. */
export const stringify = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_key, item: unknown) =>
      typeof item === 'number' && !Number.isFinite(item) ? String(item) : item,
    indent,
  );

/** JSON as a person reads it. */
export const toJson = (value: unknown): string => `${stringify(value, 2)}\n`;

export const writeJson = (path: string, value: unknown): void =>
  writeAtomically(path, toJson(value));

/** Writes a manifest with its seal, by which `readManifest` knows it. */
export const writeManifest = (path: string, value: object): void =>
  writeAtomically(path, seal(toJson(value)));

/** Numbers that JSON lacks, as `toJson` writes them. */
const ODD = new Map<unknown, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Parses what this program wrote: the odd numbers come back as numbers. */
export const parseOwn = (text: string): unknown =>
  JSON.parse(text, (_key, item: unknown) => ODD.get(item) ?? item);

/** True of every small file that a study is made of: none is more than its other files say. */
const MADE_AGAIN = 'delete only this file, and resuming the study makes it again';

/**
 * A manifest or another small file of our own. `wayOut` is what to do where it is damaged.
 * @throws Fault 'damaged'
 */
export function readManifest<T>(path: string, wayOut = MADE_AGAIN): T {
  const text = readOwnText(path, { atMost: MOST.manifest });
  let value: T;
  try {
    value = parseOwn(text) as T;
  } catch (error) {
    const reason = (error as Error).message;
    throw new Fault('damaged', `${path} cannot be read (${reason}); ${wayOut}`);
  }
  if (!sealHolds(text) || typeof value !== 'object' || value === null) {
    throw new Fault('damaged', `${path} is not as it was written; ${wayOut}`);
  }
  return value;
}

/** @throws Fault 'not-found', 'damaged' or 'bad-value' */
export function readJson(path: string): unknown {
  const text = readOwnText(path, { atMost: MOST.small });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault('bad-value', `${path} is not JSON: ${(error as Error).message}`);
  }
}
