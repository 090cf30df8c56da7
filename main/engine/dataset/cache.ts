/**
 * Drawn datasets, kept per user: a small file per spec names the content by its hash, which is
 * checked at reading.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ProceduralSpec } from '../../../shared/spec/dataset';
import { cacheFolder } from '../../native/places';
import { readTensors, writeTensors, type TensorFile } from '../checkpoint/safetensors';
import { readJson, writeAtomically, writeJson } from '../files';
import type { RawDataset, RawSplit } from './dataset';

const Entry = v.object({ sha256: v.string(), classes: v.number() });

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

function splitOf(file: TensorFile, name: string): RawSplit {
  const labels = file.tensors.get(`${name}.labels`)!.values as Int32Array;
  const images = file.tensors.get(`${name}.images`)!.values as Float32Array;
  return { images, labels, size: labels.length };
}

function readCached(entryPath: string, folder: string, name: string): RawDataset | null {
  if (!existsSync(entryPath)) return null;
  const { sha256: hash, classes } = v.parse(Entry, readJson(entryPath));
  const path = join(folder, `${hash}.safetensors`);
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  if (sha256(bytes) !== hash) return null; // damaged: drawn again
  const file = readTensors(bytes, path);
  const inputShape = file.tensors.get('train.images')!.shape.slice(1);
  return {
    name,
    inputShape,
    classes,
    white: 1,
    train: splitOf(file, 'train'),
    test: splitOf(file, 'test'),
  };
}

/** The dataset of `spec` from the cache, or from `draw`, which is then kept. */
export async function cached(
  { normalise: _, ...spec }: ProceduralSpec,
  draw: () => RawDataset,
): Promise<RawDataset> {
  const folder = join(cacheFolder(), 'datasets');
  const entryPath = join(folder, `${spec.kind}-${sha256(JSON.stringify(spec)).slice(0, 16)}.json`);
  const known = readCached(entryPath, folder, spec.kind);
  if (known !== null) return known;

  const raw = draw();
  const tensors = (['train', 'test'] as const).flatMap((name) => [
    {
      name: `${name}.images`,
      shape: [raw[name].size, ...raw.inputShape],
      values: raw[name].images,
    },
    { name: `${name}.labels`, shape: [raw[name].size], values: raw[name].labels },
  ]);
  const bytes = writeTensors(tensors, new Map([['spec', JSON.stringify(spec)]]));
  const hash = sha256(bytes);
  writeAtomically(join(folder, `${hash}.safetensors`), bytes);
  writeJson(entryPath, { sha256: hash, classes: raw.classes });
  return raw;
}
