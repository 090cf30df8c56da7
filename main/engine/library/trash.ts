/**
 * Deleting that can be undone: what is deleted moves into `.trash/` of its workspace, with a note
 * of
 * where it lay.
 */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { TrashedItem } from '../../../shared/spec/library';
import { timestamp } from '../clock';
import { readManifest, writeJson } from '../files';
import { sizeOf } from './size';

const trashOf = (workspace: string) => join(workspace, '.trash');

interface Note {
  readonly from: string;
  readonly deleted: string;
}

/** Moves `path` into the trash; the id brings it back. */
export function discard(workspace: string, path: string): { id: string } {
  if (!existsSync(path)) throw new Fault('not-found', `${path} does not exist any more`);
  const trash = trashOf(workspace);
  mkdirSync(trash, { recursive: true });
  const deleted = timestamp();
  const stem = `${deleted.replaceAll(/[:.]/g, '-')}-${basename(path)}`;
  const taken = new Set(readdirSync(trash));
  let id = stem;
  for (let i = 2; taken.has(id); i++) id = `${stem}-${i}`;
  const holder = join(trash, id);
  mkdirSync(holder);
  writeJson(join(holder, 'trashed.json'), { from: path, deleted } satisfies Note);
  try {
    renameSync(path, join(holder, 'content'));
  } catch (error) {
    rmSync(holder, { recursive: true, force: true });
    throw error;
  }
  return { id };
}

/** Puts a deleted thing back where it lay. @throws Fault 'conflict' when its place is taken */
export function restore(workspace: string, id: string): { folder: string } {
  const holder = join(trashOf(workspace), id);
  if (!existsSync(join(holder, 'trashed.json'))) {
    throw new Fault('not-found', `the trash of ${workspace} has no '${id}' any more`);
  }
  const { from } = readManifest<Note>(join(holder, 'trashed.json'));
  if (existsSync(from)) {
    throw new Fault('conflict', `cannot restore ${from}: something else lies there now; move it`);
  }
  mkdirSync(dirname(from), { recursive: true });
  renameSync(join(holder, 'content'), from);
  rmSync(holder, { recursive: true, force: true });
  return { folder: from };
}

export function listTrash(workspace: string): TrashedItem[] {
  const trash = trashOf(workspace);
  if (!existsSync(trash)) return [];
  return readdirSync(trash)
    .filter((id) => existsSync(join(trash, id, 'trashed.json')))
    .sort()
    .reverse()
    .map((id) => ({
      id,
      ...readManifest<Note>(join(trash, id, 'trashed.json')),
      bytes: sizeOf(join(trash, id)).bytes,
    }));
}

export const emptyTrash = (workspace: string): void =>
  rmSync(trashOf(workspace), { recursive: true, force: true });
