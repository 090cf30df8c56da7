/** How much of a disk a file or folder takes. */

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Size {
  readonly bytes: number;
  readonly files: number;
}

/**
 * The sizes of all files under `path`; links are not followed, what vanishes meanwhile is nothing.
 */
export function sizeOf(path: string): Size {
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory()) return { bytes: stat.size, files: 1 };
    return readdirSync(path)
      .map((name) => sizeOf(join(path, name)))
      .reduce((a, b) => ({ bytes: a.bytes + b.bytes, files: a.files + b.files }), {
        bytes: 0,
        files: 0,
      });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    return { bytes: 0, files: 0 };
  }
}
