/** Notes and tags of a study, in a file of their own: nothing computed depends on them. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../../shared/spec/check';
import { Annotations } from '../../../shared/spec/library';
import { readJson, writeJson } from '../files';

const pathIn = (folder: string) => join(folder, 'annotations.json');

export function readAnnotations(folder: string): Annotations {
  const path = pathIn(folder);
  return check(Annotations, existsSync(path) ? readJson(path) : {}, path);
}

export const writeAnnotations = (folder: string, annotations: Annotations): void =>
  writeJson(pathIn(folder), annotations);
