/**
 * Datasets of the user's own store. Raw values lie one sample after the other; what does not fit
 * memory is read as it is needed.
 */

import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { Fault } from '../../../shared/fault';
import type { StoredDataset, StoredEntry, StoredSpec } from '../../../shared/spec/dataset';
import { findStored, storeFiles } from '../../native/datasets';
import { momentsFor, sampleSize, type Dataset, type Moments, type Split } from './dataset';

/** Raw values of one split that are kept in memory: an eighth of it, and 2 GiB at the most. */
const mostInMemory = (): number => Math.min(2 * 2 ** 30, totalmem() / 8);

/** Reads whole samples of a file, wherever they lie in it. */
interface Samples {
  read(indices: ArrayLike<number>, use: (values: ArrayLike<number>, i: number) => void): void;
}

const valuesOf = (bytes: Buffer, type: StoredDataset['type']): Uint8Array | Float32Array =>
  type === 'uint8' ? bytes : new Float32Array(new Uint8Array(bytes).buffer);

function inMemory(values: Uint8Array | Float32Array, length: number): Samples {
  return {
    read(indices, use) {
      for (let i = 0; i < indices.length; i++) {
        use(values.subarray(indices[i] * length, (indices[i] + 1) * length), i);
      }
    },
  };
}

function onDisk(path: string, type: StoredDataset['type'], length: number): Samples {
  const bytes = Buffer.alloc(length * (type === 'uint8' ? 1 : 4));
  return {
    read(indices, use) {
      const file = openSync(path, 'r');
      try {
        for (let i = 0; i < indices.length; i++) {
          readSync(file, bytes, 0, bytes.length, indices[i] * bytes.length);
          use(valuesOf(bytes, type), i);
        }
      } finally {
        closeSync(file);
      }
    },
  };
}

/** The samples standardised as they are read. */
function splitOf(samples: Samples, labels: Int32Array, length: number, moments: Moments): Split {
  const { mean, deviation } = moments;
  const channels = mean.length;
  return {
    size: labels.length,
    labels,
    read(indices, into) {
      samples.read(indices, (values, i) => {
        const start = i * length;
        for (let k = 0; k < length; k++) {
          into[start + k] = (values[k] - mean[k % channels]) / deviation[k % channels];
        }
      });
    },
  };
}

const damaged = (entry: StoredEntry, what: string): Fault =>
  new Fault(
    'damaged',
    `the dataset '${entry.name}' in ${entry.folder} is damaged: ${what}; add the files that it was made from again, under the same name, and it is whole`,
  );

function checkSize(entry: StoredEntry, path: string, expected: number): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === expected) return;
  const found = size === undefined ? 'is missing' : `has ${size} bytes`;
  throw damaged(entry, `${path} ${found}, not ${expected} bytes`);
}

/** The one that was read last: a plan asks for it at every change. */
let last: { readonly key: string; readonly dataset: Dataset } | null = null;

/** What must be the same for it to serve again: the spec, and the files as they lie. */
const keyOf = (spec: StoredSpec, { folder }: StoredEntry): string => {
  const { images } = storeFiles(folder);
  const times = (['train', 'test'] as const).map(
    (split) => statSync(images(split), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return JSON.stringify([spec, folder, times]);
};

/** The dataset of `spec`, read once as long as it stays as it is. @throws Fault as `readStored` */
export function loadStored(spec: StoredSpec): Dataset {
  const key = keyOf(spec, findStored(spec));
  if (last?.key !== key) last = { key, dataset: readStored(spec) };
  return last.dataset;
}

/**
 * The dataset of `spec`. What fits memory is read whole and checked against its hash; the rest is
 * checked for its length. @throws Fault 'not-found' or 'damaged'
 */
export function readStored(spec: StoredSpec, mostHeld = mostInMemory()): Dataset {
  const entry = findStored(spec);
  const { inputShape, type } = entry;
  const length = sampleSize(inputShape);
  const moments = momentsFor(spec.normalise, () => entry, entry);
  const files = storeFiles(entry.folder);
  const itemBytes = length * (type === 'uint8' ? 1 : 4);
  const hash = createHash('sha256');
  let isWhole = true;
  const load = (name: 'train' | 'test'): Split => {
    const count = entry[name];
    const [images, labelsPath] = [files.images(name), files.labels(name)];
    checkSize(entry, images, count * itemBytes);
    checkSize(entry, labelsPath, count * 4);
    const labelBytes = readFileSync(labelsPath);
    const labels = new Int32Array(new Uint8Array(labelBytes).buffer);
    if (labels.some((label) => label < 0 || label >= entry.classes)) {
      throw damaged(entry, `${labelsPath} names a class that there is not`);
    }
    if (count * itemBytes > mostHeld) {
      isWhole = false;
      return splitOf(onDisk(images, type, length), labels, length, moments);
    }
    const bytes = readFileSync(images);
    hash.update(bytes).update(labelBytes);
    return splitOf(inMemory(valuesOf(bytes, type), length), labels, length, moments);
  };
  const splits = { train: load('train'), test: load('test') };
  if (isWhole && hash.digest('hex') !== entry.hash) throw damaged(entry, 'its content has changed');
  const { name, classes, classNames, white } = entry;
  const { mean, deviation } = moments;
  return {
    name,
    inputShape,
    classes,
    classNames,
    white,
    hash: entry.hash,
    mean,
    deviation,
    ...splits,
  };
}
