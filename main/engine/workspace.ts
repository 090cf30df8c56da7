/**
 * The folder of a study on disk: its layout, its ownership, and the lock that keeps a second
 * process out.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../shared/fault';
import { checkStudy, type Study } from '../../shared/spec/study';
import { isDraft, sweepDrafts } from '../native/drafts';
import { readJson, readManifest, toJson, writeJson } from './files';
import { keepFolder, makeFolder } from './folders';
import { takeLock, type Held, type LockOptions } from './lock';
import { MOST, readOwnText } from './own-file';
import { recordsIn } from './study/inventory';
import { wayOut } from './study/parts';

/** Where things lie in a study's folder. */
export const layout = (folder: string) => ({
  study: join(folder, 'study.json'),
  manifest: join(folder, 'manifest.json'),
  results: join(folder, 'results.json'),
  lock: join(folder, '.lock'),
  run: (id: string) => join(folder, 'runs', id),
  checkpoints: (id: string) => join(folder, 'checkpoints', id),
  direction: (id: string) => join(folder, 'directions', id),
  surface: (id: string) => join(folder, 'surfaces', id),
  figures: join(folder, 'figures'),
});
export type Layout = ReturnType<typeof layout>;

/**
 * Takes the lock of a study's folder, and sweeps up what processes left half-written there that
 * died. @throws Fault 'conflict' when another process works on the study
 */
export async function lockStudy(
  folder: string,
  options: Omit<LockOptions, 'what' | 'anchor'> = {},
): Promise<Held> {
  const { lock, study: anchor } = layout(folder);
  const held = await takeLock(lock, { ...options, what: folder, anchor });
  sweepDrafts(folder, { recursive: true });
  const forget = keepFolder(folder);
  return {
    ...held,
    release() {
      forget();
      held.release();
    },
  };
}

/** Reads the study of an existing folder. @throws Fault when it is not a study's folder */
export function readStudy(folder: string): Study {
  const path = layout(folder).study;
  if (!existsSync(path)) {
    throw new Fault('not-found', `${folder} is not the folder of a study: it has no study.json`);
  }
  return checkStudy(readStudyFile(path), path);
}

function readStudyFile(path: string): unknown {
  try {
    return readJson(path);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('damaged', `${error.message}; ${wayOut('study.json', 'cut')}`);
  }
}

/** Whether `folder` is that of the study `text`, whose file is gone: the manifest has its hash. */
function hasLost(folder: string, text: string): boolean {
  const { manifest } = layout(folder);
  if (!existsSync(manifest)) return false;
  const known = recordsIn(readManifest<object>(manifest, wayOut('manifest.json', 'changed')));
  const sha256 = createHash('sha256').update(text).digest('hex');
  return known?.some((file) => file.path === 'study.json' && file.sha256 === sha256) === true;
}

/**
 * Makes `folder` the study's, or finds it to be so already.
 * @throws Fault 'conflict' when it holds something else
 */
export function openStudy(folder: string, study: Study): void {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new Fault('conflict', `${folder} is a file; choose another folder with --out`);
  }
  const { study: path } = layout(folder);
  if (existsSync(path)) {
    if (readOwnText(path, { atMost: MOST.small }) === toJson(study.file)) return;
    throw new Fault(
      'conflict',
      `${folder} holds another study ('${readStudy(folder).name}' with other settings); choose another folder with --out, or go on with that one by 'isocurve resume ${folder}'`,
    );
  }
  if (
    existsSync(folder) &&
    readdirSync(folder).some((name) => !name.startsWith('.lock') && !isDraft(name)) &&
    !hasLost(folder, toJson(study.file))
  ) {
    throw new Fault(
      'conflict',
      `${folder} is not empty and is not a study's; choose another folder with --out`,
    );
  }
  makeFolder(folder);
  writeJson(path, study.file);
}
