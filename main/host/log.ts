/** Logs: their ends, small enough to show, and what the host itself has to say. */

import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../native/places';

const TAIL_BYTES = 64 * 1024;
/** Bytes from which on a log is put aside, in the place of the one before. */
const MOST_BYTES = 1024 * 1024;

/** Where what went wrong in the host itself is written; the engine has a log of its own. */
export const hostLog = (): string => join(cacheFolder(), 'host.log');

/** Adds `text` to the host's log, with the moment. */
export function writeLog(text: string): void {
  const path = hostLog();
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && statSync(path).size > MOST_BYTES) renameSync(path, `${path}.old`);
  appendFileSync(path, `${new Date().toISOString()} ${text}\n`);
}

/** The last lines of the file at `path`; empty where there is none. */
export function tailOf(path: string): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const length = Math.min(size, TAIL_BYTES);
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, size - length);
    return bytes.toString('utf8');
  } finally {
    closeSync(file);
  }
}
