/**
 * Datasets of others, taken through the process that reads them: every sample against what the
 * writers of `test/oracle/dataset_files.py` wrote.
 */

import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../main/engine/dataset/load';
import { readStored } from '../../main/engine/dataset/store';
import { takeDataset } from '../support/reader';
import { findStored, listStored, storeFiles } from '../../main/native/datasets';
import { storeFolder } from '../../main/native/places';
import type { TakeOptions } from '../../shared/spec/dataset';

const FILES = 'test/oracle/datasets';
const Expected = v.record(
  v.string(),
  v.object({
    shape: v.array(v.number()),
    train: v.optional(v.string()),
    test: v.optional(v.string()),
    trainLabels: v.optional(v.array(v.number())),
    testLabels: v.optional(v.array(v.number())),
    classNames: v.optional(v.array(v.string())),
    pixels: v.optional(v.array(v.number())),
  }),
);
const expected = v.parse(Expected, JSON.parse(readFileSync(join(FILES, 'expected.json'), 'utf8')));

beforeAll(() => {
  process.env['ISOCURVE_CACHE'] = mkdtempSync(join(tmpdir(), 'isocurve-datasets-'));
});

const scratch = () => mkdtempSync(join(tmpdir(), 'isocurve-dataset-'));
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

async function taken(path: string, options: TakeOptions = {}) {
  const { name, hash } = await takeDataset(path, options);
  const entry = findStored({ name, hash });
  const files = storeFiles(entry.folder);
  const labels = (split: 'train' | 'test') => [
    ...new Int32Array(new Uint8Array(readFileSync(files.labels(split))).buffer),
  ];
  return { entry, files, labels };
}

describe.each(Object.entries(expected).filter(([, { pixels }]) => pixels === undefined))(
  '%s',
  (name, { shape, train, test: held, trainLabels, testLabels, classNames }) => {
    test('has the samples and labels that its writer wrote', async () => {
      const part = /^emnist-(\w+)/.exec(name)?.[1];
      const path = join(FILES, part === undefined ? name : 'emnist-gzip.zip');
      const options = part === undefined ? {} : { part };
      // What comes in one split is left in one: nothing is drawn for testing.
      const share = held === undefined ? { testShare: 0 } : {};
      const { entry, files, labels } = await taken(path, { ...options, ...share });
      expect(entry.inputShape).toEqual(shape);
      expect(labels('train')).toEqual(trainLabels);
      expect(labels('test')).toEqual(testLabels ?? []);
      if (classNames !== undefined) expect(entry.classNames).toEqual(classNames);
      expect(sha256(files.images('train'))).toBe(train);
      if (held !== undefined) expect(sha256(files.images('test'))).toBe(held);
      expect(readdirSync(storeFolder()).filter((file) => file.startsWith('.'))).toEqual([]);
    });
  },
);

test('one dataset in four dresses is one dataset', async () => {
  const dresses = ['10-python.tar.gz', '10-binary.tar.gz', '10-batches-py', '10-batches-bin'];
  const hashes: string[] = [];
  for (const dress of dresses) {
    hashes.push((await takeDataset(join(FILES, `cifar-${dress}`), {})).hash);
  }
  expect(new Set(hashes).size).toBe(1);
  expect(listStored().filter(({ name }) => name === 'cifar10')).toHaveLength(1);
});

test('images of several sizes are cut and scaled as Pillow does it', async () => {
  await expect(takeDataset(join(FILES, 'sizes'), {})).rejects.toThrow(/several sizes.*--size/);
  const { files, entry } = await taken(join(FILES, 'sizes'), { size: 16, testShare: 0 });
  const pixels = readFileSync(files.images('train'));
  const off = expected['sizes'].pixels!.map((value, i) => Math.abs(value - pixels[i]));
  expect(entry.train).toBe(6);
  expect(pixels).toHaveLength(off.length);
  // Scaling may round once more or less.
  expect(Math.max(...off)).toBeLessThanOrEqual(1);
});

test('a test split that is drawn holds a fifth of every class, the same every time', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => `${i % 4},${i},${i * 0.5}`).join('\n');
  const path = join(scratch(), 'rows.csv');
  writeFileSync(path, rows);
  await expect(takeDataset(path, {})).rejects.toThrow(/which column holds the labels.*--label/);
  const first = await taken(path, { label: '1' });
  const again = await taken(path, { label: '1' });
  expect(again.entry.hash).toBe(first.entry.hash);
  expect(first.entry).toMatchObject({ train: 80, test: 20, classes: 4, split: 'drawn' });
  const counts = [0, 1, 2, 3].map((c) => first.labels('test').filter((l) => l === c).length);
  expect(counts).toEqual([5, 5, 5, 5]);
});

test('what is read from disk sample by sample equals what is held in memory', async () => {
  const { name, hash } = await takeDataset(join(FILES, 'keras-like.npz'), {});
  for (const normalise of ['own', 'unit', 'loss-landscape'] as const) {
    const spec = { kind: 'stored', name, hash, normalise } as const;
    const held = await loadDataset(spec);
    const streamed = readStored(spec, 0);
    const [one, other] = [held, streamed].map(({ train }) => {
      const values = new Float32Array(3 * 8 * 8 * 3);
      train.read([5, 0, 5], values);
      return values;
    });
    expect(other).toEqual(one);
    expect(streamed.train.labels).toEqual(held.train.labels);
  }
});

test("a dataset normalised by its own statistics has mean 0 and deviation 1, by a peer's its own", async () => {
  const { name } = await takeDataset(join(FILES, 'cifar-10-batches-py'), {});
  const valuesOf = async (normalise: 'own' | 'loss-landscape') => {
    const { train } = await loadDataset({ kind: 'stored', name, normalise });
    const values = new Float32Array(train.size * 3072);
    train.read(
      Int32Array.from({ length: train.size }, (_, i) => i),
      values,
    );
    return values.filter((_, i) => i % 3 === 1);
  };
  const own = await valuesOf('own');
  expect(own.reduce((sum, x) => sum + x, 0) / own.length).toBeCloseTo(0, 4);
  expect(own.reduce((sum, x) => sum + x * x, 0) / own.length).toBeCloseTo(1, 4);
  const peer = await valuesOf('loss-landscape');
  const { folder } = findStored({ name });
  const raw = readFileSync(storeFiles(folder).images('train'));
  expect(peer[0]).toBeCloseTo((raw[1] - 123) / 62.1, 5);
});

describe('a file that is not sound is refused in one sentence, and nothing is kept', () => {
  const cases: [string, (folder: string) => void, RegExp][] = [
    [
      'an archive cut off',
      (at) => cut(at, 'cifar-10-python.tar.gz', 900),
      /not whole.*fetch it again/,
    ],
    [
      'a batch cut off',
      (at) => cut(at, 'cifar-10-batches-bin/data_batch_3.bin', 5000),
      /not whole records/,
    ],
    ['a pickle cut off', (at) => cut(at, 'cifar-10-batches-py/data_batch_2', 700), /cut off/],
    [
      'an IDX file cut off',
      (at) => cut(at, 'mnist-unpacked/train-images-idx3-ubyte', 400),
      /are to follow/,
    ],
    ['gzip cut off', (at) => cut(at, 'mnist/train-images-idx3-ubyte.gz', 200), /gzip is not whole/],
    [
      'an image cut off',
      (at) => cut(at, 'pictures/train/cat/1.png', 60),
      /1\.png cannot be read as an image/,
    ],
    ['an empty folder', (at) => mkdirSync(join(at, 'empty')), /holds no dataset.*it is empty/],
    ['a pickle that is code', (at) => code(at), /os\.system|posix/],
    ['a gzip bomb', (at) => bomb(at), /gzip is not whole|too much memory/],
    [
      'a table of words',
      (at) => writeFileSync(join(at, 'words.csv'), 'label,x\n1,red\n2,blue\n'),
      /'red' in column 2 is no number/,
    ],
    [
      'a table with a short row',
      (at) => writeFileSync(join(at, 'short.csv'), 'label,x,y\n1,2,3\n2,4\n'),
      /columns|Record Length/i,
    ],
    [
      'one class',
      (at) => writeFileSync(join(at, 'one.csv'), 'label,x\n1,2\n1,3\n'),
      /one class; two are needed/,
    ],
  ];

  const cut = (at: string, file: string, length: number) => {
    const [first] = file.split('/');
    cpSync(join(FILES, first), join(at, first), { recursive: true });
    truncateSync(join(at, file), length);
  };
  const code = (at: string) => {
    mkdirSync(join(at, 'code'));
    const pickle = '\x80\x02cposix\nsystem\nU\x04echo\x85R.';
    writeFileSync(join(at, 'code', 'data_batch_1'), pickle, 'latin1');
  };
  const bomb = (at: string) => {
    mkdirSync(join(at, 'bomb'));
    const zeros = gzipSync(Buffer.alloc(1_100_000_000));
    for (const kind of ['images-idx3', 'labels-idx1']) {
      writeFileSync(join(at, 'bomb', `train-${kind}-ubyte.gz`), zeros);
    }
  };

  test.each(cases)('%s', async (_, make, sentence) => {
    const at = scratch();
    make(at);
    const before = listStored().length;
    const [name] = readdirSync(at);
    await expect(takeDataset(join(at, name), {})).rejects.toThrow(sentence);
    expect(listStored()).toHaveLength(before);
    expect(readdirSync(storeFolder()).filter((file) => file.startsWith('.'))).toEqual([]);
  });
});

test('a dataset that changed on disk is found out and mended by adding it again, and one that is gone says how it comes back', async () => {
  const { name, hash } = await takeDataset(join(FILES, 'mnist'), { name: 'marked' });
  const path = storeFiles(findStored({ name, hash }).folder).images('train');
  const bytes = readFileSync(path);
  bytes[100] ^= 1;
  writeFileSync(path, bytes);
  await expect(loadDataset({ kind: 'stored', name })).rejects.toThrow(/content has changed/);
  truncateSync(path, 100);
  await expect(loadDataset({ kind: 'stored', name })).rejects.toThrow(
    /has 100 bytes, not .*; add the files that it was made from again/,
  );
  await takeDataset(join(FILES, 'mnist'), { name: 'marked' });
  bytes[100] ^= 1;
  expect(readFileSync(path)).toEqual(bytes);
  expect((await loadDataset({ kind: 'stored', name })).hash).toBe(hash);
  await expect(loadDataset({ kind: 'stored', name: 'nowhere' })).rejects.toThrow(
    /not on this machine.*dataset add/,
  );
});
