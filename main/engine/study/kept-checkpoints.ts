/**
 * The checkpoints of a run as its manifest names them: what lies in the folder is not asked, so
 * that a missing, damaged or other file is a fault and never another trajectory.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { FileRecord } from '../../../shared/spec/inventory';
import type { RunResult } from '../../../shared/spec/results';
import {
  checkpointPath,
  checkpointSteps,
  loadCheckpoint,
  parseCheckpoint,
  weightsHash,
  type Checkpoint,
} from '../checkpoint/checkpoint';
import type { Model } from '../model/model';
import { MOST, readOwnBytes } from '../own-file';
import type { Layout } from '../workspace';
import { recordsIn } from './inventory';
import { readPart, wayOut } from './parts';
import { runManifest } from './run-files';

export interface KeptCheckpoints {
  /** Ascending. */
  readonly steps: readonly number[];
  /** @throws Fault 'not-found' or 'damaged' */
  load(step: number, model: Model): Checkpoint;
}

/** Where the file of `step` lies, from the study's folder. */
export const checkpointIn = (run: string, step: number): string =>
  `checkpoints/${run}/${basename(checkpointPath('', step))}`;

function check(bytes: Buffer, path: string, record: FileRecord | undefined, way: string): void {
  if (record === undefined) return;
  const isSame =
    bytes.length === record.bytes &&
    createHash('sha256').update(bytes).digest('hex') === record.sha256;
  if (isSame) return;
  throw new Fault('damaged', `${path} is not the file that its run's manifest lists; ${way}`);
}

/**
 * The checkpoints of `run`. Those of a run that has not ended, or lost its manifest, are what lies
 * there.
 */
export function keptCheckpoints(layout: Layout, run: string): KeptCheckpoints {
  const folder = layout.checkpoints(run);
  const manifest = runManifest(layout.run(run));
  if (!existsSync(manifest)) {
    const load = (step: number, model: Model) => loadCheckpoint(folder, step, model);
    return { steps: checkpointSteps(folder), load };
  }
  const result = readPart<RunResult>(manifest);
  const steps = result.checkpoints;
  const records = new Map((recordsIn(result) ?? []).map((record) => [record.path, record]));
  return {
    steps,
    load(step, model) {
      const path = checkpointPath(folder, step);
      if (!steps.includes(step)) {
        throw new Fault('not-found', `${run} has no checkpoint of step ${step}`);
      }
      const place = checkpointIn(run, step);
      if (!existsSync(path)) {
        throw new Fault('damaged', `${path} is missing; ${wayOut(place, 'missing')}`);
      }
      const bytes = readOwnBytes(path, { atMost: MOST.binary });
      const way = wayOut(place, 'changed');
      check(bytes, path, records.get(place), way);
      const checkpoint = parseCheckpoint(bytes, path, step, model, way);
      // A run that diverged ended after its last checkpoint.
      const isEnd = step === steps[steps.length - 1] && !result.summary.diverged;
      if (isEnd && weightsHash(checkpoint) !== result.weightsHash) {
        throw new Fault('damaged', `${path} is not where its run ended; ${way}`);
      }
      return checkpoint;
    },
  };
}
