/**
 * Sorted tables of keys and values in LevelDB's format, in which TensorFlow lists what a checkpoint
 * holds. (LevelDB, doc/table_format.md; TensorFlow writes them without compression.)
 */

import { Malformed, readVarint } from './protobuf';
import type { Source } from './source';

const FOOTER = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const MOST_TABLE = 256 * 2 ** 20;
/** One byte of compression and four of a checksum. */
const TRAILER = 5;

const POLYNOMIAL = 0x82f63b78;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  return crc;
});

/** CRC-32C, masked as LevelDB and TensorFlow store it. */
export function maskedChecksum(...parts: readonly Uint8Array[]): number {
  let crc = 0xffffffff;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) crc = CRC_TABLE[(crc ^ part[i]) & 0xff] ^ (crc >>> 8);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Whether a file ends as a table does. */
export const isTable = (source: Source): boolean =>
  source.size >= FOOTER && source.read(source.size - MAGIC.length, MAGIC.length).equals(MAGIC);

/** Where a block lies, and where what follows that does. */
function handleAt(bytes: Buffer, at: number): { offset: number; size: number; next: number } {
  const offset = readVarint(bytes, at);
  const size = readVarint(bytes, offset.next);
  return { offset: offset.value, size: size.value, next: size.next };
}

/** A block's bytes. @throws Malformed, or Fault where the file ends before */
function blockAt(source: Source, { offset, size }: { offset: number; size: number }): Buffer {
  if (size > MOST_TABLE) throw new Malformed(`a block claims ${size} bytes`);
  const block = source.read(offset, size);
  const trailer = source.read(offset + size, TRAILER);
  if (trailer[0] !== 0) throw new Malformed('a block is compressed; save it again by TensorFlow 2');
  if (trailer.readUInt32LE(1) !== maskedChecksum(block, trailer.subarray(0, 1))) {
    throw new Malformed('a block does not have its checksum');
  }
  return block;
}

/** The entries of a block: each key shares a beginning with the one before. */
function entriesOf(block: Buffer): [key: string, value: Buffer][] {
  if (block.length < 4) throw new Malformed('a block is too short');
  const restarts = block.readUInt32LE(block.length - 4);
  const end = block.length - 4 - 4 * restarts;
  if (end < 0) throw new Malformed('a block is too short for its restarts');
  const body = block.subarray(0, end);
  const entries: [string, Buffer][] = [];
  let key: Buffer = Buffer.alloc(0);
  for (let at = 0; at < end;) {
    const shared = readVarint(body, at);
    const own = readVarint(body, shared.next);
    const length = readVarint(body, own.next);
    const from = length.next + own.value;
    if (shared.value > key.length || from + length.value > end) {
      throw new Malformed('an entry goes on behind its block');
    }
    key = Buffer.concat([key.subarray(0, shared.value), body.subarray(length.next, from)]);
    at = from + length.value;
    entries.push([key.toString('utf8'), body.subarray(from, at)]);
  }
  return entries;
}

/** All keys and values, in the table's order. @throws Malformed or Fault 'damaged' */
export function readTable(source: Source): Map<string, Buffer> {
  const footer = source.read(source.size - FOOTER, FOOTER);
  const index = handleAt(footer, handleAt(footer, 0).next);
  const table = new Map<string, Buffer>();
  for (const [, handle] of entriesOf(blockAt(source, index))) {
    for (const [key, value] of entriesOf(blockAt(source, handleAt(handle, 0)))) {
      if (table.has(key)) throw new Malformed(`the key '${key}' is there twice`);
      table.set(key, value);
    }
  }
  return table;
}
