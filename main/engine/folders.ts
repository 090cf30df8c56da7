/**
 * Makes folders, but never that of a study which was removed while work went on in it: its parts,
 * made anew, would pass for a study.
 */

import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import { Fault, onDisk } from '../../shared/fault';
import { makeFolders } from '../native/folders';

/** Folders of studies that are worked on. */
const kept = new Set<string>();

/** Takes care that `folder` is not made anew, until the returned function is called. */
export function keepFolder(folder: string): () => void {
  kept.add(folder);
  return () => void kept.delete(folder);
}

export const removedMeanwhile = (folder: string): Fault =>
  new Fault(
    'storage',
    `${folder} was removed or moved while its study was worked on; put it back and go on, or begin the study anew`,
  );

/** @throws Fault 'storage' */
export function makeFolder(folder: string): void {
  for (const root of kept) {
    const liesIn = folder === root || folder.startsWith(root + sep);
    if (liesIn && !existsSync(root)) throw removedMeanwhile(root);
  }
  onDisk('write', folder, () => makeFolders(folder));
}
