/** What stands behind a flag of the command line, checked. */

import { readFileSync } from 'node:fs';
import { Fault, onDisk } from '../../shared/fault';

/** A number from a flag's text. @throws Fault that names the flag */
export function numberFlag(
  flag: string,
  text: string,
  from: number,
  to: number,
  whole = true,
): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= from && value <= to && (!whole || Number.isInteger(value))) {
    return value;
  }
  const kind = whole ? 'a whole number' : 'a number';
  throw new Fault('bad-value', `${flag} must be ${kind} from ${from} to ${to}; got '${text}'`);
}

/** One of the known words. @throws Fault that names the flag */
export function oneOf<T extends string>(flag: string, text: string, known: readonly T[]): T {
  const found = known.find((item) => item === text);
  if (found !== undefined) return found;
  throw new Fault('bad-value', `${flag} must be one of ${known.join(', ')}; got '${text}'`);
}

/** A JSON file that the user names. @throws Fault 'bad-value', 'not-found' or 'storage' */
export function readJsonFile(path: string): unknown {
  const text = onDisk('read', path, () => readFileSync(path, 'utf8'));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault('bad-value', `${path} is not JSON: ${(error as Error).message}`);
  }
}

/** Whole numbers between commas. @throws Fault that names the flag */
export const numberList = (flag: string, text: string, from: number, to: number): number[] =>
  text.split(',').map((part) => numberFlag(flag, part, from, to));
