/**
 * CIFAR-10 and CIFAR-100 (Krizhevsky 2009) as they are given out: batches of Python's pickle or of
 * plain bytes. A record is its label, or coarse and fine label, and 3,072 bytes, red before green
 * before blue.
 */

import { Fault } from '../../../../shared/fault';
import { Bytes, List, Unpickler, type Value } from '../pickle';
import { NumpyArray, torchBuilder } from '../torch';
import { baseName, type Bundle, type Entry } from './bundle';
import { channelsLast, type FoundDataset, type Samples } from './samples';

const SIDE = 32;
const CHANNELS = 3;
const PIXELS = SIDE * SIDE * CHANNELS;

/** One file of records. */
interface Batch {
  readonly labels: readonly number[];
  /** All images, channels first. */
  readonly planes: Uint8Array;
}

interface Parts {
  readonly classes: 10 | 100;
  readonly format: string;
  readonly train: readonly Entry[];
  readonly test: readonly Entry[];
  readonly names: Entry | undefined;
  read(entry: Entry): Batch;
  readNames(entry: Entry): string[];
}

const damaged = (entry: Entry, reason: string): Fault =>
  new Fault('damaged', `${entry.name} cannot be read as CIFAR: ${reason}`);

/** A file of records of `before` label bytes, the last of which counts. */
const readBinary =
  (before: number) =>
  (entry: Entry): Batch => {
    const bytes = entry.read();
    const record = before + PIXELS;
    const count = bytes.length / record;
    if (!Number.isInteger(count) || count === 0) {
      throw damaged(entry, `its ${bytes.length} bytes are not whole records of ${record}`);
    }
    const planes = new Uint8Array(count * PIXELS);
    const labels = Array.from({ length: count }, (_, i) => {
      planes.set(bytes.subarray(i * record + before, (i + 1) * record), i * PIXELS);
      return bytes[i * record + before - 1];
    });
    return { labels, planes };
  };

const lines = (entry: Entry): string[] =>
  entry
    .read()
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The dict of a pickled batch, by the text of its keys: Python 3 writes some of them as bytes. */
function readDict(entry: Entry): Map<string, Value> {
  const refuse = (offset: number, reason: string) =>
    damaged(entry, `${reason} (at byte ${offset})`);
  const root = new Unpickler(entry.read(), 0, torchBuilder, refuse).load();
  if (!(root instanceof Map)) throw damaged(entry, 'its pickle is no dict');
  return new Map([...(root as Map<Value, Value>)].map(([key, value]) => [textOf(key), value]));
}

const textOf = (value: Value): string =>
  value instanceof Bytes ? Buffer.from(value.bytes).toString('latin1') : String(value);

const readPickled =
  (key: string) =>
  (entry: Entry): Batch => {
    const dict = readDict(entry);
    const [data, labels] = [dict.get('data'), dict.get(key)];
    if (!(data instanceof NumpyArray) || data.dtype !== 'uint8' || data.shape[1] !== PIXELS) {
      throw damaged(entry, `its 'data' is not an array of n×${PIXELS} bytes`);
    }
    const count = data.shape[0];
    if (!(labels instanceof List) || labels.items.length !== count) {
      throw damaged(entry, `its '${key}' are not ${count} labels`);
    }
    return { labels: labels.items.map(Number), planes: data.bytes };
  };

const readPickledNames =
  (key: string) =>
  (entry: Entry): string[] => {
    const names = readDict(entry).get(key);
    return names instanceof List ? names.items.map((name) => textOf(name)) : [];
  };

/** Whether a file begins as a pickle: CIFAR-100's are called `train` and `test`, as folders are. */
const isPickle = (entry: Entry): boolean => entry.read()[0] === 0x80;

function partsOf(bundle: Bundle): Parts | null {
  const named = (pattern: RegExp) => bundle.filter((entry) => pattern.test(baseName(entry)));
  const binary10 = named(/^data_batch_\d+\.bin$/);
  if (binary10.length > 0) {
    return {
      classes: 10,
      format: 'CIFAR-10 in binary batches',
      train: binary10,
      test: named(/^test_batch\.bin$/),
      names: named(/^batches\.meta\.txt$/)[0],
      read: readBinary(1),
      readNames: lines,
    };
  }
  const pickled10 = named(/^data_batch_\d+$/);
  if (pickled10.length > 0) {
    return {
      classes: 10,
      format: 'CIFAR-10 in Python batches',
      train: pickled10,
      test: named(/^test_batch$/),
      names: named(/^batches\.meta$/)[0],
      read: readPickled('labels'),
      readNames: readPickledNames('label_names'),
    };
  }
  const binary100 = named(/^train\.bin$/);
  if (binary100.length === 1) {
    return {
      classes: 100,
      format: 'CIFAR-100 in binary batches',
      train: binary100,
      test: named(/^test\.bin$/),
      names: named(/^fine_label_names\.txt$/)[0],
      read: readBinary(2),
      readNames: lines,
    };
  }
  const pickled100 = named(/^train$/);
  if (pickled100.length !== 1 || !isPickle(pickled100[0])) return null;
  return {
    classes: 100,
    format: 'CIFAR-100 in Python batches',
    train: pickled100,
    test: named(/^test$/),
    names: named(/^meta$/)[0],
    read: readPickled('fine_labels'),
    readNames: readPickledNames('fine_label_names'),
  };
}

function samplesOf(entries: readonly Entry[], { read, classes }: Parts): Samples {
  const batches = entries.map((entry) => {
    const batch = read(entry);
    const stranger = batch.labels.find((label) => !(label >= 0 && label < classes));
    if (stranger !== undefined)
      throw damaged(entry, `it names the class ${stranger} of ${classes}`);
    return batch;
  });
  return {
    labels: Int32Array.from(batches.flatMap(({ labels }) => labels)),
    *values() {
      for (const { planes } of batches) {
        for (let from = 0; from < planes.length; from += PIXELS) {
          yield channelsLast(planes.subarray(from, from + PIXELS), CHANNELS);
        }
      }
    },
  };
}

/** CIFAR in `bundle`; null where it is none. @throws Fault 'damaged' */
export function readCifar(bundle: Bundle): FoundDataset | null {
  const parts = partsOf(bundle);
  if (parts === null) return null;
  const { classes, format, train, test, names } = parts;
  const known = names === undefined ? [] : parts.readNames(names);
  return {
    format,
    name: `cifar${classes}`,
    inputShape: [SIDE, SIDE, CHANNELS],
    classes,
    classNames: known.length === classes ? known : [],
    type: 'uint8',
    white: 255,
    train: samplesOf(train, parts),
    test: test.length === 0 ? null : samplesOf(test, parts),
  };
}
