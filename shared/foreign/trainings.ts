/** Files of weights as the networks that they are: one each, or the checkpoints of one training. */

import { Fault } from '../fault';
import type { TensorEntry } from '../spec/foreign';
import { seriesIn, type Series } from './series';

/** What is known of a file before its weights are taken. */
interface Seen {
  readonly report: { readonly name: string; readonly tensors: readonly TensorEntry[] };
}

/** One network: a file, or checkpoints of its training in order. */
export interface Training<File> {
  /** What it is called: `skip.pt`, `epoch_0–10.pt`. */
  readonly name: string;
  /** Ascending by step; a single file has none. */
  readonly checkpoints: readonly { readonly file: File; readonly step: number | null }[];
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** What files of one kind have in common: the names and shapes of their tensors (FNV-1a). */
export function signatureOf(tensors: readonly TensorEntry[]): string {
  const text = tensors.map(({ name, shape }) => `${name} ${shape.join('×')}`).join('\n');
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME) >>> 0;
  }
  return `${tensors.length}-${hash.toString(16).padStart(8, '0')}`;
}

const trainingOf = <File>({ pattern, items }: Series<File>): Training<File> => {
  const [first, last] = [items[0].step, items[items.length - 1].step];
  return { name: pattern.replace('#', `${first}–${last}`), checkpoints: items };
};

/** The series among files of weights: those whose names are one and whose tensors are the same. */
export function seriesOfWeights<File extends Seen>(files: readonly File[]): Series<File>[] {
  return seriesIn(files, ({ report }) => report.name).filter(
    ({ items }) => new Set(items.map(({ file }) => signatureOf(file.report.tensors))).size === 1,
  );
}

/** Each file a network of its own. */
export const apart = <File extends Seen>(files: readonly File[]): Training<File>[] =>
  files.map((file) => ({ name: file.report.name, checkpoints: [{ file, step: null }] }));

/** Series as one network each, every other file as one of its own. */
export function together<File extends Seen>(files: readonly File[]): Training<File>[] {
  const series = seriesOfWeights(files);
  const inSeries = new Set(series.flatMap(({ items }) => items.map(({ file }) => file)));
  return [...series.map(trainingOf), ...apart(files.filter((file) => !inSeries.has(file)))];
}

/**
 * Checkpoints of one training in the order of `steps`, whatever their names are.
 * @throws Fault 'bad-value' where the steps are not one each, or the networks differ
 */
export function inOrder<File extends Seen>(
  files: readonly File[],
  steps: readonly number[],
): Training<File> {
  if (steps.length !== files.length || new Set(steps).size !== steps.length) {
    throw new Fault(
      'bad-value',
      `${files.length} checkpoints need as many different steps; got ${steps.join(', ')}`,
    );
  }
  const [{ report }] = files;
  const other = files.find(
    (file) => signatureOf(file.report.tensors) !== signatureOf(report.tensors),
  );
  if (other !== undefined) {
    throw new Fault(
      'bad-value',
      `${other.report.name} has other tensors than ${report.name}: they are of different networks and no series`,
    );
  }
  const checkpoints = files
    .map((file, i) => ({ file, step: steps[i] }))
    .sort((a, b) => a.step - b.step);
  const [first, last] = [checkpoints[0].file, checkpoints[checkpoints.length - 1].file];
  return { name: `${first.report.name} to ${last.report.name}`, checkpoints };
}
