/** What stands behind a flag of the command line, checked. */

import { readFileSync } from 'node:fs';
import { Fault } from '../../shared/fault';

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

/** A JSON file that the user names. @throws Fault 'bad-value' or 'not-found' */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Fault('not-found', `${path} does not exist`);
    throw new Fault('bad-value', `${path} is not JSON: ${message}`);
  }
}
