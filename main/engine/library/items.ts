/** Which studies a workspace holds, and their parts that can be deleted by themselves. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { itemKinds, type LibraryItem, type StudyItem } from '../../../shared/spec/library';
import { sizeOf } from './size';

export const listItems = (folder: string): StudyItem[] =>
  itemKinds.flatMap((kind) => {
    const path = join(folder, kind);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .sort()
      .map((id) => ({ kind, id, ...sizeOf(join(path, id)) }));
  });

/** The studies directly under `workspace`. One that is not there is empty. */
export function studyFolders(workspace: string): string[] {
  if (!existsSync(workspace)) return [];
  return readdirSync(workspace)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => join(workspace, name))
    .filter((folder) => existsSync(join(folder, 'study.json')));
}

/** The parts of all studies of `workspace`. */
export const listAllItems = (workspace: string): LibraryItem[] =>
  studyFolders(workspace).flatMap((folder) =>
    listItems(folder).map((item) => ({ ...item, folder })),
  );
