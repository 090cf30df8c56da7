/** Files of other programs: what real libraries wrote, what was forged, and what was broken. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { identify } from '../../main/engine/foreign/identify';
import { reportOf } from '../../main/engine/foreign/report';
import { FileSource } from '../../main/engine/foreign/source';
import type { ForeignTensor } from '../../main/engine/foreign/tensors';
import { inspectFile, takeWeights } from '../support/reader';
import { fate } from '../support/fate';
import { fromHex, type Written } from '../support/written';
import { attacks } from './attacks';

const FOLDER = 'test/oracle/foreign';
const place = (name: string) => join(FOLDER, name);
const temporary = mkdtempSync(join(tmpdir(), 'isocurve-foreign-'));

const expected = JSON.parse(readFileSync(place('expected.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, Written>> | readonly Written[]>
>;

const read = async (name: string): Promise<readonly ForeignTensor[]> => {
  const source = new FileSource(place(name));
  const { tensors } = await identify(source, place(name));
  return tensors;
};

describe('every tensor is exact of', () => {
  const named = Object.entries(expected).filter(([, tensors]) => !Array.isArray(tensors));
  test.each(named)('%s', async (name, written) => {
    const tensors = await read(name);
    const wanted = new Map(Object.entries(written as Readonly<Record<string, Written>>));
    expect(tensors.map((tensor) => tensor.name).sort()).toEqual([...wanted.keys()].sort());
    for (const tensor of tensors) {
      const { shape, dtype, values } = wanted.get(tensor.name)!;
      expect([tensor.shape, tensor.dtype]).toEqual([shape, dtype]);
      expect([...tensor.read()]).toEqual(values.map(fromHex));
    }
  });

  // Keras names its layers anew in each of its formats; the numbers are the same in all.
  const keras = Object.entries(expected).filter(([, tensors]) => Array.isArray(tensors));
  test.each(keras)('%s', async (name, written) => {
    const found = (await read(name)).map(({ shape, read: values }) =>
      JSON.stringify([shape, [...values()]]),
    );
    const wanted = (written as readonly Written[]).map(({ shape, values }) =>
      JSON.stringify([shape, values.map(fromHex)]),
    );
    expect(found.sort()).toEqual(wanted.sort());
  });

  test('at least forty files', () =>
    expect(Object.keys(expected).length).toBeGreaterThanOrEqual(40));
});

test('NaN and infinite numbers are counted and said', async () => {
  const source = new FileSource(place('torch-zip-float32.pt'));
  const report = reportOf(source, await identify(source, place('torch-zip-float32.pt')));
  expect(report.tensors.map(({ odd }) => odd)).toEqual([3, 0]);
  expect(report.verdict).toMatch(/3 of them are NaN or infinite/);
});

describe('a forged file is refused for', () => {
  test.each(attacks.map(({ name, content, reason }) => [name, content, reason] as const))(
    '%s',
    async (_, content, reason) => {
      const said = await fate(join(temporary, 'forged'), content);
      expect(said).toMatch(/^refused: forged cannot be read/);
      expect(said).toMatch(reason);
      expect(said).toMatch(/at byte \d+/);
      expect(said).not.toMatch(/\n/);
    },
  );

  test('all of sixty reasons', () => expect(attacks.length).toBeGreaterThanOrEqual(60));
});

describe('in a process of its own', () => {
  test('a file is inspected, and its weights are taken once', async () => {
    const report = await inspectFile(place('resnet8.pth'));
    expect(report).toMatchObject({ kind: 'checkpoint', format: 'PyTorch archive' });
    expect(report.guess).toMatchObject({
      model: { family: 'resnet', depth: 8, width: 2, skip: 'projection' },
      classes: 10,
      channels: 1,
    });
    const [first, second] = [
      await takeWeights(place('resnet8.pth')),
      await takeWeights(place('resnet8.pth')),
    ];
    expect(second.path).toBe(first.path);
  });

  test('an index whose shard is not there says which', async () => {
    const path = join(temporary, 'index.json');
    writeFileSync(path, '{"weight_map": {"w": "elsewhere.safetensors"}}');
    await expect(inspectFile(path)).rejects.toThrow(/"elsewhere.safetensors" is missing beside it/);
  });

  test('what is not there, a folder and nonsense get their sentence', async () => {
    await expect(inspectFile(join(temporary, 'nowhere.pt'))).rejects.toThrow(/no such file/);
    await expect(inspectFile(temporary)).rejects.toThrow(/is a folder/);
    const path = join(temporary, 'notes.txt');
    writeFileSync(path, 'not weights');
    await expect(takeWeights(path)).rejects.toThrow(/cannot be read as anything known/);
  });
});
