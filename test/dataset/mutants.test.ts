/** Ten thousand mutants of a file of each kind of dataset: read or refused, never more. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openBundle, type Bundle } from '../../main/engine/foreign/dataset/bundle';
import { readFound } from '../../main/engine/foreign/dataset/read';
import { Fault } from '../../shared/fault';
import { mutant } from '../support/mutant';

const FILES = 'test/oracle/datasets';
const MUTANTS = 10_000;
/** Seconds of the processor; a mutant takes thousandths. */
const DEADLINE = 5;

/** Reads everything in a bundle; true: it was refused. Anything but a Fault is thrown. */
async function isRefused(bundle: Bundle): Promise<boolean> {
  try {
    const found = await readFound(bundle, {});
    for (const split of [found?.train, found?.test]) {
      for await (const sample of split?.values() ?? []) expect(sample.length).toBeGreaterThan(0);
    }
    return found === null;
  } catch (error) {
    if (error instanceof Fault) return true;
    throw error;
  }
}

describe('ten thousand mutants are read or refused of', () => {
  test.each([
    ['pictures', 'train/cat/0.png'],
    ['mnist-unpacked', 'train-images-idx3-ubyte'],
    ['cifar-10-batches-py', 'data_batch_1'],
  ])('%s/%s', async (folder, name) => {
    const bundle = await openBundle(join(FILES, folder));
    const original = readFileSync(join(FILES, folder, name));
    const others = bundle.filter((entry) => entry.name !== name);
    expect(others).toHaveLength(bundle.length - 1);
    // One beside it is enough, and for IDX the files of the split.
    const few = folder === 'mnist-unpacked' ? others : others.slice(0, 1);
    let refused = 0;
    for (let seed = 0; seed < MUTANTS; seed++) {
      const bytes = mutant(original, seed);
      const began = process.cpuUsage();
      const changed = { name, size: bytes.length, path: null, read: () => bytes };
      refused += Number(await isRefused([...few, changed]));
      expect(process.cpuUsage(began).user / 1e6).toBeLessThan(DEADLINE);
    }
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(MUTANTS);
  });
});
