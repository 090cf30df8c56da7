/**
 * Deleting that can be undone: what is deleted moves into `.trash/` of its workspace, with a note
 * of where it lay. Nothing is moved from outside of the workspace, and nothing out of it, whatever
 * a note says and wherever a link leads.
 */

import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { Fault } from '../../../shared/fault';
import { check } from '../../../shared/spec/check';
import type { TrashedItem } from '../../../shared/spec/library';
import type { GuardedPath } from '../../../shared/spec/place';
import { liesIn, realPathOf } from '../../native/paths';
import { timestamp } from '../clock';
import { readJson, writeJson } from '../files';
import { checkOwn, listOwn } from '../own-file';
import { sizeOf } from './size';

/** The trash of a workspace. @throws Fault 'damaged' when it is a link */
function trashOf(workspace: GuardedPath): string {
  const trash = join(workspace, '.trash');
  checkOwn(trash);
  return trash;
}

const Note = v.object({ from: v.string(), deleted: v.string() });
type Note = v.InferOutput<typeof Note>;

const noteIn = (holder: string): string => join(holder, 'trashed.json');

/** @throws Fault when it cannot be read */
const readNote = (holder: string): Note => check(Note, readJson(noteIn(holder)), noteIn(holder));

/** Whether anything lies at `path`, also a link to nothing. */
const isTaken = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** @throws Fault 'bad-value' unless `path` lies in the workspace and is not the workspace */
function checkInside(workspace: GuardedPath, path: string): void {
  if (liesIn(workspace, path) && !liesIn(path, workspace)) return;
  throw new Fault(
    'bad-value',
    `${path} does not lie in the workspace ${workspace}, so it is not moved`,
  );
}

/** Moves `path` into the trash; the id brings it back. @throws Fault */
export function discard(workspace: GuardedPath, path: string): { id: string } {
  if (!isTaken(path)) throw new Fault('not-found', `${path} does not exist any more`);
  checkOwn(path);
  checkInside(workspace, path);
  const trash = trashOf(workspace);
  mkdirSync(trash, { recursive: true });
  const deleted = timestamp();
  const stem = `${deleted.replaceAll(/[:.]/g, '-')}-${basename(path)}`;
  const taken = new Set(readdirSync(trash));
  let id = stem;
  for (let i = 2; taken.has(id); i++) id = `${stem}-${i}`;
  const holder = join(trash, id);
  mkdirSync(holder);
  writeJson(noteIn(holder), { from: path, deleted } satisfies Note);
  try {
    renameSync(path, join(holder, 'content'));
  } catch (error) {
    rmSync(holder, { recursive: true, force: true });
    throw error;
  }
  return { id };
}

/**
 * Puts a deleted thing back where it lay.
 * @throws Fault 'conflict' when its place is taken, 'bad-value' when it lies outside
 */
export function restore(workspace: GuardedPath, id: string): { folder: string } {
  const holder = join(trashOf(workspace), id);
  const content = join(holder, 'content');
  checkOwn(content);
  if (!existsSync(content) || !existsSync(noteIn(holder))) {
    throw new Fault('not-found', `the trash of ${workspace} has no '${id}' any more`);
  }
  const from = realPathOf(readNote(holder).from);
  checkInside(workspace, from);
  if (isTaken(from)) {
    throw new Fault('conflict', `cannot restore ${from}: something else lies there now; move it`);
  }
  mkdirSync(dirname(from), { recursive: true });
  renameSync(content, from);
  rmSync(holder, { recursive: true, force: true });
  return { folder: from };
}

/** What can be brought back, the latest first; what has no note that can be read cannot. */
export function listTrash(workspace: GuardedPath): TrashedItem[] {
  const trash = trashOf(workspace);
  return listOwn(trash)
    .reverse()
    .flatMap((id): TrashedItem[] => {
      const holder = join(trash, id);
      try {
        return [{ id, ...readNote(holder), bytes: sizeOf(holder).bytes }];
      } catch (error) {
        if (error instanceof Fault) return [];
        throw error;
      }
    });
}

export const emptyTrash = (workspace: GuardedPath): void =>
  rmSync(trashOf(workspace), { recursive: true, force: true });
