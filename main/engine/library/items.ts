/** Which studies a workspace holds, and their parts that can be deleted by themselves. */

import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import { itemKinds, type LibraryItem, type StudyItem } from '../../../shared/spec/library';
import type { GuardedPath } from '../../../shared/spec/place';
import { liesIn, realPathOf } from '../../native/paths';
import { listOwn } from '../own-file';
import { sizeOf } from './size';

/** The parts of a study. @throws Fault 'damaged' where they are linked */
export const listItems = (folder: string): StudyItem[] =>
  itemKinds.flatMap((kind) => {
    const path = join(folder, kind);
    return listOwn(path).map((id) => ({ kind, id, ...sizeOf(join(path, id)) }));
  });

/**
 * Where studies may really lie that a workspace links to, besides the workspace itself: the folders
 * that the server was started with.
 */
const openedFolders = (): readonly string[] =>
  JSON.parse(process.env['ISOCURVE_OPENED'] ?? '[]') as string[];

const isOpened = (workspace: string, folder: string): boolean =>
  [workspace, ...openedFolders()].some((root) => liesIn(root, folder));

/** @throws Fault 'damaged' when a study of `workspace` is a link out of what was opened */
export function checkStudyFolder(workspace: string, folder: string): void {
  if (isOpened(workspace, folder)) return;
  throw new Fault('damaged', `${folder} is a link out of the workspace, so it is not read`);
}

/** Where the study at `folder` really lies; a link that leads out stays what it is. */
function placeOf(workspace: string, folder: string): string {
  const isLink = lstatSync(folder).isSymbolicLink();
  return isLink && isOpened(workspace, folder) ? realPathOf(folder) : folder;
}

/** The studies directly under `workspace`, each once. A workspace that is not there is empty. */
export function studyFolders(workspace: GuardedPath): string[] {
  if (!existsSync(workspace)) return [];
  const found = readdirSync(workspace)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => join(workspace, name))
    .filter((folder) => existsSync(join(folder, 'study.json')))
    .map((folder) => placeOf(workspace, folder));
  return [...new Set(found)];
}

/** The parts of all studies of `workspace`; none of a study that may not be looked into. */
export const listAllItems = (workspace: GuardedPath): LibraryItem[] =>
  studyFolders(workspace).flatMap((folder) => {
    try {
      checkStudyFolder(workspace, folder);
      return listItems(folder).map((item) => ({ ...item, folder }));
    } catch (error) {
      if (error instanceof Fault) return [];
      throw error;
    }
  });
