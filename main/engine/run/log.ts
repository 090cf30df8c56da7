/**
 * Append-only metrics, one JSON line each. Resuming cuts what was written after the state it
 * resumes from.
 */

import { appendFileSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault, onDisk } from '../../../shared/fault';
import { parseOwn, stringify, writeAtomically } from '../files';
import { MOST, readOwnText } from '../own-file';

const toLine = (record: object): string => `${stringify(record)}\n`;

/** The records of a file; a last line torn by a crash is left out. @throws Fault 'damaged' */
export function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  const lines = readOwnText(path, { atMost: MOST.lines }).split('\n').slice(0, -1);
  return lines.map((line, i) => {
    try {
      return parseOwn(line) as T;
    } catch {
      throw new Fault(
        'damaged',
        `line ${i + 1} of ${path} cannot be read; delete the folder ${dirname(path)}, and resuming the study makes this run again`,
      );
    }
  });
}

export const appendLines = (path: string, records: readonly object[]): void =>
  onDisk('write', path, () => appendFileSync(path, records.map(toLine).join('')));

/** Keeps the records for which `keep` holds. */
export function cutLines<T extends object>(path: string, keep: (record: T) => boolean): void {
  if (!existsSync(path)) return;
  writeAtomically(path, readLines<T>(path).filter(keep).map(toLine).join(''));
}
