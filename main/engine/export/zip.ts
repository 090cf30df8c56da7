/**
 * Writes zip archives whose entries are stored as they are: the same entries give the same bytes.
 */

import { crc32 } from 'node:zlib';
import { Fault } from '../../../shared/fault';

export interface ZipContent {
  readonly name: string;
  readonly bytes: Buffer;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** The first day that the format can name, so that nothing depends on the clock. */
const DATE = 0x21;
/** Beyond it the format needs its 64-bit form. */
const MOST_BYTES = 0xfffffffe;

/** What both headers of an entry say. */
function common({ name, bytes }: ZipContent): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(DATE, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(bytes.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(Buffer.byteLength(name), 22);
  return fields;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @throws Fault 'bad-value' above 4 GiB */
export function writeZip(contents: readonly ZipContent[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const content of contents) {
    const name = Buffer.from(content.name);
    const fields = common(content);
    const local = Buffer.concat([signature(LOCAL), fields, name]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(signature(CENTRAL), fields.subarray(0, 2), fields, tail, name);
    parts.push(local, content.bytes);
    offset += local.length + content.bytes.length;
  }
  const central = Buffer.concat(directory);
  if (offset + central.length > MOST_BYTES) {
    throw new Fault('bad-value', 'the file would be larger than 4 GiB; use safetensors');
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(contents.length, 4);
  end.writeUInt16LE(contents.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, signature(END), end]);
}
