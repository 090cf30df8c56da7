/** `dataset`: what there is, fetching it, taking it from files, looking at it, removing it. */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Fault } from '../../../shared/fault';
import { check } from '../../../shared/spec/check';
import { TakeOptions, type StoredDataset, type StoredEntry } from '../../../shared/spec/dataset';
import { printable } from '../../../shared/text';
import {
  downloadFolder,
  fetchDataset,
  findPublic,
  publicDatasets,
} from '../../host/public-datasets';
import { findStored, listStored, removeStored, storeFiles } from '../../native/datasets';
import { storeFolder } from '../../native/places';
import { takeWithProgress } from '../dataset-flag';
import { numberFlag } from '../flags';
import { ProgressLine, say, tableLines } from '../print';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** `isocurve dataset list` */
export async function list(): Promise<number> {
  const stored = listStored();
  if (stored.length > 0) {
    const rows = stored.map((entry) => [
      entry.name,
      entry.inputShape.join('×'),
      String(entry.classes),
      entry.train.toLocaleString('en'),
      entry.test.toLocaleString('en'),
      megabytes(entry.bytes),
    ]);
    say(tableLines(['on this machine', 'sample', 'classes', 'train', 'test', 'on disk'], rows));
    say([`in ${storeFolder()}`, '']);
  }
  const names = new Set(stored.map(({ name }) => name));
  const rows = publicDatasets()
    .filter(({ name }) => !names.has(name))
    .map(({ name, title, files }) => [
      name,
      title,
      megabytes(files.reduce((sum, { bytes }) => sum + bytes, 0)),
    ]);
  say(tableLines(["'isocurve dataset fetch'", 'what it is', 'download'], rows));
  say([
    '',
    "'isocurve dataset add PATH' takes CIFAR, MNIST, folders of images, NumPy arrays and CSV",
  ]);
  return 0;
}

/** Consent on a terminal; without one, `--yes` is the way to give it. */
async function confirmed(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    throw new Fault(
      'bad-value',
      `${question} say so by --yes, since there is no terminal to ask on`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${printable(question)} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

const sizesOf = ({ train, test, inputShape, classes, split }: StoredDataset): string =>
  `${inputShape.join('×')}, ${classes} classes, ${train.toLocaleString('en')} to train, ${test.toLocaleString('en')} to test${split === 'drawn' ? ' (drawn from the one split it came in)' : ''}`;

function told(dataset: StoredDataset): number {
  say(`${dataset.name}: ${sizesOf(dataset)}`);
  say(`use it by --dataset ${dataset.name}`);
  return 0;
}

/** `isocurve dataset fetch NAME` */
export async function fetchNamed(name: string, flags: { yes?: boolean }): Promise<number> {
  const dataset = findPublic(name);
  const size = megabytes(dataset.files.reduce((sum, { bytes }) => sum + bytes, 0));
  const [{ url }] = dataset.files;
  const question = `download ${size} from ${new URL(url).host} to ${downloadFolder(name)}?`;
  if (flags.yes !== true && !(await confirmed(question))) {
    say('nothing was downloaded');
    return 1;
  }
  const line = new ProgressLine();
  const tell = (phase: string, share: number) =>
    line.update({ share, eta: null, phase: `${phase} ${name}`, state: 'running' });
  try {
    return told(await fetchDataset(dataset, { tell }));
  } finally {
    line.clear();
  }
}

export interface AddFlags {
  name?: string;
  size?: string;
  label?: string;
  shape?: string;
  testShare?: string;
  part?: string;
}

/** `isocurve dataset add PATH` */
export async function add(path: string, flags: AddFlags): Promise<number> {
  const { name, label, part, size, shape, testShare } = flags;
  const options = {
    ...(name === undefined ? {} : { name }),
    ...(label === undefined ? {} : { label }),
    ...(part === undefined ? {} : { part }),
    ...(size === undefined ? {} : { size: numberFlag('--size', size, 1, 1024) }),
    ...(shape === undefined ? {} : { shape: shape.split(/[x×]/).map(Number) }),
    ...(testShare === undefined
      ? {}
      : { testShare: numberFlag('--test-share', testShare, 0, 0.9, false) }),
  };
  return told(await takeWithProgress(path, check(TakeOptions, options, 'the flags')));
}

/** Samples of each class. */
function countsOf({ folder, classes }: StoredEntry, split: 'train' | 'test'): Uint32Array {
  const bytes = readFileSync(storeFiles(folder).labels(split));
  const counts = new Uint32Array(classes);
  for (const label of new Int32Array(new Uint8Array(bytes).buffer)) counts[label]++;
  return counts;
}

/** `isocurve dataset show NAME` */
export async function show(name: string): Promise<number> {
  const entry = findStored({ name });
  const [train, test] = [countsOf(entry, 'train'), countsOf(entry, 'test')];
  say(`${entry.name}: ${sizesOf(entry)}`);
  say(`from ${entry.source}, added ${entry.added}, ${megabytes(entry.bytes)} in ${entry.folder}`);
  const numbers = (values: readonly number[]) =>
    values.length > 8
      ? `${values.length} numbers`
      : values.map((value) => value.toFixed(2)).join(', ');
  say(
    `mean ${numbers(entry.mean)}; deviation ${numbers(entry.deviation)} (white is ${entry.white})`,
  );
  say(`SHA-256 ${entry.hash}`);
  const rows = Array.from(train, (count, i) => [
    entry.classNames[i] ?? String(i),
    String(count),
    String(test[i]),
  ]);
  say(['', ...tableLines(['class', 'train', 'test'], rows)]);
  return 0;
}

/** `isocurve dataset remove NAME` */
export async function remove(name: string): Promise<number> {
  const entry = findStored({ name });
  removeStored(name, entry.hash);
  say(`removed ${name}, ${megabytes(entry.bytes)}`);
  return 0;
}
