/** How large files and folders are. */

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of a file, or of all files under a folder; links are not followed. */
export function bytesAt(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesAt(join(path, name)), 0);
}

/** Bytes of the files in a folder, without those in folders within. */
export const bytesWithin = (folder: string): number =>
  readdirSync(folder)
    .map((name) => lstatSync(join(folder, name)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
