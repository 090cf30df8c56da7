/**
 * The append-only record of a scan. A header names the scan; each record is one cell with a
 * checksum. Records are
 * synced before they are announced, and a torn tail is cut off at opening, so an announced cell is
 * never lost.
 */

import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { Fault } from '../../../shared/fault';
import { MOST, readOwnBytes } from '../own-file';
import type { MeasuredCell } from './scan';

const MAGIC = 'isocurve journal 1\n';
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

/**
 * Opens the journal at `path` for the scan that `identity` (one line) names, or starts it.
 * @throws Fault 'conflict' when it belongs to another scan
 */
export function openJournal(path: string, identity: string): Journal {
  const header = Buffer.from(`${MAGIC}${identity}\n`);
  const old = existsSync(path) ? readOwnBytes(path, { atMost: MOST.binary }) : Buffer.alloc(0);
  const torn = old.length < header.length && header.subarray(0, old.length).equals(old);
  if (!torn && !old.subarray(0, header.length).equals(header)) {
    throw new Fault(
      'conflict',
      `${path} belongs to another scan (other weights, directions, images or grid); choose another folder with --out`,
    );
  }
  const { cells, end } = torn ? { cells: [], end: 0 } : readRecords(old, header.length);
  const file = openSync(path, existsSync(path) ? 'r+' : 'w');
  let position = end;
  ftruncateSync(file, end);
  if (torn) {
    writeAll(file, header, 0);
    position = header.length;
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
