import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchOrder, takeBatch } from '../../main/engine/dataset/batches';
import { sampleSize, type Split } from '../../main/engine/dataset/dataset';
import { loadDataset } from '../../main/engine/dataset/load';
import { stream } from '../../main/engine/backend/random';
import { stratifiedSubset } from '../../main/engine/surface/evaluation-set';
import { check } from '../../shared/spec/check';
import { DatasetSpec, datasetKinds } from '../../shared/spec/dataset';
import { startForTest } from '../support/backend';

const spec = (kind: string, extra: object = {}) =>
  check(DatasetSpec, { kind, ...extra }, 'dataset');
/** Every sample of a split, one after the other. */
function imagesOf(split: Split, inputShape: readonly number[]): Float32Array {
  const values = new Float32Array(split.size * sampleSize(inputShape));
  split.read(
    Int32Array.from(split.labels, (_, i) => i),
    values,
  );
  return values;
}
const SMALL = { train: 200, test: 100 };

beforeAll(() => startForTest());

describe.each(datasetKinds)('%s', (kind) => {
  const own = spec(kind, kind === 'digits' ? {} : SMALL);

  test('is the same every time, with the hash of its content', async () => {
    const [one, other] = [await loadDataset(own), await loadDataset(own)];
    expect(imagesOf(other.train, other.inputShape)).toEqual(imagesOf(one.train, one.inputShape));
    expect(other.hash).toBe(one.hash);
    if (kind === 'digits') return;
    expect((await loadDataset(spec(kind, { ...SMALL, seed: 2 }))).hash).not.toBe(one.hash);
  });

  test('is standardised by its training split', async () => {
    const { train, inputShape } = await loadDataset(own);
    const channels = inputShape[inputShape.length - 1];
    for (let c = 0; c < channels; c++) {
      const values = imagesOf(train, inputShape).filter((_, i) => i % channels === c);
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      const square = values.reduce((sum, v) => sum + v * v, 0) / values.length;
      expect(Math.abs(mean)).toBeLessThan(1e-4);
      expect(square).toBeCloseTo(1, 3);
    }
  });

  test('has every class in both splits, and no sample in both', async () => {
    const { train, test: held, classes, inputShape } = await loadDataset(own);
    for (const split of [train, held]) expect(new Set(split.labels).size).toBe(classes);
    const size = inputShape.reduce((product, length) => product * length, 1);
    const key = (images: Float32Array, i: number) =>
      images.subarray(i * size, (i + 1) * size).join();
    const [all, others] = [train, held].map((split) => imagesOf(split, inputShape));
    const seen = new Set(Array.from({ length: train.size }, (_, i) => key(all, i)));
    const both = Array.from({ length: held.size }, (_, i) => key(others, i)).filter((k) =>
      seen.has(k),
    );
    expect(both).toEqual([]);
  });
});

test('the digits are the 1,797 of the UCI set with its counts per class', async () => {
  const { train, test: held } = await loadDataset({ kind: 'digits' });
  expect([train.size, held.size]).toEqual([1437, 360]);
  const counts = new Array<number>(10).fill(0);
  for (const label of [...train.labels, ...held.labels]) counts[label]++;
  // As sklearn.datasets.load_digits() counts them.
  expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
});

describe('the cache of drawn datasets', () => {
  const before = process.env['ISOCURVE_CACHE'];
  const folder = mkdtempSync(join(tmpdir(), 'cache-'));
  beforeAll(() => void (process.env['ISOCURVE_CACHE'] = folder));
  afterAll(() => {
    if (before === undefined) delete process.env['ISOCURVE_CACHE'];
    else process.env['ISOCURVE_CACHE'] = before;
  });

  test('keeps the content under its hash, and draws again what is damaged', async () => {
    const own = spec('shapes', SMALL);
    const { hash } = await loadDataset(own);
    const kept = readdirSync(join(folder, 'datasets'));
    expect(kept).toHaveLength(2);
    const content = kept.find((name) => name.endsWith('.safetensors'))!;
    writeFileSync(join(folder, 'datasets', content), 'damaged');
    expect((await loadDataset(own)).hash).toBe(hash);
  });
});

describe('batches', () => {
  test('an epoch sees every sample once, in another order each epoch, the same for a seed', () => {
    const flat = (seed: number, epoch: number) =>
      batchOrder(10, 4, seed, epoch).flatMap((b) => [...b]);
    expect([...flat(1, 0)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(batchOrder(10, 4, 1, 0).map((batch) => batch.length)).toEqual([4, 4, 2]);
    expect(flat(1, 0)).toEqual(flat(1, 0));
    expect(flat(1, 1)).not.toEqual(flat(1, 0));
  });

  test('augmentation shifts by at most 4 pixels, mirrors, and keeps the size', async () => {
    const dataset = await loadDataset(spec('shapes', SMALL));
    const { images } = takeBatch(dataset, dataset.train, Int32Array.of(0, 1), stream(1, 'augment'));
    expect(images.shape).toEqual([2, 32, 32, 3]);
    const original = takeBatch(dataset, dataset.train, Int32Array.of(0, 1));
    expect(images.dataSync()).not.toEqual(original.images.dataSync());
    images.dispose();
    original.images.dispose();
  });

  test('a stratified subset has each class in its share', async () => {
    const { train } = await loadDataset({ kind: 'digits' });
    const subset = stratifiedSubset(train, 200, 1);
    expect(new Set(subset).size).toBe(200);
    const counts = new Array<number>(10).fill(0);
    for (const index of subset) counts[train.labels[index]]++;
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(18);
    expect(Math.max(...counts)).toBeLessThanOrEqual(22);
  });
});
