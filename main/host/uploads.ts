/** Files that a window sends, kept until they are taken: where they lie, and for how long. */

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostCalls } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import { cacheFolder } from '../native/places';
import { liesIn } from './paths';

/** Milliseconds after which what was sent and not taken is swept away. */
const KEEP_MS = 24 * 3600 * 1000;

export const uploadsFolder = (): string => join(cacheFolder(), 'uploads');

/** Removes what was sent long ago. */
function sweep(): void {
  const root = uploadsFolder();
  if (!existsSync(root)) return;
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    if (Date.now() - statSync(path).mtimeMs > KEEP_MS) rmSync(path, { recursive: true });
  }
}

/** The parts of a path that a window made up: none may lead out of its folder. */
function partsOf(name: string): string[] {
  const parts = name.split(/[\\/]/);
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))) {
    return parts.map((part) => part.replaceAll(/[<>:"|?*]/g, '_'));
  }
  throw new Fault('bad-value', `the name ${JSON.stringify(name)} leads out of its folder`);
}

/**
 * Where a file that is sent goes, and under which path it is known: its own, or that of the folder
 * that it is part of. @throws Fault 'bad-value' when its name leads out of its upload
 */
export function placeOfUpload(id: string, name: string): { path: string; known: string } {
  const root = join(uploadsFolder(), id);
  const parts = partsOf(name);
  return { path: join(root, ...parts), known: join(root, parts[0]) };
}

/** Makes room for a file that is sent. */
export function prepareUpload(path: string): void {
  if (existsSync(dirname(path))) return;
  sweep();
  mkdirSync(dirname(path), { recursive: true });
}

/** Writes a piece of a file. */
export function upload({ upload: id, name, at, bytes }: HostCalls['host/upload']['args']) {
  const { path, known } = placeOfUpload(id, name);
  if (at === 0) prepareUpload(path);
  const file = openSync(path, at === 0 ? 'w' : 'r+');
  try {
    for (let from = 0; from < bytes.length;) {
      from += writeSync(file, bytes, from, bytes.length - from, at + from);
    }
  } finally {
    closeSync(file);
  }
  return { path: known };
}

/** What was sent is gone once it has been taken. */
export function forget(path: string): void {
  if (liesIn(uploadsFolder(), path)) rmSync(path, { recursive: true, force: true });
}
