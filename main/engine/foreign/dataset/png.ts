/**
 * What PNG's decoder takes on trust: that a file has one header, and that an interlaced image
 * unpacks to no more than its pixels. (PNG, third edition, §5 and §8.2)
 */

import { inflateSync } from 'node:zlib';

const FIRST_CHUNK = 8;
/** Length, name and checksum of a chunk. */
const FRAME = 12;
/** Samples of a pixel by colour type. */
const SAMPLES = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);

/** Bytes that the seven passes of an image take at the most, with a filter byte to each row. */
function mostBytes(bytes: Buffer): number {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const bits = bytes[24] * (SAMPLES.get(bytes[25]) ?? 0);
  const rows = 2 * height + 14;
  return Math.ceil((width * height * bits) / 8) + 2 * rows;
}

/** @throws Error that says what is wrong */
export function checkPng(bytes: Buffer): void {
  const data: Buffer[] = [];
  for (let at = FIRST_CHUNK; at + FRAME <= bytes.length;) {
    const end = at + FRAME + bytes.readUInt32BE(at);
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (name === 'IHDR' && at > FIRST_CHUNK) throw new Error('it has two headers');
    if (name === 'IDAT') data.push(bytes.subarray(at + 8, end - 4));
    at = end;
  }
  const isInterlaced = bytes[28] === 1;
  if (!isInterlaced) return;
  try {
    inflateSync(Buffer.concat(data), { maxOutputLength: mostBytes(bytes) });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    throw new Error('it unpacks to more than its pixels', { cause: error });
  }
}
