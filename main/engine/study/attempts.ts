/**
 * The schedules of a run that missed the loss until which it trains: what is kept of them, and what
 * is cleared away.
 */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt } from '../../../shared/spec/run';
import { readManifest, writeJson } from '../files';
import { livePathFile } from './live-path';
import { runFiles } from './run-files';

const attemptsPath = (runFolder: string) => join(runFolder, 'attempts.json');

/** The schedules that missed, in their order. */
export function readMissed(runFolder: string): Attempt[] {
  const path = attemptsPath(runFolder);
  return existsSync(path) ? readManifest<Attempt[]>(path) : [];
}

/**
 * Writes down that the last of `missed` has missed too. From then on nothing that was written of it
 * is believed, so that a death before all of it is cleared changes nothing.
 */
export const writeMissed = (runFolder: string, missed: readonly Attempt[]): void =>
  writeJson(attemptsPath(runFolder), missed);

/** Removes what an earlier schedule left: its state, metrics, path and checkpoints. */
export function clearAttempt(runFolder: string, checkpoints: string): void {
  const { resume, metrics, epochs } = runFiles(runFolder);
  for (const path of [resume, metrics, epochs, livePathFile(runFolder), checkpoints]) {
    rmSync(path, { recursive: true, force: true });
  }
}
