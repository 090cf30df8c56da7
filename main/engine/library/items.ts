/** The parts of a study that can be deleted by themselves, and where studies may lie. */

import { join } from 'node:path';
import { itemKinds, type StudyItem } from '../../../shared/spec/library';
import { liesIn } from '../../native/paths';
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

/** Whether a workspace may lead to `folder`: it lies in what was opened. */
export const isOpened = (workspace: string, folder: string): boolean =>
  [workspace, ...openedFolders()].some((root) => liesIn(root, folder));
