/** What a study found, as it lies on disk, its claims decided by the rules of today. */

import { existsSync } from 'node:fs';
import type { StudyResults } from '../../../shared/spec/results';
import type { Study } from '../../../shared/spec/study';
import { decide } from '../../../shared/spec/verdict';
import { readManifest } from '../files';
import { layout } from '../workspace';
import { withMetrics } from './surface-files';

/**
 * The results of the study in `folder`; null: there are none yet. The verdicts in the file may be
 * those of earlier rules and are not read: runs and surfaces decide them.
 */
export function readResults(folder: string, study: Study): StudyResults | null {
  const { results: path, surface } = layout(folder);
  if (!existsSync(path)) return null;
  const found = readManifest<StudyResults>(path);
  const surfaces = found.surfaces.map((result) => withMetrics(result, surface(result.id)));
  const { runs, complete } = found;
  return { ...found, surfaces, claims: complete ? decide(study, { runs, surfaces }) : [] };
}
