/**
 * Drafts: what is written under another name and renamed when it is whole. The name says whose it
 * is, so that what a killed process left half-written can be told from what is being written.
 */

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, rmSync, writeFileSync, type Dirent } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { storageFault } from '../../shared/fault';
import { makeFolders } from './folders';
import { identify, self, standingOf, standingOfNumber, type Identity } from './liveness';

/** Milliseconds after which an untouched draft counts as left by a process that nobody can ask. */
const FORGOTTEN_MS = 3600 * 1000;
const CODE = 6;
const NOTHING = '0'.repeat(CODE);

/** `NAME.PID-HOST BOOT NAMESPACE START.tmp`, each of the four as the head of its hash. */
const DRAFT = new RegExp(`\\.(\\d+)-([0-9a-f]{${4 * CODE}})\\.tmp$`);
/** How earlier versions named them. */
const OLDER = /\.(\d+)\.tmp$|^binding\.(\d+)\.node$/;

const encode = (text: string | null): string | null =>
  text === null ? null : createHash('sha256').update(text).digest('hex').slice(0, CODE);

/** The end of the names of what `owner` writes. */
function tagOf({ pid, host, boot, namespace, started }: Identity): string {
  return `${pid}-${[host, boot, namespace, started].map((text) => encode(text) ?? NOTHING).join('')}.tmp`;
}

/**
 * The end of the names of what the process `pid`, a living child of this one, is to write: a reader
 * may not see the disk, so it cannot know.
 */
export const draftTag = (pid: number): string => tagOf(identify(pid));

/** Where what is to lie at `path` is written first. */
export const draftOf = (path: string, tag = tagOf(self())): string => `${path}.${tag}`;

/** Whether a file or folder of this name is a draft. */
export const isDraft = (name: string): boolean => DRAFT.test(name) || OLDER.test(name);

/** When anything in a folder, or the file itself, was written last. */
function lastWritten(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = readdirSync(path).map((name) => lstatSync(join(path, name)).mtimeMs);
  return Math.max(stat.mtimeMs, ...inside);
}

/** Whether nobody will ever finish the draft at `path`. */
function isLeft(path: string): boolean {
  const name = basename(path);
  const match = DRAFT.exec(name);
  const wrote = lastWritten(path);
  const standing = match === null ? olderStanding(name, wrote) : standingOf(ownerOf(match), encode);
  return standing === 'dead' || (standing === 'unknown' && Date.now() - wrote > FORGOTTEN_MS);
}

function ownerOf([, pid, codes]: RegExpExecArray): Identity {
  const [host, boot, namespace, started] = Array.from({ length: 4 }, (_, i) => {
    const code = codes.slice(i * CODE, (i + 1) * CODE);
    return code === NOTHING ? null : code;
  });
  return { pid: Number(pid), host: host ?? '', boot, namespace, started };
}

function olderStanding(name: string, wrote: number) {
  const [, draft, binding] = OLDER.exec(name)!;
  return standingOfNumber(Number(draft ?? binding), wrote);
}

function sweep(entries: readonly Dirent[]): void {
  for (const entry of entries) {
    // Folders of ours are hidden while they are drafts; no other is ever removed.
    const mayGo = entry.isFile() || (entry.isDirectory() && entry.name.startsWith('.'));
    if (!mayGo || !isDraft(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    try {
      if (isLeft(path)) rmSync(path, { recursive: true, force: true });
    } catch {
      continue; // it has just been finished, or this disk lets nothing go
    }
  }
}

function entriesOf(folder: string, recursive: boolean): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive });
  } catch {
    return []; // there is no such folder yet, or it is not to be looked into
  }
}

/** Deletes what dead processes left half-written in `folder`, which must be one of our own. */
export const sweepDrafts = (folder: string, { recursive = false } = {}): void =>
  sweep(entriesOf(folder, recursive));

/** Deletes what dead processes left of the file at `path`, in whosever folder it lies. */
export function sweepDraftsOf(path: string): void {
  const start = `${basename(path)}.`;
  sweep(entriesOf(dirname(path), false).filter(({ name }) => name.startsWith(start)));
}

/** Deletes a draft that came to nothing; what cannot be deleted is swept later. */
export function dropDraft(draft: string): void {
  try {
    rmSync(draft, { recursive: true, force: true });
  } catch {
    return; // the disk that failed the writing may fail this too
  }
}

/**
 * Puts `content` at `path`, whole or not at all. Without a sync: a figure, a copy or a setting can
 * be made again. @throws Fault 'storage'
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const draft = draftOf(path);
  try {
    makeFolders(dirname(path));
    sweepDraftsOf(path);
    writeFileSync(draft, content);
    renameSync(draft, path);
  } catch (error) {
    dropDraft(draft);
    throw storageFault(error, 'write', path);
  }
}
