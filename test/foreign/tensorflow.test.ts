/**
 * Checkpoints and SavedModels of TensorFlow: its own files (`tensorflow_files.py`), and forged
 * ones.
 */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { identify } from '../../main/engine/foreign/identify';
import { spokesman } from '../../main/engine/foreign/folder';
import { FileSource } from '../../main/engine/foreign/source';
import { inspectFile, takeWeights } from '../support/reader';
import { fate } from '../support/fate';
import { fromHex, type Written } from '../support/written';
import { bundleEntry, field, tableOf } from './forge';

const FOLDER = 'test/oracle/tf';
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, Written>>>
>;
const temporary = mkdtempSync(join(tmpdir(), 'isocurve-tensorflow-'));
afterAll(() => rmSync(temporary, { recursive: true }));

describe('every tensor is exact of', () => {
  test.each(Object.entries(expected))('%s', async (place, written) => {
    const path = join(FOLDER, place);
    const file = /\.\w+$/.test(place) ? path : spokesman(path)!;
    const { tensors } = await identify(new FileSource(file), file);
    expect(tensors.map(({ name }) => name).sort()).toEqual(Object.keys(written).sort());
    for (const { name, shape, dtype, read } of tensors) {
      expect([name, shape, dtype]).toEqual([name, written[name].shape, written[name].dtype]);
      expect([...read()]).toEqual(written[name].values.map(fromHex));
    }
  });
});

test('tensors come in the order of their layers, not of their spelling', async () => {
  const path = join(FOLDER, 'weights/deep.index');
  const { tensors } = await identify(new FileSource(path), path);
  const layers = tensors.map(({ name }) => Number(/\d+/.exec(name)![0]));
  expect(layers).toEqual([...layers].sort((a, b) => a - b));
});

test('a folder is inspected and taken in a process of its own', async () => {
  const place = join(FOLDER, 'checkpoint');
  const report = await inspectFile(place);
  expect(report).toMatchObject({ kind: 'checkpoint', name: 'checkpoint' });
  expect(report.verdict).toMatch(/^TensorFlow checkpoint: 13 tensors, 67 numbers/);
  const [folder, index] = [
    await takeWeights(place),
    await takeWeights(join(place, 'ckpt-2.index')),
  ];
  expect(folder.path).toBe(index.path);
});

describe('a checkpoint is refused', () => {
  const copy = (name: string) => {
    const to = join(temporary, name);
    cpSync(join(FOLDER, 'checkpoint'), to, { recursive: true });
    return { index: join(to, 'ckpt-2.index'), data: join(to, 'ckpt-2.data-00000-of-00001') };
  };

  test('whose data are missing, by their name', async () => {
    const { index, data } = copy('missing');
    rmSync(data);
    await expect(inspectFile(index)).rejects.toThrow(
      /"ckpt-2.data-00000-of-00001" is missing beside it/,
    );
  });

  test('whose data were changed or cut', async () => {
    const { index, data } = copy('changed');
    const bytes = readFileSync(data);
    bytes[40] ^= 1;
    writeFileSync(data, bytes);
    await expect(inspectFile(index)).rejects.toThrow(/does not have its checksum; fetch it again/);
    writeFileSync(data, bytes.subarray(0, 100));
    await expect(inspectFile(index)).rejects.toThrow(/the file ends after 100/);
  });

  test('whose graph came without its folder', async () => {
    const path = join(temporary, 'saved_model.pb');
    cpSync(join(FOLDER, 'module/saved_model.pb'), path);
    await expect(inspectFile(path)).rejects.toThrow(/bring the whole folder/);
  });
});

test('a SavedModel whose config was changed says so', async () => {
  const to = join(temporary, 'keras2');
  cpSync(join(FOLDER, 'keras2'), to, { recursive: true });
  const path = join(to, 'keras_metadata.pb');
  const bytes = readFileSync(path);
  bytes.write('{,', bytes.indexOf('{"name"'));
  writeFileSync(path, bytes);
  await expect(inspectFile(to)).rejects.toThrow(/the config of its Keras model is not JSON/);
  writeFileSync(path, bytes.subarray(0, 200));
  await expect(inspectFile(to)).rejects.toThrow(/a field goes on behind the end/);
});

describe('a forged index is refused for', () => {
  const header = [field(1, 1), field(2, 0)];
  const weights = (...fields: Buffer[]) =>
    tableOf([
      ['', Buffer.concat(header)],
      ['w', Buffer.concat(fields)],
    ]);
  test.each([
    ['a block that is compressed', tableOf([['', field(1, 1)]], { compression: 1 }), /compressed/],
    ['a block without its checksum', tableOf([['', field(1, 1)]], { checksum: 7 }), /checksum/],
    ['a block of four gigabytes', tableOf([], { claims: 2 ** 32 }), /a block claims 4294967296/],
    ['an index that lies behind the end', tableOf([], { offset: 1e9 }), /the file ends after/],
    ['an entry that shares more than there is', tableOf([], { shared: 9 }), /behind its block/],
    [
      'a key that is there twice',
      tableOf([
        ['w', field(1, 1)],
        ['w', field(1, 1)],
      ]),
      /twice/,
    ],
    ['another machine', tableOf([['', field(2, 1)]]), /big-endian/],
    ['a type that is none', weights(...bundleEntry({ type: 99 })), /of the type 99/],
    ['a size that does not fit', weights(...bundleEntry({ size: 9 })), /size that its shape says/],
    ['slices', weights(...bundleEntry({}), field(7, Buffer.from([8, 1]))), /cut into slices/],
    ['a number without an end', weights(Buffer.alloc(12, 0xff)), /does not end/],
    ['a field of no kind', weights(Buffer.from([0x0f])), /of the kind 7/],
    ['a field behind the end', weights(Buffer.from([0x12, 0x50])), /behind the end/],
    ['a shape of too many numbers', weights(...bundleEntry({ length: 2 ** 52 })), /its shape says/],
  ])('%s', async (_, content, reason) => {
    const said = await fate(join(temporary, 'forged.index'), content);
    expect(said).toMatch(/^refused: forged.index cannot be read as/);
    expect(said).toMatch(reason);
  });
});
