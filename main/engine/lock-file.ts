/**
 * The file of a lock: who has it, put there and replaced without a moment in which two could have
 * it. Knows nothing of waiting.
 */

import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import * as v from 'valibot';
import { onDisk } from '../../shared/fault';
import { draftOf, dropDraft } from '../native/drafts';
import { identify, self } from '../native/liveness';
import { timestamp } from './clock';

const text = v.string();
const number = v.pipe(v.number(), v.integer(), v.minValue(1));
const perhaps = v.nullable(text);

/** What a lock says; earlier versions wrote the number and the host only. */
const Owner = v.object({
  pid: number,
  host: text,
  since: v.optional(text),
  /** What only one lock ever holds. */
  token: v.optional(text),
  identity: v.optional(v.object({ boot: perhaps, namespace: perhaps, started: perhaps })),
  /** The process that it works for. */
  parent: v.optional(v.nullable(v.object({ pid: number, started: perhaps }))),
});
export type Owner = v.InferOutput<typeof Owner>;

/** More than any lock holds. */
const MOST = 4096;

export interface Found {
  /** The same as long as it is the same lock. */
  readonly mark: string;
  /** When its owner touched it last, in milliseconds by the clock of the disk. */
  readonly beat: number;
  /** Null: nothing that a lock would say. */
  readonly owner: Owner | null;
}

/** The mark of a lock that holds `content`. */
export const markOf = (content: string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

function ownerIn(content: string): Owner | null {
  try {
    const parsed = v.safeParse(Owner, JSON.parse(content));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '');

/** The lock at `path`; null: there is none. @throws Fault 'storage' */
export function readLock(path: string): Found | null {
  return onDisk('read', path, () => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    if (!stat.isFile()) return { mark: 'odd', beat: 0, owner: null };
    try {
      // Opened anew each time: a network disk asks the server then what it holds.
      const file = openSync(path, 'r');
      try {
        const bytes = Buffer.alloc(MOST);
        const content = bytes.toString('utf8', 0, readSync(file, bytes, 0, MOST, 0));
        const { mtimeMs: beat } = fstatSync(file);
        return { mark: markOf(content), beat, owner: ownerIn(content) };
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  });
}

/** What this process writes into a lock; never the same twice. */
export function ownText(): { readonly text: string; readonly token: string } {
  const { pid, host, boot, namespace, started } = self();
  const token = randomUUID();
  const { ppid } = process;
  const parent = ppid > 0 ? { pid: ppid, started: identify(ppid).started } : null;
  const identity = { boot, namespace, started };
  const owner: Owner = { pid, host, since: timestamp(), token, identity, parent };
  return { text: `${JSON.stringify(owner)}\n`, token };
}

/** Puts the file `draft` at `path` unless something lies there; whether it did. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    // A network disk may lose the answer, and say at the second asking that it is there already.
    if ((error as { code?: string }).code === 'EEXIST') return statSync(draft).nlink === 2;
  }
  try {
    // A disk without links: who looks while it is being copied sees half of it, and looks again.
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Puts `content` at `path`: where nothing lies, or, told to replace, over what lies there. Whether
 * it did. @throws Fault 'storage'
 */
export function putLock(path: string, content: string, replaces: boolean): boolean {
  const draft = draftOf(path);
  return onDisk('write', path, () => {
    try {
      writeFileSync(draft, content);
      if (!replaces) return linked(draft, path);
      renameSync(draft, path);
      return true;
    } finally {
      dropDraft(draft);
    }
  });
}

/** Where whoever wants to take or remove the lock with this mark has to be alone. */
export const claimOf = (path: string, mark: string): string => `${path}.${mark}`;

/** Moves what is no file out of the way of a lock, and keeps it. */
export const moveAside = (path: string): void =>
  onDisk('write', path, () => renameSync(path, `${path}-${randomUUID().slice(0, 8)}`));

export const removeLock = (path: string): void =>
  onDisk('write', path, () => rmSync(path, { force: true, maxRetries: 3 }));
