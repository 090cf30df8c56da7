/** Append-only metrics, one JSON line each. Resuming cuts what was written after the state it resumes from. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { writeAtomically } from '../files';

/** NaN and Infinity as the strings that `readLines` turns back. */
const toLine = (record: object): string =>
  `${JSON.stringify(record, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item,
  )}\n`;

const ODD = new Map<unknown, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** The records of a file; a last line torn by a crash is left out. */
export function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map(
    (line) => JSON.parse(line, (_key, item: unknown) => ODD.get(item) ?? item) as T,
  );
}

export const appendLines = (path: string, records: readonly object[]): void =>
  appendFileSync(path, records.map(toLine).join(''));

/** Keeps the records for which `keep` holds. */
export function cutLines<T extends object>(path: string, keep: (record: T) => boolean): void {
  if (!existsSync(path)) return;
  writeAtomically(path, readLines<T>(path).filter(keep).map(toLine).join(''));
}
