/**
 * The folder of a study on disk: its layout, its ownership, and the lock that keeps a second
 * process out.
 */

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../shared/fault';
import { checkStudy, type Study } from '../../shared/spec/study';
import { draftOwner, readJson, readManifest, toJson, writeJson } from './files';
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** Deletes what processes that died while writing left half-written in `folder`. */
function sweepDrafts(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const owner = entry.isFile() ? draftOwner(entry.name) : null;
    if (owner !== null && !isAlive(owner)) rmSync(join(entry.parentPath, entry.name));
  }
}

/**
 * Takes the lock of a study's folder and returns the function that gives it back. A lock whose
 * process is gone is taken, and what it was writing is swept up.
 * @throws Fault 'conflict' when another process works on the study
 */
export function lockStudy(folder: string): () => void {
  const path = layout(folder).lock;
  const mine = JSON.stringify({ pid: process.pid, host: hostname() });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      sweepDrafts(folder);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
    }
    let owner: { pid: number; host: string };
    try {
      owner = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; host: string };
    } catch {
      owner = { pid: -1, host: hostname() }; // its writer died while writing it
    }
    if (owner.host !== hostname() || (owner.pid > 0 && isAlive(owner.pid))) {
      throw new Fault(
        'conflict',
        `process ${owner.pid} on ${owner.host} is at work on ${folder}; wait for it, or choose another folder with --out (if it is gone, delete ${path})`,
      );
    }
    rmSync(path, { force: true });
  }
  throw new Fault('conflict', `another process has just begun to work on ${folder}`);
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
    if (readFileSync(path, 'utf8') === toJson(study.file)) return;
    throw new Fault(
      'conflict',
      `${folder} holds another study ('${readStudy(folder).name}' with other settings); choose another folder with --out, or go on with that one by 'isocurve resume ${folder}'`,
    );
  }
  if (
    existsSync(folder) &&
    readdirSync(folder).some((name) => name !== '.lock' && draftOwner(name) === null) &&
    !hasLost(folder, toJson(study.file))
  ) {
    throw new Fault(
      'conflict',
      `${folder} is not empty and is not a study's; choose another folder with --out`,
    );
  }
  mkdirSync(folder, { recursive: true });
  writeJson(path, study.file);
}
