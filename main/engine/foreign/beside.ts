/** Files that another file names: they lie beside it, never anywhere else. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileSource, type Source } from './source';

/**
 * The file `name` beside the one at `path`.
 * @throws Fault 'damaged' when the name leads elsewhere or there is no such file
 */
export function beside(source: Source, format: string, path: string, name: string): FileSource {
  if (name === '' || name === '.' || name === '..' || /[\\/\0]/.test(name)) {
    throw source.refuse(format, 0, `the name ${JSON.stringify(name)} leads out of its folder`);
  }
  const place = join(dirname(path), name);
  if (!existsSync(place)) {
    throw source.refuse(format, 0, `the file ${JSON.stringify(name)} is missing beside it`);
  }
  return new FileSource(place);
}
