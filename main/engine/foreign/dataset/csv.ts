/**
 * Datasets as CSV: one sample a row, one column of labels, the rest numbers. Read twice: first to
 * learn classes and types, then for the values, so that no table has to fit memory.
 */

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { Fault } from '../../../../shared/fault';
import type { TakeOptions } from '../../../../shared/spec/dataset';
import { baseName, type Bundle, type Entry } from './bundle';
import { classesOf, shapeAsked, type Classes, type FoundDataset, type Samples } from './samples';

const LABEL_NAMES = ['label', 'class', 'target', 'y', 'species', 'category'];
const MOST_RECORD = 16 * 2 ** 20;

const damaged = (entry: Entry, line: number, reason: string): Fault =>
  new Fault('damaged', `${entry.name} cannot be read as CSV: ${reason} (line ${line})`);

const isNumber = (cell: string): boolean => cell !== '' && Number.isFinite(Number(cell));

/** The rows of a table, one after the other. */
async function* rowsOf(entry: Entry): AsyncGenerator<string[]> {
  const bytes: Readable =
    entry.path === null ? Readable.from([entry.read()]) : createReadStream(entry.path);
  const text = /\.gz$/.test(entry.name) ? bytes.pipe(createGunzip()) : bytes;
  const parser = parse({
    bom: true,
    trim: true,
    skip_empty_lines: true,
    max_record_size: MOST_RECORD,
  });
  let line = 0;
  bytes.on('error', (error) => parser.destroy(error));
  try {
    for await (const row of text.pipe(parser)) {
      line++;
      yield row as string[];
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw damaged(entry, line + 1, (error as Error).message);
  }
}

interface Table {
  readonly entry: Entry;
  readonly hasHeader: boolean;
  /** Place of the labels among the columns. */
  readonly label: number;
  readonly columns: number;
}

/** Which column holds the labels. @throws Fault 'bad-value' where that cannot be told */
function labelColumn(
  first: readonly string[],
  second: readonly string[],
  asked: string | undefined,
): number {
  const count = first.length;
  if (asked !== undefined) {
    const byName = first.indexOf(asked);
    const place = byName >= 0 ? byName : Number(asked) - 1;
    if (Number.isInteger(place) && place >= 0 && place < count) return place;
    throw new Fault(
      'bad-value',
      `there is no column '${asked}'; it is one of ${first.slice(0, 6).join(', ')}…, or a number from 1 to ${count}`,
    );
  }
  const named = first.findIndex((cell) => LABEL_NAMES.includes(cell.toLowerCase()));
  if (named >= 0) return named;
  const words = second.flatMap((cell, i) => (isNumber(cell) ? [] : [i]));
  if (words.length === 1) return words[0];
  throw new Fault(
    'bad-value',
    'the table does not say which column holds the labels; say it by --label and its name or number',
  );
}

async function openTable(entry: Entry, asked: string | undefined): Promise<Table> {
  const rows: string[][] = [];
  for await (const row of rowsOf(entry)) {
    rows.push(row);
    if (rows.length === 2) break;
  }
  if (rows.length < 2) throw damaged(entry, 1, 'it has no rows');
  const [first, second] = rows;
  const label = labelColumn(first, second, asked);
  const hasHeader = first.some((cell, i) => i !== label && !isNumber(cell));
  return { entry, hasHeader, label, columns: first.length };
}

/** Labels of all rows, and whether all numbers are bytes. */
async function survey(table: Table): Promise<{ labels: string[]; isBytes: boolean; most: number }> {
  const labels: string[] = [];
  let isBytes = true;
  let most = 0;
  for await (const cells of samplesIn(table, (label) => labels.push(label))) {
    for (const value of cells) {
      if (!(value >= 0 && value <= 255 && Number.isInteger(value))) isBytes = false;
      if (value > most) most = value;
    }
  }
  return { labels, isBytes, most };
}

/** The numbers of each row; its label is told before. */
async function* samplesIn(
  { entry, hasHeader, label, columns }: Table,
  tell: (label: string) => void,
): AsyncGenerator<Float32Array> {
  let line = 0;
  for await (const row of rowsOf(entry)) {
    line++;
    if (line === 1 && hasHeader) continue;
    if (row.length !== columns)
      throw damaged(entry, line, `it has ${row.length} columns, not ${columns}`);
    const values = new Float32Array(columns - 1);
    let at = 0;
    for (let i = 0; i < columns; i++) {
      if (i === label) continue;
      if (!isNumber(row[i]))
        throw damaged(entry, line, `'${row[i].slice(0, 40)}' in column ${i + 1} is no number`);
      values[at++] = Number(row[i]);
    }
    tell(row[label]);
    yield values;
  }
}

/** Whether an entry is a table, by its name or its first lines. */
export const isTable = (entry: Entry): boolean => {
  if (/\.(csv|csv\.gz)$/i.test(entry.name)) return true;
  if (entry.path === null || entry.size > 2 ** 31) return false;
  const head = entry.read().subarray(0, 4096);
  // JSON has commas, too.
  return !head.includes(0) && /^(?!\s*[{[])[^\n]+,[^\n]+\n/.test(head.toString('latin1'));
};

/** The table or tables of a bundle: training, then test. */
function tablesOf(bundle: Bundle): Entry[] {
  const tables =
    bundle.length === 1
      ? bundle.filter(isTable)
      : bundle.filter(({ name }) => /\.csv(\.gz)?$/i.test(name));
  if (tables.length < 2) return tables;
  const test = tables.filter((entry) => /test|valid/i.test(baseName(entry)));
  const train = tables.filter((entry) => /train/i.test(baseName(entry)));
  if (train.length === 1 && test.length === 1) return [train[0], test[0]];
  throw new Fault(
    'bad-value',
    `the tables ${tables.map(baseName).slice(0, 4).join(', ')} do not tell which is for training; give one of them, or call them train.csv and test.csv`,
  );
}

interface Surveyed extends Awaited<ReturnType<typeof survey>> {
  readonly table: Table;
}

const samplesOf = ({ table, labels }: Surveyed, classes: Classes, isBytes: boolean): Samples => ({
  labels: Int32Array.from(labels.map((label) => classes.indexOf(label))),
  async *values() {
    for await (const values of samplesIn(table, () => undefined)) {
      yield isBytes ? Uint8Array.from(values) : values;
    }
  },
});

/** Numbers per side of a square of as many pixels in grey or colour; null where it is none. */
function squareOf(size: number): number[] | null {
  for (const channels of [1, 3]) {
    const side = Math.sqrt(size / channels);
    if (Number.isInteger(side) && side >= 8) return [side, side, channels];
  }
  return null;
}

function shapeOf(size: number, asked: TakeOptions['shape'], isBytes: boolean): number[] {
  // Rows of whole numbers from 0 to 255 that fill a square are images.
  if (asked === undefined) return (isBytes ? squareOf(size) : null) ?? [size];
  return shapeAsked(asked, size, 'a row');
}

/** The dataset of the tables in `bundle`; null where there are none. @throws Fault */
export async function readTables(
  bundle: Bundle,
  options: TakeOptions,
): Promise<FoundDataset | null> {
  const entries = tablesOf(bundle);
  if (entries.length === 0) return null;
  const splits: Surveyed[] = [];
  for (const entry of entries) {
    const table = await openTable(entry, options.label);
    splits.push({ table, ...(await survey(table)) });
  }
  const [train, test] = splits;
  const isBytes = splits.every((split) => split.isBytes);
  const classes = classesOf(train.labels);
  const samples = samplesOf(train, classes, isBytes);
  const size = train.table.columns - 1;
  if (test !== undefined && test.table.columns !== train.table.columns) {
    throw damaged(
      test.table.entry,
      1,
      `it has ${test.table.columns} columns and the training split ${train.table.columns}`,
    );
  }
  return {
    format: 'a table',
    name: null,
    inputShape: shapeOf(size, options.shape, isBytes),
    classes: new Set(train.labels).size,
    classNames: classes.names,
    type: isBytes ? 'uint8' : 'float32',
    white: isBytes ? 255 : train.most,
    train: samples,
    test: test === undefined ? null : samplesOf(test, classes, isBytes),
  };
}
