/**
 * Writes a dataset of others into the user's store: raw values, labels, and a manifest with what is
 * known of them. A draft folder is renamed when it is whole, so that nothing is ever half-imported.
 */

import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Fault } from '../../../../shared/fault';
import type { StoredDataset, TakeOptions } from '../../../../shared/spec/dataset';
import { shortened } from '../../../../shared/text';
import { permutation, stream } from '../../backend/random';
import { timestamp } from '../../clock';
import { sampleSize } from '../../dataset/dataset';
import { storeFiles } from '../../../native/datasets';
import { draftOf, dropDraft } from '../../../native/drafts';
import { toJson } from '../../files';
import type { FoundDataset, Samples, Values } from './samples';

/** Share of each class drawn for testing where there is no test split. */
const TEST_SHARE = 0.2;
/** Characters of a class's name. */
const MOST_NAME = 200;
const BUFFER_BYTES = 4 * 2 ** 20;
/** Fraction between two reports of progress. */
const REPORT_EVERY = 0.01;

const NAMES = ['train', 'test'] as const;

/** 1 for samples that are drawn for testing: a share of every class, by a fixed stream. */
function drawTest(labels: Int32Array, classes: number, share: number): Uint8Array {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]++;
  const wanted = counts.map((count) => Math.round(count * share));
  const drawn = new Uint8Array(labels.length);
  for (const i of permutation(labels.length, stream(0, 'test split'))) {
    if (wanted[labels[i]] === 0) continue;
    wanted[labels[i]]--;
    drawn[i] = 1;
  }
  return drawn;
}

/** Collects bytes and writes them in large pieces. */
class Output {
  private readonly file: number;
  private readonly buffer = Buffer.alloc(BUFFER_BYTES);
  private used = 0;

  constructor(path: string) {
    this.file = openSync(path, 'w');
  }

  write(values: Values | Int32Array): void {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    for (let from = 0; from < bytes.length;) {
      const taken = bytes.copy(this.buffer, this.used, from);
      from += taken;
      this.used += taken;
      if (this.used === BUFFER_BYTES) this.flush();
    }
  }

  private flush(): void {
    for (let from = 0; from < this.used;)
      from += writeSync(this.file, this.buffer, from, this.used - from);
    this.used = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }
}

type Tell = (share: number) => void;

interface Counts {
  train: number;
  test: number;
}

/** Writes samples, each to the split that `isTest` gives it to. */
async function writeSplits(
  { type, inputShape }: FoundDataset,
  samples: Samples,
  isTest: (i: number) => boolean,
  files: ReturnType<typeof storeFiles>,
  tell: Tell,
): Promise<Counts> {
  const size = sampleSize(inputShape);
  const counts = { train: 0, test: 0 };
  const outputs = new Map(
    NAMES.map((name) => [
      name,
      { images: new Output(files.images(name)), labels: new Output(files.labels(name)) },
    ]),
  );
  try {
    let i = 0;
    for await (const values of samples.values()) {
      const fits = values.length === size && (type === 'uint8') === values instanceof Uint8Array;
      if (!fits)
        throw new Fault('damaged', `sample ${i} has ${values.length} numbers, not ${size}`);
      const name = isTest(i) ? 'test' : 'train';
      outputs.get(name)!.images.write(values);
      outputs.get(name)!.labels.write(samples.labels.subarray(i, i + 1));
      counts[name]++;
      i++;
      tell(i / samples.labels.length);
    }
    if (i !== samples.labels.length) {
      throw new Fault('damaged', `there are ${i} samples for ${samples.labels.length} labels`);
    }
  } finally {
    for (const { images, labels } of outputs.values()) {
      images.close();
      labels.close();
    }
  }
  return counts;
}

/** Reads a file in pieces that hold whole samples. */
function* pieces(
  path: string,
  type: StoredDataset['type'],
  channels: number,
): Generator<{ bytes: Buffer; values: Values }> {
  const unit = channels * (type === 'uint8' ? 1 : 4);
  const buffer = Buffer.alloc(Math.ceil(BUFFER_BYTES / unit) * unit);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const got = readSync(file, buffer, 0, buffer.length, null);
      if (got === 0) return;
      const bytes = buffer.subarray(0, got);
      const values = type === 'uint8' ? bytes : new Float32Array(new Uint8Array(bytes).buffer);
      yield { bytes, values };
    }
  } finally {
    closeSync(file);
  }
}

/** Mean and deviation of each channel over a file, in float64, in two passes. */
function momentsOf(path: string, type: StoredDataset['type'], channels: number) {
  const mean = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let count = 0;
  for (const { values } of pieces(path, type, channels)) {
    for (let i = 0; i < values.length; i++) mean[i % channels] += values[i];
    count += values.length / channels;
  }
  for (let c = 0; c < channels; c++) mean[c] /= count;
  for (const { values } of pieces(path, type, channels)) {
    for (let i = 0; i < values.length; i++)
      squares[i % channels] += (values[i] - mean[i % channels]) ** 2;
  }
  return {
    mean: [...mean],
    deviation: Array.from(squares, (square) => Math.sqrt(square / count) || 1),
  };
}

function hashFile(hash: Hash, path: string): void {
  for (const { bytes } of pieces(path, 'uint8', 1)) hash.update(bytes);
}

/** SHA-256 over the samples and labels of both splits. */
function hashOf(files: ReturnType<typeof storeFiles>): string {
  const hash = createHash('sha256');
  for (const split of NAMES) {
    hashFile(hash, files.images(split));
    hashFile(hash, files.labels(split));
  }
  return hash.digest('hex');
}

/** The manifest of a dataset that lies whole in `folder`; null: there is none such. */
function readSound(folder: string, hash: string): StoredDataset | null {
  if (!existsSync(folder)) return null;
  const files = storeFiles(folder);
  try {
    if (hashOf(files) !== hash) return null;
    return JSON.parse(readFileSync(files.manifest, 'utf8')) as StoredDataset;
  } catch {
    return null; // a file of it is missing or cannot be read: the new one takes its place
  }
}

/** Puts `draft` at `folder`; what lies there, which is damaged, goes. */
function replaceFolder(folder: string, draft: string, tag: string): void {
  const old = draftOf(join(dirname(folder), `.${basename(folder)}`), tag);
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(draft, folder);
  dropDraft(old);
}

/** A name of lower-case letters, digits, dots and dashes from that of a file. */
const nameOf = (path: string): string =>
  basename(path)
    .toLowerCase()
    .replace(/(\.(zip|tar|tgz|gz|npz|npy|csv|bin))+$/, '')
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '') || 'dataset';

function checkFound({ format, classes, train }: FoundDataset): void {
  if (train.labels.length === 0) throw new Fault('damaged', `${format}: there are no samples`);
  if (classes < 2)
    throw new Fault('bad-value', `${format}: all samples are of one class; two are needed`);
}

/** Writes what `found` holds into a draft; both splits, or one of which the test split is drawn. */
async function writeDraft(
  found: FoundDataset,
  files: ReturnType<typeof storeFiles>,
  share: number,
  tell: Tell,
): Promise<Counts> {
  const { train, test, classes } = found;
  if (test === null) {
    const drawn = drawTest(train.labels, classes, share);
    return writeSplits(found, train, (i) => drawn[i] === 1, files, tell);
  }
  const both: Samples = {
    labels: Int32Array.from([...train.labels, ...test.labels]),
    async *values() {
      yield* train.values();
      yield* test.values();
    },
  };
  return writeSplits(found, both, (i) => i >= train.labels.length, files, tell);
}

/** What the files call their classes, or what the reader of them is told. */
function namesOf(
  { classes, classNames }: FoundDataset,
  { classNames: told }: TakeOptions,
): string[] {
  const names = classNames.length === 0 && told?.length === classes ? told : classNames;
  return names.map((name) => shortened(name, MOST_NAME));
}

/** Tells at most every hundredth. */
function sparingly(tell: Tell): Tell {
  let told = 0;
  return (share) => {
    if (share - told < REPORT_EVERY) return;
    told = share;
    tell(share);
  };
}

/**
 * Keeps `found`, which was read from `path`, in the store at `folder`, as a draft first whose name
 * ends with `draft`. The same content under the same name is kept once.
 * @throws Fault 'damaged' or 'bad-value'
 */
export async function keepDataset(
  found: FoundDataset,
  path: string,
  options: TakeOptions,
  { folder: root, draft: tag }: { readonly folder: string; readonly draft: string },
  tell: Tell,
): Promise<StoredDataset> {
  checkFound(found);
  const name = options.name ?? found.name ?? nameOf(path);
  const draft = draftOf(join(root, `.${name}`), tag);
  const files = storeFiles(draft);
  const { inputShape, classes, type, white, test } = found;
  mkdirSync(draft, { recursive: true });
  try {
    const counts = await writeDraft(found, files, options.testShare ?? TEST_SHARE, sparingly(tell));
    const channels = inputShape[inputShape.length - 1];
    const manifest: StoredDataset = {
      name,
      inputShape: [...inputShape],
      classes,
      classNames: namesOf(found, options),
      type,
      white,
      ...counts,
      ...momentsOf(files.images('train'), type, channels),
      hash: hashOf(files),
      source: `${basename(path)}: ${found.format}`,
      split: test === null ? 'drawn' : 'given',
      added: timestamp(),
    };
    const folder = join(root, `${name}-${manifest.hash.slice(0, 12)}`);
    const known = readSound(folder, manifest.hash);
    if (known !== null) return known;
    writeFileSync(files.manifest, toJson(manifest));
    replaceFolder(folder, draft, tag);
    return manifest;
  } finally {
    dropDraft(draft);
  }
}
