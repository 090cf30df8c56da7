/** The parts of a study that can be deleted by themselves. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { itemKinds, type StudyItem } from '../../../shared/spec/library';
import { sizeOf } from './size';

export const listItems = (folder: string): StudyItem[] =>
  itemKinds.flatMap((kind) => {
    const path = join(folder, kind);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .sort()
      .map((id) => ({ kind, id, ...sizeOf(join(path, id)) }));
  });
