/** Files that another file names: they lie beside it, never anywhere else. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileSource, type Source } from './source';
import { leadsOut } from './within';

/** A file with those that lie beside it. */
export class Neighbours {
  private readonly opened = new Set<string>();

  constructor(
    readonly source: Source,
    readonly path: string,
  ) {}

  /** Names of the files that were read besides this one. */
  get parts(): readonly string[] {
    return [...this.opened].sort();
  }

  /**
   * The file `name` beside this one, with what `read` makes of it.
   * @throws Fault 'damaged' when the name or its link leads elsewhere, or there is no such file
   */
  read<T>(format: string, name: string, read: (file: FileSource) => T): T {
    if (name === '' || name === '.' || name === '..' || /[\\/\0]/.test(name)) {
      const reason = `the name ${JSON.stringify(name)} leads out of its folder`;
      throw this.source.refuse(format, 0, reason);
    }
    const place = join(dirname(this.path), name);
    if (!existsSync(place)) {
      const reason = `the file ${JSON.stringify(name)} is missing beside it`;
      throw this.source.refuse(format, 0, reason);
    }
    if (leadsOut(dirname(this.path), place)) {
      const reason = `the file ${JSON.stringify(name)} beside it is a link out of its folder`;
      throw this.source.refuse(format, 0, reason);
    }
    this.opened.add(name);
    return withFile(place, read);
  }
}

/** What `read` makes of the file at `path`, which is closed afterwards. */
export function withFile<T>(path: string, read: (file: FileSource) => T): T {
  const file = new FileSource(path);
  try {
    return read(file);
  } finally {
    file.close();
  }
}
