/**
 * The append-only record of a scan. A header with a checksum names the scan; each record is one
 * cell with another. Records are synced before they are announced, and a torn tail is cut off at
 * opening, so an announced cell is never lost.
 */

import {
  closeSync,
  createReadStream,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { Fault } from '../../../shared/fault';
import { MOST, readOwnBytes } from '../own-file';
import type { MeasuredCell } from './scan';

const MAGIC = 'isocurve journal 2\n';
/** Of earlier versions: its header has no checksum. */
const FIRST_MAGIC = 'isocurve journal 1\n';
/** Cell u32, loss f64, accuracy f64, standard error f64, CRC-32 of these u32; little-endian. */
const RECORD = 32;

export interface Journal {
  /** What was measured in earlier sittings. */
  readonly cells: readonly MeasuredCell[];
  /** Appends and syncs. */
  append(cells: readonly MeasuredCell[]): void;
  close(): void;
}

/**
 * Writes all of `bytes`: a short write is continued, so that a full disk is an error and not a
 * hole.
 */
function writeAll(file: number, bytes: Buffer, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}

function encode({ cell, loss, accuracy, standardError }: MeasuredCell): Buffer {
  const record = Buffer.alloc(RECORD);
  record.writeUInt32LE(cell, 0);
  record.writeDoubleLE(loss, 4);
  record.writeDoubleLE(accuracy, 12);
  record.writeDoubleLE(standardError, 20);
  record.writeUInt32LE(crc32(record.subarray(0, 28)), 28);
  return record;
}

function decode(record: Buffer): MeasuredCell | null {
  if (record.length < RECORD) return null;
  if (record.readUInt32LE(28) !== crc32(record.subarray(0, 28))) return null;
  return {
    cell: record.readUInt32LE(0),
    loss: record.readDoubleLE(4),
    accuracy: record.readDoubleLE(12),
    standardError: record.readDoubleLE(20),
  };
}

/**
 * The sound records after a header of `headerLength` bytes, and where the first unsound one begins.
 */
function readRecords(bytes: Buffer, headerLength: number) {
  const cells: MeasuredCell[] = [];
  let end = headerLength;
  for (;;) {
    const cell = decode(bytes.subarray(end, end + RECORD));
    if (cell === null) return { cells, end };
    cells.push(cell);
    end += RECORD;
  }
}

/**
 * The cells of a journal as they are now, without touching the file. Who may be writing it is not
 * disturbed.
 */
export function readJournal(path: string): MeasuredCell[] {
  const bytes = readOwnBytes(path, { atMost: MOST.binary });
  const identityEnd = bytes.indexOf(10, MAGIC.length);
  return readRecords(bytes, identityEnd + 1).cells;
}

/** The headers that a journal of `identity` may have: ours, and that of earlier versions. */
function headersOf(identity: string): Buffer[] {
  const sum = crc32(identity).toString(16).padStart(8, '0');
  return [Buffer.from(`${MAGIC}${identity} ${sum}\n`), Buffer.from(`${FIRST_MAGIC}${identity}\n`)];
}

/**
 * Whether the file at `path` is a journal whose records are sound; with `cells`, to its end and of
 * so many cells. Without, an unsound end is what a crash leaves.
 */
export async function isJournalSound(
  path: string,
  cells: number | null,
  signal: AbortSignal,
): Promise<boolean> {
  const known = new Set<number>();
  let rest = Buffer.alloc(0);
  let inHeader = true;
  let isTorn = false;
  for await (const chunk of createReadStream(path, { signal })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    if (inHeader) {
      const end = rest.indexOf(10, MAGIC.length);
      if (end < 0) continue;
      if (!hasSoundHeader(rest, end)) return false;
      rest = rest.subarray(end + 1);
      inHeader = false;
    }
    const whole = rest.length - (rest.length % RECORD);
    for (let at = 0; at < whole; at += RECORD) {
      const record = decode(rest.subarray(at, at + RECORD));
      if (record === null) isTorn = true;
      else if (isTorn) return false;
      else known.add(record.cell);
    }
    rest = rest.subarray(whole);
  }
  if (cells === null) return true;
  return !inHeader && !isTorn && rest.length === 0 && known.size === cells;
}

const ANEW = 'delete only this file, and resuming the study measures this surface again';

/** Whether a header that ends at `end` agrees with its checksum; the first ones have none. */
function hasSoundHeader(bytes: Buffer, end: number): boolean {
  const magic = bytes.toString('utf8', 0, MAGIC.length);
  if (magic === FIRST_MAGIC) return true;
  const identity = bytes.toString('utf8', MAGIC.length, end - 9);
  return magic === MAGIC && headersOf(identity)[0].equals(bytes.subarray(0, end + 1));
}

/** What is wrong with a journal that begins with none of the headers that it may have. */
function refusal(path: string, old: Buffer): Fault {
  const end = old.indexOf(10, MAGIC.length);
  const isFirst = old.subarray(0, MAGIC.length).equals(Buffer.from(FIRST_MAGIC));
  const another = 'belongs to another scan (other weights, directions, images or grid)';
  if (end >= 0 && !isFirst && hasSoundHeader(old, end)) {
    return new Fault('conflict', `${path} ${another}; ${ANEW}`);
  }
  const what =
    end >= 0 && isFirst
      ? `${another}, or its header is damaged`
      : 'has a damaged header: nothing else says which scan its cells are of';
  return new Fault('damaged', `${path} ${what}; ${ANEW}`);
}

/** Whether `old` is what a crash left of a header that was being written. */
const isTorn = (old: Buffer, header: Buffer): boolean =>
  old.length < header.length && header.subarray(0, old.length).equals(old);

/**
 * Opens the journal at `path` for the scan that `identity` (one line) names, or starts it.
 * @throws Fault 'conflict' when it belongs to another scan, 'damaged' when its header is
 */
export function openJournal(path: string, identity: string): Journal {
  const headers = headersOf(identity);
  const old = existsSync(path) ? readOwnBytes(path, { atMost: MOST.binary }) : Buffer.alloc(0);
  const known = headers.find((header) => old.subarray(0, header.length).equals(header));
  if (known === undefined && !headers.some((header) => isTorn(old, header))) {
    throw refusal(path, old);
  }
  const { cells, end } =
    known === undefined ? { cells: [], end: 0 } : readRecords(old, known.length);
  const file = openSync(path, existsSync(path) ? 'r+' : 'w');
  let position = end;
  ftruncateSync(file, end);
  if (known === undefined) {
    writeAll(file, headers[0], 0);
    position = headers[0].length;
  }
  fdatasyncSync(file);
  return {
    cells,
    append(added) {
      const bytes = Buffer.concat(added.map(encode));
      writeAll(file, bytes, position);
      fdatasyncSync(file);
      position += bytes.length;
    },
    close: () => closeSync(file),
  };
}
