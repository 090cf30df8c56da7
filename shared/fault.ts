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

/** Whether a file was being read or written; null: not known. */
export type Doing = 'read' | 'write' | null;

/** What the codes of operating systems mean for a file, and the way out. */
const STORAGE = new Map([
  ['ENOSPC', 'the disk is full; free some space, then go on'],
  ['EDQUOT', 'the disk quota is used up; free some space, then go on'],
  ['EROFS', 'the file system is read-only; make it writable or choose another folder'],
  ['EACCES', 'permission denied; allow this user to, or choose another folder'],
  ['EPERM', 'permission denied; allow this user to, or choose another folder'],
  ['EIO', 'the disk reports a failure; check it'],
  ['ENXIO', 'the disk is not there any more; connect it again'],
  ['ENODEV', 'the disk is not there any more; connect it again'],
  ['ENOTCONN', 'the network disk is not connected any more; connect it again'],
  ['EHOSTDOWN', 'the machine of the network disk does not answer; try again later'],
  ['ESTALE', 'the network disk does not know it any more; connect it again'],
  ['ENOTDIR', 'a part of the path is a file; choose another folder'],
  ['EEXIST', 'something else lies there; move it away'],
  ['EISDIR', 'a folder lies where a file belongs; move it away'],
  ['ELOOP', 'its links lead in a circle; choose another folder'],
  ['ENAMETOOLONG', 'the name is longer than this disk allows; choose a shorter one'],
  ['EFBIG', 'the file is larger than this disk allows; choose another folder'],
  ['EMLINK', 'this disk allows no more files there; choose another folder'],
  ['EXDEV', 'it lies on another disk; move it there by hand'],
  ['EBUSY', 'another program has it in hand; end that program and try again'],
  ['ETXTBSY', 'another program has it in hand; end that program and try again'],
  ['EMFILE', 'too many files are open; close some programs and try again'],
  ['ENFILE', 'too many files are open; close some programs and try again'],
  ['ENOLCK', 'this disk allows no locks; choose another folder'],
]);

/** System calls that only writing makes, and only reading. */
const WRITES =
  /^(write|fsync|fdatasync|f?truncate|mkdir|mkdtemp|rename|unlink|rm|rmdir|copyfile|link|symlink|f?utime|f?chmod)/;
const READS = /^(read|scandir|opendir|stat|lstat|fstat|realpath|access)/;
/** Calls that touch no file, though their errors have the same codes. */
const ELSEWHERE = /^(spawn|connect|listen|bind|getaddrinfo|kill|uv_)/;

/** What Node adds to an error of the operating system. */
interface SystemError extends Error {
  readonly code?: string;
  readonly path?: string;
  readonly syscall?: string;
}

function doingOf(syscall: string): Doing {
  if (WRITES.test(syscall)) return 'write';
  return READS.test(syscall) ? 'read' : null;
}

/** `cannot write PATH: …`; for a lack of permission the words that name it. */
function sentence(code: string, reason: string, doing: Doing, path: string): string {
  if (code === 'EACCES' || code === 'EPERM') {
    const verb = doing === 'read' ? 'read' : doing === 'write' ? 'written' : 'opened';
    return `${path} may not be ${verb}: ${reason}`;
  }
  return `cannot ${doing ?? 'open'} ${path}: ${reason}`;
}

/**
 * The operating system's error about the file at `path` as a Fault; any other error as it is.
 * Everything that is said of disks is said here.
 */
export function storageFault(error: unknown, doing: Doing, path?: string): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error;
  const { code, syscall = '', path: own } = error as SystemError;
  if (code === undefined || ELSEWHERE.test(syscall)) return error;
  const how = doing ?? doingOf(syscall);
  const where = path ?? own ?? 'a file';
  if (code === 'ENOENT') {
    return how === 'write'
      ? new Fault('storage', `cannot write ${where}: its folder is not there; make it, then go on`)
      : new Fault('not-found', `${where} does not exist`);
  }
  const reason = STORAGE.get(code);
  return reason === undefined ? error : new Fault('storage', sentence(code, reason, how, where));
}

/** What `work` gives; what the disk says against it is said of `path`. @throws Fault */
export function onDisk<T>(doing: Doing, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storageFault(error, doing, path);
  }
}

/**
 * Turns anything thrown into a Fault, giving the operating system's errors a sentence of their own.
 * `place` is named where they name none.
 */
export function toFault(error: unknown, place?: string): Fault {
  const { path } = error instanceof Error ? (error as SystemError) : {};
  const told = storageFault(error, null, path ?? place);
  if (told instanceof Fault) return told;
  if (!(told instanceof Error)) return new Fault('internal', String(told));
  if (told.name === 'AbortError') return new Fault('cancelled', 'cancelled');
  return new Fault('internal', told.message);
}
