/**
 * Files that a window sends, kept until they are taken: where they lie, for how long, and how much
 * of the disk they may fill.
 */

import { existsSync, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rm, rmdir, statfs, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { HostCalls } from '../../shared/contract';
import { Fault, toFault } from '../../shared/fault';
import { liesIn } from '../native/paths';
import { cacheFolder } from '../native/places';

/** Bytes. */
export interface UploadLimits {
  /** Of one file. */
  readonly file: number;
  /** Of all that was sent and not yet taken. */
  readonly all: number;
  /** Of the disk, that are left free. */
  readonly reserve: number;
}

const GB = 1e9;

/**
 * What reads a file is given twice its length of memory, up to half of what there is: 20 GB need a
 * machine of 80. Two such files, or a folder, fit; a disk without its last gigabyte stops whatever
 * else runs.
 */
export const uploadLimits: UploadLimits = { file: 20 * GB, all: 40 * GB, reserve: GB };

/** Milliseconds after which what was sent and not taken is swept away. */
const KEEP_MS = 24 * 3600 * 1000;
/** What a file takes beside its bytes, so that empty ones are not for nothing. */
const PER_FILE = 4096;

export const uploadsFolder = (): string => join(cacheFolder(), 'uploads');

/** Whether `path` is written as one below the folder of uploads, whatever it leads to. */
function isBelow(path: string): boolean {
  const way = relative(uploadsFolder(), path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

/** Bytes of a name, at most, on the disks of all systems. */
const MOST_NAME = 255;
const LONG = 'is longer than this disk allows; give it a shorter one';

/** What the system says of a name that a window made up, in words of the window. */
const NAMES = new Map([
  ['ENAMETOOLONG', LONG],
  ['ENOTDIR', 'is in a folder that is a file of the same upload; rename one of them'],
  ['EEXIST', 'is in a folder that is a file of the same upload; rename one of them'],
  ['EISDIR', 'is that of a folder of the same upload; rename one of them'],
  ['ENOENT', 'was removed while it was sent; send it anew'],
]);

/** As much of a name as a message has room for. */
const shown = (name: string): string => name.slice(0, 100);

const named = (name: string, advice: string): Fault =>
  new Fault('bad-value', `the name '${shown(name)}' ${advice}`);

/** The parts of a path that a window made up: none may lead out of its folder. */
function partsOf(name: string): string[] {
  const parts = name.split(/[\\/]/);
  if (parts.some((part) => Buffer.byteLength(part) > MOST_NAME)) throw named(name, LONG);
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))) {
    return parts.map((part) => part.replaceAll(/[<>:"|?*]/g, '_'));
  }
  throw new Fault('bad-value', `the name ${JSON.stringify(shown(name))} leads out of its folder`);
}

/** A file on its way in. */
interface Place {
  readonly name: string;
  readonly path: string;
  /** Under which it is known: its own path, or that of the folder that it is part of. */
  readonly known: string;
}

/** @throws Fault 'bad-value' when its name leads out of its upload */
function placeOf(upload: string, name: string): Place {
  const root = join(uploadsFolder(), upload);
  const parts = partsOf(name);
  return { name, path: join(root, ...parts), known: join(root, parts[0]) };
}

const statOf = (path: string): Promise<Stats | null> => lstat(path).catch(() => null);

/** What lies at `path`, links not followed; another process may remove it meanwhile. */
async function measure(path: string): Promise<{ bytes: number; newest: number }> {
  const stat = await statOf(path);
  if (stat === null) return { bytes: 0, newest: 0 };
  const total = { bytes: stat.size + PER_FILE, newest: stat.mtimeMs };
  if (!stat.isDirectory()) return total;
  for (const name of await readdir(path).catch(() => [])) {
    const { bytes, newest } = await measure(join(path, name));
    total.bytes += bytes;
    total.newest = Math.max(total.newest, newest);
  }
  return total;
}

/** Bytes that this user may still write; Infinity where the system does not say. */
const freeAt = (path: string): Promise<number> =>
  statfs(path).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Infinity,
  );

const sizeText = (bytes: number): string => {
  const [unit, name] = bytes >= GB ? [GB, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : [1000, 'kB'];
  return `${Math.max(1, Math.round((10 * bytes) / unit)) / 10} ${name}`;
};

function faultOf(error: unknown, name: string): Fault {
  const { code = '' } = error as NodeJS.ErrnoException;
  const advice = NAMES.get(code);
  if (advice !== undefined) return named(name, advice);
  if (!['EACCES', 'EPERM', 'EROFS'].includes(code)) return toFault(error);
  return new Fault(
    'storage',
    `cannot keep ${shown(name)}: ${uploadsFolder()} may not be written to; make it writable, or open the file by its path on the machine that computes`,
  );
}

/** A file that is being written; `end` keeps it, `drop` leaves nothing of it. */
export interface Incoming {
  /** @throws Fault 'storage' when there is no room for so many bytes more */
  write(bytes: Uint8Array): Promise<void>;
  /** The path under which it is known. */
  end(): Promise<string>;
  drop(): Promise<void>;
}

/** A file that is being sent: bytes that were promised to it, and those that came. */
interface Promised {
  size: number;
  written: number;
}

export class Uploads {
  /** Bytes that lie here or are promised, when they were counted last; null: count them anew. */
  private held: Promise<number> | null = null;
  /** Bytes that were promised since then. */
  private grown = 0;
  private readonly open = new Set<Promised>();

  constructor(private readonly limits: UploadLimits = uploadLimits) {}

  /** Removes what was sent long ago, by whichever process. */
  async sweep(): Promise<void> {
    const root = uploadsFolder();
    for (const name of await readdir(root).catch(() => [])) {
      const path = join(root, name);
      const { newest } = await measure(path);
      // One that another process sweeps, or takes, is gone as well.
      if (Date.now() - newest > KEEP_MS) await rm(path, { recursive: true }).catch(() => undefined);
    }
    this.held = null;
  }

  /**
   * Begins a file of which `size` bytes are announced, 0 where that is not known.
   * @throws Fault before anything is written, when it has no room or no good name
   */
  async begin(upload: string, name: string, size: number): Promise<Incoming> {
    const place = placeOf(upload, name);
    const promised = { size: 0, written: 0 };
    try {
      if (!existsSync(join(uploadsFolder(), upload))) await this.sweep();
      await mkdir(dirname(place.path), { recursive: true });
      await this.promise(promised, name, size, PER_FILE);
      await mkdir(dirname(place.path), { recursive: true });
      return this.incoming(place, promised, await open(place.path, 'w'));
    } catch (error) {
      this.open.delete(promised);
      await this.prune(place.path);
      throw faultOf(error, name);
    }
  }

  /** Writes a piece of a file, which is gone when that fails. @throws Fault */
  async piece({ upload, name, at, bytes }: HostCalls['host/upload']['args']) {
    const { path, known } = placeOf(upload, name);
    const stat = at === 0 ? null : await statOf(path);
    if (at > 0 && stat === null) {
      throw new Fault('conflict', `the beginning of ${shown(name)} is not here; send it anew`);
    }
    if (at > (stat?.size ?? 0)) {
      throw new Fault('bad-value', `a piece of ${shown(name)} is missing before byte ${at}`);
    }
    const promised = { size: at, written: at };
    const incoming =
      at === 0
        ? await this.begin(upload, name, bytes.length)
        : this.incoming({ name, path, known }, promised, await open(path, 'r+'));
    await incoming.write(bytes);
    return { path: await incoming.end() };
  }

  /** Removes what was taken, when it is something that was sent. */
  async forget(path: string): Promise<void> {
    if (isBelow(path) && liesIn(uploadsFolder(), path)) await this.remove(path);
  }

  private incoming({ name, path, known }: Place, promised: Promised, file: FileHandle): Incoming {
    const close = async () => {
      this.open.delete(promised);
      await file.close();
    };
    const drop = async () => {
      await close().catch(() => undefined);
      await this.remove(path);
    };
    return {
      drop,
      async end() {
        await close();
        return known;
      },
      write: async (bytes) => {
        try {
          await this.promise(promised, name, promised.written + bytes.length, 0);
          for (let from = 0; from < bytes.length;) {
            const { written } = promised;
            const { bytesWritten } = await file.write(bytes, from, bytes.length - from, written);
            from += bytesWritten;
            promised.written += bytesWritten;
          }
        } catch (error) {
          await drop();
          throw faultOf(error, name);
        }
      },
    };
  }

  /** Promises room for `size` bytes in all to a file, and `more`. @throws Fault 'storage' */
  private async promise(promised: Promised, name: string, size: number, more: number) {
    const grows = Math.max(0, size - promised.size) + more;
    if (grows === 0) return;
    const { file, all, reserve } = this.limits;
    const root = uploadsFolder();
    const free = await freeAt(root);
    this.held ??= this.count();
    const counted = await this.held;
    const held = counted + this.grown;
    const byPath = 'or open it by its path on the machine that computes';
    const refuse = (why: string) => new Fault('storage', `${shown(name)} is refused: ${why}`);
    if (size > file) {
      throw refuse(`one file may have ${sizeText(file)}; split it, ${byPath}`);
    }
    if (held + grows > all) {
      throw refuse(
        `${root} may hold ${sizeText(all)} and holds ${sizeText(held)}; take in or delete what was sent before, ${byPath}`,
      );
    }
    if (free - this.outstanding() - grows < reserve) {
      throw refuse(
        `the disk of ${root} has ${sizeText(free)} free, and ${sizeText(reserve)} are to stay so; free some space, ${byPath}`,
      );
    }
    this.grown += grows;
    promised.size = Math.max(promised.size, size);
    this.open.add(promised);
  }

  /** Bytes that were promised and are not yet written. */
  private outstanding(): number {
    return [...this.open].reduce((sum, { size, written }) => sum + size - written, 0);
  }

  private async count(): Promise<number> {
    const { bytes } = await measure(uploadsFolder());
    this.grown = 0;
    return bytes + this.outstanding();
  }

  private async remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
    await this.prune(path);
  }

  /** Removes the folders above `path` that are empty. */
  private async prune(path: string): Promise<void> {
    this.held = null;
    try {
      for (let up = dirname(path); isBelow(up); up = dirname(up)) await rmdir(up);
    } catch {
      // Another file of the same upload lies there.
    }
  }
}
