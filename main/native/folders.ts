/** Makes folders with those above them. */

import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

// Of a place below a file, `statSync` throws in one version of Node and not in another.
const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/**
 * Makes `folder` where there is none. Node's own way reports a read-only disk as a folder that is
 * not there; this one throws what the system said.
 */
export function makeFolders(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder && !existsSync(parent)) makeFolders(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isFolder(folder)) throw error; // another process may have been faster
  }
}
