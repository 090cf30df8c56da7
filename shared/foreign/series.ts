/**
 * Recognises the checkpoints of one training among files of weights, by their names: `epoch_1.pt`,
 * `epoch_2.pt`, … differ in one number, which orders them. What lies in the files is not looked at.
 */

import { PATH_POINTS } from '../spec/study';

/** One file of a series. */
export interface SeriesItem<File> {
  readonly file: File;
  /** The number in its name. */
  readonly step: number;
}

export interface Series<File> {
  /** What all names share, with `#` for the number: `run1/epoch_#.pt`. */
  readonly pattern: string;
  /** The word before the number, as it is in the names: `epoch`; empty where there is none. */
  readonly unit: string;
  /** Ascending, at least `PATH_POINTS`; no two have one step. */
  readonly items: readonly SeriesItem<File>[];
}

/** Words whose number orders a training, the finest first: `epoch=3-step=1200` is at step 1,200. */
const COUNTERS = ['step', 'iter', 'iteration', 'batch', 'epoch', 'ep', 'ckpt', 'checkpoint'];

/** Parts of one file, as in `model-00001-of-00003.safetensors`, are no series. */
const PART = /\d+-of-\d+/i;

interface Named<File> {
  readonly file: File;
  /** The name between its numbers. */
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

/** Splits the last part of a path at its whole numbers; those of its ending are none of them. */
function split<File>(file: File, name: string): Named<File> | null {
  const [, folder, stem, ending] = /^(.*[\\/])?(.+?)(\.[a-z][a-z0-9.]*)?$/is.exec(name) ?? [];
  if (stem === undefined || PART.test(stem)) return null;
  const parts = stem.split(/(\d+)/);
  const texts = parts.filter((_, i) => i % 2 === 0);
  const numbers = parts.filter((_, i) => i % 2 === 1).map(Number);
  texts[0] = (folder ?? '') + texts[0];
  texts[texts.length - 1] += ending ?? '';
  return { file, texts, numbers };
}

/** The last word of a text: `run/epoch_` gives `epoch`. */
const lastWord = (text: string): string =>
  (/([a-z]+)[^a-z]*$/i.exec(text)?.[1] ?? '').toLowerCase();

/** Which of the numbers orders the files: one that differs in all of them. Null: none does. */
function orderingNumber<File>(files: readonly Named<File>[]): number | null {
  const [first] = files;
  const differing = first.numbers
    .map((_, i) => i)
    .filter((i) => new Set(files.map(({ numbers }) => numbers[i])).size === files.length);
  if (differing.length === 0) return null;
  const rank = (i: number) => {
    const known = COUNTERS.indexOf(lastWord(first.texts[i]));
    return known === -1 ? COUNTERS.length : known;
  };
  return differing.reduce((best, i) => (rank(i) < rank(best) ? i : best));
}

/** The series that files of one way of naming are; null where no number orders them. */
function orderedBy<File>(files: readonly Named<File>[]): Series<File> | null {
  if (files.length < PATH_POINTS) return null;
  const at = orderingNumber(files);
  if (at === null) return null;
  const [{ texts, numbers }] = files;
  const isFixed = (i: number) => files.every((file) => file.numbers[i] === numbers[i]);
  const pattern = texts
    .map((text, i) => (i < numbers.length ? text + (isFixed(i) ? numbers[i] : '#') : text))
    .join('');
  const items = files
    .map((named) => ({ file: named.file, step: named.numbers[at] }))
    .sort((a, b) => a.step - b.step);
  return { pattern, unit: lastWord(texts[at].split(/[\\/]/).pop()!), items };
}

/**
 * The series among `files`, in the order of their first files. A file that belongs to none, such as
 * `best.pt`, is in none.
 */
export function seriesIn<File>(
  files: readonly File[],
  nameOf: (file: File) => string,
): Series<File>[] {
  const groups = new Map<string, Named<File>[]>();
  for (const file of files) {
    const named = split(file, nameOf(file));
    if (named === null) continue;
    const key = named.texts.join('\0');
    groups.set(key, [...(groups.get(key) ?? []), named]);
  }
  return [...groups.values()].flatMap((group) => orderedBy(group) ?? []);
}

/** `epochs 0, 1, 2, … 10`: the steps of a series in words. */
export function stepsText({ unit, items }: Series<unknown>): string {
  const steps = items.map(({ step }) => step);
  const shown =
    steps.length <= 5
      ? steps.join(', ')
      : `${steps.slice(0, 3).join(', ')}, … ${steps[steps.length - 1]}`;
  return unit === '' ? shown : `${unit} ${shown}`;
}
