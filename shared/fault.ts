/** The one error that crosses processes: a code for programs, a sentence for people. */

import { shortened } from './text';

export type FaultCode =
  | 'bad-value' // an argument, flag or key of a file is wrong
  | 'not-found' // what was named does not exist
  | 'conflict' // it exists and belongs to something else, or somebody else is at work on it
  | 'damaged' // a file is truncated or its checksum is wrong
  | 'storage' // the disk is full, read-only or failing
  | 'no-backend' // a tier cannot be started on this machine
  | 'no-browser' // nothing here can draw a figure
  | 'offline' // a download failed
  | 'cancelled'
  | 'engine-gone' // the engine process died; its jobs can be resumed
  | 'internal'; // our own mistake

/** Characters of a sentence: what it names may be a tensor whose name fills its file. */
const MOST_SENTENCE = 1200;

/** `message` is a lower-case sentence without a full stop: what, where, and the way out. */
export class Fault extends Error {
  constructor(
    readonly code: FaultCode,
    message: string,
  ) {
    super(shortened(message, MOST_SENTENCE));
    this.name = 'Fault';
  }
}

const STORAGE = new Map([
  ['ENOSPC', 'the disk is full; free some space'],
  ['EDQUOT', 'the disk quota is used up; free some space'],
  ['EROFS', 'the file system is read-only; choose another folder with --out'],
  ['EACCES', 'this user may not write there; choose another folder with --out'],
  ['EPERM', 'this user may not write there; choose another folder with --out'],
  ['ENOTDIR', 'a part of the path is a file; choose another folder with --out'],
  ['ENOENT', 'the folder above it cannot be made; choose another folder with --out'],
  ['EIO', 'the disk reports a failure; check it'],
]);

/**
 * Turns anything thrown into a Fault, giving the operating system's errors a sentence of their own.
 */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (!(error instanceof Error)) return new Fault('internal', String(error));
  const { code, path } = error as Error & { code?: string; path?: string };
  const advice = code === undefined ? undefined : STORAGE.get(code);
  if (advice !== undefined) {
    return new Fault('storage', `cannot write ${path ?? 'to the study'}: ${advice}`);
  }
  if (error.name === 'AbortError') return new Fault('cancelled', 'cancelled');
  return new Fault('internal', error.message);
}
