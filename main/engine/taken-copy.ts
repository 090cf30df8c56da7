/**
 * Reads the copy that a host had taken of a file: weights, a surface, directions. A study on disk
 * may name any file, so what it names is read from the folder of such copies and from nowhere else.
 */

import { existsSync } from 'node:fs';
import { Fault } from '../../shared/fault';
import { liesIn, realPathOf } from '../native/paths';
import { importsFolder } from '../native/places';
import { MOST, readOwnBytes } from './own-file';

/** The bytes of the copy at `path`; `what`: `the weights of NAME`. @throws Fault */
export function readTakenCopy(path: string, what: string): Buffer {
  if (!liesIn(importsFolder(), path)) {
    throw new Fault(
      'bad-value',
      `${what} are named at ${path}, which was never added to Isocurve; add the file again, as a new study`,
    );
  }
  if (!existsSync(path)) {
    throw new Fault('not-found', `${what} are gone from ${path}; add the file again`);
  }
  return readOwnBytes(realPathOf(path), { atMost: MOST.binary });
}
