/**
 * The studies of workspaces and their parts, as lists. What was read is remembered and only read
 * again where `walk.ts` sees a change; nothing but these lists rests on the memory. Work is given
 * in small steps, so that whoever has other things to do can do them between two.
 */

import { lstatSync, readdirSync, realpathSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { LibraryItem, StudySummary } from '../../../shared/spec/library';
import { timestamp } from '../clock';
import { loadEntries, saveEntries, type Entry } from './cache';
import { isOpened } from './items';
import { damaged, readRow } from './row';
import { isUnchanged, Walk } from './walk';

/** Workspaces that are remembered at once. */
const WORKSPACES = 4;

/** The studies of one workspace by the real paths of their folders, in the order of the names. */
type Shelf = Map<string, Entry>;

/** Does all of `work` at once. */
export function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as { code?: string }).code ?? '');

/** The real path of `path`, or null when it leads nowhere. */
function realOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Folders and links directly under `workspace`, in the order of their names. */
function foldersIn(workspace: string): Dirent[] {
  try {
    return readdirSync(workspace, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.'))
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

const isStudy = (real: string): boolean =>
  lstatSync(join(real, 'study.json'), { throwIfNoEntry: false }) !== undefined;

/** What stands for a link out of what was opened: it is not looked into. */
const refusedLink = (folder: string): Entry => ({
  ...damaged(
    folder,
    new Fault('damaged', `${folder} is a link out of the workspace, so it is not read`),
    0,
  ),
  items: [],
  watched: { paths: [], stats: new BigInt64Array(), trusted: 0 },
  age: 0,
  isSettled: false,
});

export class Library {
  private readonly shelves = new Map<string, Shelf>();
  private readonly changed = new Set<string>();

  /**
   * `keptIn` is a folder where what was read is kept for the next start; null: it is not.
   * `now` gives milliseconds since 1970.
   */
  constructor(
    private readonly keptIn: string | null = null,
    private readonly now: () => number = () => Date.parse(timestamp()),
  ) {}

  /** All studies directly under `workspace`, the latest first. One that is not there is empty. */
  *list(workspace: string): Generator<void, StudySummary[]> {
    const entries = [...(yield* this.look(workspace)).values()];
    return entries.sort((a, b) => b.age - a.age).map(({ summary }) => summary);
  }

  /** The parts of all studies of `workspace`. */
  *items(workspace: string): Generator<void, LibraryItem[]> {
    const entries = [...(yield* this.look(workspace)).values()];
    return entries.flatMap(({ items, summary: { folder } }) =>
      items.map((item) => ({ ...item, folder })),
    );
  }

  /** Keeps on disk what was read since this was last asked. */
  save(): void {
    for (const workspace of this.changed) {
      const shelf = this.shelves.get(workspace);
      if (shelf !== undefined && this.keptIn !== null) saveEntries(this.keptIn, workspace, shelf);
    }
    this.changed.clear();
  }

  /** Whether `save` has anything to do. */
  get hasNews(): boolean {
    return this.changed.size > 0;
  }

  private *look(workspace: string): Generator<void, Shelf> {
    const real = realOrNull(workspace);
    if (real === null) return new Map();
    const known = this.shelves.get(real) ?? this.load(real);
    const shelf: Shelf = new Map();
    for (const entry of foldersIn(workspace)) {
      yield;
      const named = join(workspace, entry.name);
      const path = entry.isDirectory() ? join(real, entry.name) : realOrNull(named);
      if (path === null || shelf.has(path)) continue;
      if (!entry.isDirectory() && !isOpened(real, path)) {
        if (isStudy(path)) shelf.set(named, refusedLink(named));
        continue;
      }
      const folder = entry.isDirectory() ? named : path;
      const before = known.get(path);
      const isSame = before?.summary.folder === folder;
      if (isSame && before.isSettled && isUnchanged(path, before.watched)) {
        shelf.set(path, before);
      } else if (isStudy(path)) {
        const made = yield* this.read(folder, path, isSame ? before : null);
        shelf.set(path, made);
        if (made.isSettled) this.changed.add(real);
      }
    }
    const isLess = [...known].some(([path, { isSettled }]) => isSettled && !shelf.has(path));
    if (isLess) this.changed.add(real);
    this.remember(real, shelf);
    return shelf;
  }

  private *read(folder: string, path: string, known: Entry | null): Generator<void, Entry> {
    const walk = new Walk(path, this.now());
    const { summary, sources } = yield* readRow(folder, walk, known);
    const { started, fault } = summary;
    return {
      summary,
      sources,
      items: walk.items,
      watched: walk.seal(),
      age: started === null ? walk.changed : Date.parse(started),
      isSettled: fault === null && walk.isSettled,
    };
  }

  private load(workspace: string): Shelf {
    return this.keptIn === null ? new Map() : loadEntries(this.keptIn, workspace);
  }

  private remember(workspace: string, shelf: Shelf): void {
    this.shelves.delete(workspace);
    this.shelves.set(workspace, shelf);
    const [oldest] = this.shelves.keys();
    if (this.shelves.size > WORKSPACES) this.shelves.delete(oldest);
  }
}

/** Reads all studies of `workspace`, without any memory. */
export const listStudies = (workspace: string): StudySummary[] =>
  finish(new Library().list(workspace));

/** Reads the parts of all studies of `workspace`, without any memory. */
export const listAllItems = (workspace: string): LibraryItem[] =>
  finish(new Library().items(workspace));
