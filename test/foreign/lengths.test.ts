/** Lengths that a file claims: exact, however large, and never more than it can hold. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import h5wasm, { Module } from 'h5wasm';
import { PNG } from 'pngjs';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import type { Entry } from '../../main/engine/foreign/dataset/bundle';
import { loadJpeg } from '../../main/engine/foreign/dataset/jpeg';
import { decodePicture } from '../../main/engine/foreign/dataset/pictures';
import { countOf } from '../../main/engine/foreign/tensors';
import { fate } from '../support/fate';
import { zipOf } from './forge';

const FOLDER = 'test/oracle/lengths';
const temporary = mkdtempSync(join(tmpdir(), 'isocurve-lengths-'));
afterAll(() => rmSync(temporary, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

describe('HDF5', () => {
  /** So long that what is claimed is not out of all proportion to the file. */
  const long = (name: string) => {
    const content = readFileSync(join(FOLDER, name));
    return Buffer.concat([content, Buffer.alloc(22_000_000 - content.length)]);
  };

  test.each([
    ['chunked.h5', /'w' claims 4294967312 numbers, and up to 2,147,483,647 bytes/],
    ['contiguous.h5', /'w' claims 536870914 numbers, and up to 2,147,483,647 bytes/],
    ['half.h5', /'w' claims 1073741824 numbers, and up to 2,147,483,647 bytes/],
    ['product.h5', /'w' claims 4294967296×4294967296 numbers/],
  ])('lengths over 31 bits are refused before anything is allocated: %s', async (name, reason) => {
    await h5wasm.ready;
    const allocate = vi.spyOn(Module, '_malloc').mockImplementation(() => {
      throw new Error('it was allocated');
    });
    expect(await fate(join(temporary, name), long(name))).toMatch(reason);
    expect(allocate).not.toHaveBeenCalled();
  });

  test('a dataset of which not all bytes come back is refused', async () => {
    await h5wasm.ready;
    vi.spyOn(Module, '_malloc').mockImplementation(() => Module.HEAPU8.length - 4);
    vi.spyOn(Module, '_free').mockImplementation(() => undefined);
    vi.spyOn(Module, 'get_dataset_data').mockImplementation(() => 0);
    const sound = readFileSync('test/oracle/foreign/plain.h5');
    expect(await fate(join(temporary, 'plain.h5'), sound)).toMatch(/4 of \d+ bytes came back/);
  });
});

test('a shape is counted exactly, or not at all', () => {
  expect(countOf([2 ** 26, 2 ** 26])).toBe(2 ** 52);
  expect(countOf([94_906_265, 94_906_265])).toBe(9_007_199_136_250_225);
  expect(countOf([94_906_266, 94_906_266])).toBe(null);
  expect(countOf([2 ** 32, 2 ** 32])).toBe(null);
  expect(countOf([2 ** 52, 2 ** 52, 0])).toBe(0);
  expect(countOf([2 ** 53, 0])).toBe(null);
  expect(countOf(new Array<number>(1_000_000).fill(Number.MAX_SAFE_INTEGER))).toBe(null);
});

test('a zip archive of a directory beyond any file is refused', async () => {
  const archive = zipOf([{ name: 'a.npy', content: Buffer.from('x') }]);
  const end = archive.subarray(archive.length - 22);
  const wide = Buffer.alloc(56 + 20);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(1n, 32);
  wide.writeBigUInt64LE(2n ** 63n, 40);
  wide.writeUInt32LE(0x07064b50, 56);
  wide.writeBigUInt64LE(BigInt(archive.length - 22), 64);
  const forged = Buffer.concat([archive.subarray(0, archive.length - 22), wide, end]);
  expect(await fate('wide.npz', forged)).toMatch(/directory claims more bytes than a file can/);
});

describe('an image', () => {
  const chunk = (name: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), content]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(content.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = (side: number, interlaced: boolean): Buffer => {
    const content = Buffer.alloc(13);
    content.writeUInt32BE(side, 0);
    content.writeUInt32BE(side, 4);
    content.set([8, 0, 0, 0, Number(interlaced)], 8);
    return chunk('IHDR', content);
  };
  const pngOf = (...chunks: Buffer[]): Buffer =>
    Buffer.concat([
      Buffer.from('89504e470d0a1a0a', 'hex'),
      ...chunks,
      chunk('IEND', Buffer.alloc(0)),
    ]);
  const data = (bytes: number): Buffer => chunk('IDAT', deflateSync(Buffer.alloc(bytes)));
  const decode = (content: Buffer) => {
    const entry: Entry = { name: 'a', size: content.length, path: null, read: () => content };
    return decodePicture(entry, content, 1);
  };

  test('of two headers is refused', () => {
    expect(decode(pngOf(header(4, false), data(4 * 5))).bytes).toHaveLength(16);
    const forged = pngOf(header(4, false), header(64, false), data(64 * 65));
    expect(() => decode(forged)).toThrow(/it has two headers/);
  });

  test('that is interlaced is unpacked no further than its pixels go', () => {
    const inflated = vi.spyOn(PNG.sync, 'read');
    // 4×4 pixels come in passes of 1, 1, 2, 2×2 and 2×4 pixels, each row with its filter.
    const passes = [1 + 1, 1 + 1, 1 + 2, 2 * (1 + 2), 2 * (1 + 4)];
    const sound = pngOf(header(4, true), data(passes.reduce((sum, bytes) => sum + bytes)));
    expect(decode(sound).bytes).toEqual(new Uint8Array(16));
    expect(inflated).toHaveBeenCalledTimes(1);
    const bomb = pngOf(header(4, true), data(100_000_000));
    expect(() => decode(bomb)).toThrow(/it unpacks to more than its pixels/);
    expect(inflated).toHaveBeenCalledTimes(1);
  });

  test('whose frame is found elsewhere by its decoder is refused', async () => {
    await loadJpeg();
    const sound = readFileSync('test/oracle/datasets/sizes/b/0.jpg');
    expect(decode(sound).bytes.length).toBeGreaterThan(16);
    // A comment after a byte that fills: who takes that byte for a marker leaps into the comment.
    const comment = Buffer.alloc(2 + 1 + 0xffff);
    comment.writeUInt32BE(0xfffffeff, 0);
    comment[4] = 0xff;
    const frame = Buffer.from('ffc0000b080004000401011100', 'hex');
    frame.copy(comment, 2 + 0xfeff);
    const forged = Buffer.concat([sound.subarray(0, 2), comment, sound.subarray(2)]);
    expect(() => decode(forged)).toThrow(/it claims 4×4 pixels and has others/);
  });
});
