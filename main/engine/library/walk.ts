/**
 * One pass over the folder of a study: its size, its parts, and the stats by which a later look
 * sees whether it has changed.
 *
 * Watched are every folder (what is made, renamed or deleted in it moves its time, and Isocurve
 * replaces files by renaming), every file that was read, and every file of a run or a surface that
 * has no manifest yet: nothing else grows in place. A file of a finished part that somebody
 * overwrites in place goes unnoticed until something beside it changes; it only counts for a size.
 */

import { lstatSync, readdirSync, type BigIntStats } from 'node:fs';
import { sep } from 'node:path';
import { itemKinds, type StudyItem } from '../../../shared/spec/library';

/**
 * Milliseconds within which a file system may give two changes the same time (FAT: 2 s). What
 * changed so shortly before it was read may have changed again unseen.
 */
const SAME_TIME = 2_500;
const NUMBERS = 4;

export interface Watched {
  /** Under the study's folder, which is ''. */
  readonly paths: readonly string[];
  /** Four numbers of each: inode, size, mtime, ctime. */
  readonly stats: BigInt64Array;
  /** In milliseconds since 1970: a path that changed later cannot be told by its numbers. */
  readonly trusted: number;
}

/** Where the numbers of one stat are compared: typed, so that they wrap as the kept ones did. */
const seen = new BigInt64Array(NUMBERS);

function isSame(stat: BigIntStats, stats: BigInt64Array, at: number): boolean {
  seen[0] = stat.ino;
  seen[1] = stat.size;
  seen[2] = stat.mtimeNs;
  seen[3] = stat.ctimeNs;
  for (let i = 0; i < NUMBERS; i++) if (seen[i] !== stats[at + i]) return false;
  return true;
}

const changeOf = ({ mtimeMs, ctimeMs }: BigIntStats): number =>
  Math.max(Number(mtimeMs), Number(ctimeMs));

const lstat = (path: string): BigIntStats | undefined =>
  lstatSync(path, { bigint: true, throwIfNoEntry: false });

const pathIn = (root: string, path: string): string => (path === '' ? root : root + sep + path);

/** Whether all that is watched under `root` is as it was. */
export function isUnchanged(root: string, { paths, stats }: Watched): boolean {
  for (let i = 0; i < paths.length; i++) {
    const stat = lstat(pathIn(root, paths[i]));
    if (stat === undefined || !isSame(stat, stats, NUMBERS * i)) return false;
  }
  return true;
}

/** The names in a folder; one that vanished meanwhile has none. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    return [];
  }
}

/** A run or a surface: what may grow until its manifest says that it is finished. */
const isPart = (folder: string): boolean => /^(runs|surfaces)\/[^/]+$/.test(folder);

export class Walk {
  bytes = 0;
  /** The folders under `surfaces/`, sorted. */
  surfaces: readonly string[] = [];
  private readonly parts = new Map<string, { bytes: number; files: number }>();
  private readonly stats = new Map<string, BigIntStats>();
  private readonly watched = new Set<string>();

  /** As in `Watched`. */
  private readonly trusted: number;

  /** `root` is a real path; `now` is in milliseconds since 1970. */
  constructor(
    private readonly root: string,
    now: number,
  ) {
    this.trusted = now - SAME_TIME;
  }

  /** Looks at everything, a folder a step. Links are not followed. */
  *run(): Generator<void, void> {
    const stack = [''];
    const first = lstat(this.root);
    if (first !== undefined) this.stats.set('', first);
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      stack.push(...this.enter(top));
      yield;
    }
  }

  /** When the folder last changed, in milliseconds since 1970. */
  get changed(): number {
    return Number(this.stats.get('')?.mtimeMs ?? 0n);
  }

  /** Whether all that is watched can be told by its numbers. */
  get isSettled(): boolean {
    return [...this.watched].every((path) => changeOf(this.stats.get(path)!) < this.trusted);
  }

  /** The parts that can be deleted by themselves; none where their folders are linked. */
  get items(): StudyItem[] {
    const isOwn = (kind: string) => this.stats.get(kind)?.isDirectory() ?? true;
    if (!itemKinds.every(isOwn)) return [];
    const paths = [...this.parts.keys()].sort();
    return itemKinds.flatMap((kind) =>
      paths
        .filter((path) => path.startsWith(`${kind}/`))
        .map((path) => ({ kind, id: path.slice(kind.length + 1), ...this.parts.get(path)! })),
    );
  }

  /** Whether there is anything at `path`, which is watched from now on. */
  has(path: string): boolean {
    if (this.stats.has(path)) this.watched.add(path);
    return this.stats.has(path);
  }

  /** Whether `path` is as it was when it was watched before: the same file, or none. */
  isAsIn({ paths, stats, trusted }: Watched, path: string): boolean {
    const at = paths.indexOf(path);
    const stat = this.stats.get(path);
    if (at === -1 || stat === undefined) return at === -1 && stat === undefined;
    return changeOf(stat) < trusted && isSame(stat, stats, NUMBERS * at);
  }

  seal(): Watched {
    const paths = [...this.watched];
    const stats = new BigInt64Array(NUMBERS * paths.length);
    paths.forEach((path, i) => {
      const { ino, size, mtimeNs, ctimeNs } = this.stats.get(path)!;
      stats.set([ino, size, mtimeNs, ctimeNs], NUMBERS * i);
    });
    return { paths, stats, trusted: this.trusted };
  }

  /** Counts what lies in `folder`, whose stat is older than the look into it; gives its folders. */
  private enter(folder: string): string[] {
    if (!this.stats.has(folder)) return [];
    this.watched.add(folder);
    const names = namesIn(pathIn(this.root, folder));
    const isKept = folder === '' || isPart(folder);
    const grows = isPart(folder) && !names.includes('manifest.json');
    const folders: string[] = [];
    for (const name of names) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const stat = lstat(pathIn(this.root, path));
      if (stat === undefined) continue;
      const isFolder = stat.isDirectory();
      if (isFolder || isKept) this.stats.set(path, stat);
      if (isFolder) folders.push(path);
      if (grows && !isFolder) this.watched.add(path);
      this.count(path, isFolder ? null : Number(stat.size));
    }
    if (folder === 'surfaces') this.surfaces = folders.map((path) => path.slice(9)).sort();
    return folders;
  }

  /** Adds a file of `size` bytes, or a folder, to the study and to the part that it lies in. */
  private count(path: string, size: number | null): void {
    this.bytes += size ?? 0;
    const [kind, id] = path.split('/', 2);
    if (id === undefined) return;
    const part = this.parts.get(`${kind}/${id}`) ?? { bytes: 0, files: 0 };
    if (size !== null) part.files += 1;
    part.bytes += size ?? 0;
    this.parts.set(`${kind}/${id}`, part);
  }
}
