/** Why what lies at a path is not read: what it is, or what the system says against it. */

import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { Fault } from '../../shared/fault';

/** `a pipe`, for what is no file. */
export function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder';
  if (stat.isFIFO()) return 'a pipe';
  if (stat.isSocket()) return 'a socket';
  return stat.isFile() ? 'a file' : 'a device';
}

const REASONS = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['ELOOP', 'its links lead in a circle'],
  ['ENAMETOOLONG', 'its name is longer than this disk allows'],
  ['EISDIR', 'it is a folder'],
  ['EIO', 'the disk reports a failure; check it'],
]);

/** What the system's `error` says of the file at `path`. */
export function unreadable(path: string, error: unknown): Fault {
  const { code = 'unknown' } = error as { code?: string };
  if (code === 'EACCES' || code === 'EPERM') {
    const reason = 'permission denied; allow this user to, or choose another file';
    return new Fault('storage', `${path} may not be read: ${reason}`);
  }
  const reason = REASONS.get(code) ?? `it cannot be opened (${code})`;
  return new Fault('not-found', `cannot read ${path}: ${reason}`);
}

/**
 * What lies at `path`, which this user may read: a file, or a folder where one may be.
 * @throws Fault that says what it is instead
 */
export function checkKind(path: string, mayBeFolder = false): Stats {
  let stat: Stats;
  try {
    stat = statSync(path);
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (stat.isFile() || (mayBeFolder && stat.isDirectory())) return stat;
  const wanted = mayBeFolder ? 'neither a file nor a folder' : 'not a file';
  throw new Fault('bad-value', `${path} is ${kindOf(stat)}, ${wanted}`);
}
