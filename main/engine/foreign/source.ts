/**
 * A file that somebody else wrote, read by ranges: nothing is taken into memory before it is known
 * to be there.
 */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { Fault } from '../../../shared/fault';
import { checkKind, kindOf, unreadable } from '../../native/readable';

/** Refuses a file: which format it was read as, where, and why. */
export type Refuse = (offset: number, reason: string) => Fault;

export interface Source {
  /** The file's name without its folders. */
  readonly name: string;
  readonly size: number;
  /** `length` bytes from `offset`. @throws Fault 'damaged' where the file ends before */
  read(offset: number, length: number): Buffer;
  refuse(format: string, offset: number, reason: string): Fault;
}

const refusal = (name: string, format: string, offset: number, reason: string): Fault =>
  new Fault('damaged', `${name} cannot be read as ${format}: ${reason} (at byte ${offset})`);

const checkRange = (source: Source, offset: number, length: number): void => {
  const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!isWhole || offset < 0 || length < 0 || offset + length > source.size) {
    throw source.refuse(
      'a whole file',
      Math.max(0, Math.min(offset, source.size)),
      `${length} bytes are to follow and the file ends after ${source.size}; fetch it again`,
    );
  }
};

/** To open a pipe would wait for whoever writes into it; Windows has neither flag nor wait. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

type Listener = (path: string, size: number) => void;
let hears: Listener = () => undefined;

/** Has `listener` hear of every file that this process opens from now on. */
export const onOpened = (listener: Listener): void => void (hears = listener);

function open(path: string): number {
  // Before it is opened: to open a device can set it going.
  checkKind(path);
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A file on disk; `close` ends it. */
export class FileSource implements Source {
  readonly name: string;
  readonly size: number;
  private readonly file: number;

  constructor(path: string) {
    this.name = basename(path);
    this.file = open(path);
    const stat = fstatSync(this.file);
    if (!stat.isFile()) {
      this.close();
      throw new Fault('bad-value', `${path} is ${kindOf(stat)}, not a file`);
    }
    this.size = stat.size;
    hears(path, stat.size);
  }

  read(offset: number, length: number): Buffer {
    checkRange(this, offset, length);
    const bytes = Buffer.allocUnsafe(length);
    let read = 0;
    while (read < length) {
      const got = readSync(this.file, bytes, read, length - read, offset + read);
      if (got === 0)
        throw this.refuse('a whole file', offset + read, 'it shrank while it was read');
      read += got;
    }
    return bytes;
  }

  refuse(format: string, offset: number, reason: string): Fault {
    return refusal(this.name, format, offset, reason);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Bytes in memory, such as an entry of an archive. */
export class MemorySource implements Source {
  readonly size: number;

  constructor(
    readonly name: string,
    private readonly bytes: Buffer,
  ) {
    this.size = bytes.length;
  }

  read(offset: number, length: number): Buffer {
    checkRange(this, offset, length);
    return this.bytes.subarray(offset, offset + length);
  }

  refuse(format: string, offset: number, reason: string): Fault {
    return refusal(this.name, format, offset, reason);
  }
}
