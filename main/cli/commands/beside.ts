/** `beside`: surfaces that other tools measured, drawn beside those of a study. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { besideStudy, type TakenWeights } from '../../../shared/foreign/imported';
import { checkStudy } from '../../../shared/spec/study';
import { takeSurface } from '../../host/reader';
import type { ChooseOptions } from '../../native/choose';
import { usersOwn } from '../../native/paths';
import { withEngine } from '../engine';
import { conduct } from './compare';

/** `isocurve beside FOLDER FILE…`; a folder that is no study yet becomes one. */
export async function beside(
  path: string,
  files: readonly string[],
  flags: { figures: boolean; backend?: ChooseOptions['build'] },
): Promise<number> {
  const taken: TakenWeights[] = [];
  for (const file of files) taken.push(await takeSurface(usersOwn(file)));
  const folder = usersOwn(path);
  return withEngine(flags.backend, async (engine) => {
    const isNew = !existsSync(join(folder, 'study.json'));
    const before = isNew ? null : (await engine.call('study/open', { folder })).file;
    const file = besideStudy(before, taken);
    const study = checkStudy(file, 'the study');
    if (!isNew) await engine.call('study/extend', { folder, study: file });
    const start = () =>
      isNew
        ? engine.call('study/start', { folder, study: file })
        : engine.call('study/resume', { folder });
    return conduct(engine, study, folder, start, flags.figures);
  });
}
