/**
 * The state that a run in training is taken up from after any death: kept beside its metrics, and
 * believed only where all that came before it is there too.
 */

import { existsSync, rmSync } from 'node:fs';
import { Fault } from '../../../shared/fault';
import type { EpochMetrics, StepMetrics, TimedRecipe } from '../../../shared/spec/run';
import { checkpointSteps, hashOf } from '../checkpoint/checkpoint';
import { readTensors, writeTensors } from '../checkpoint/safetensors';
import { writeAtomically } from '../files';
import { MOST, readOwnBytes } from '../own-file';
import { readLines } from '../run/log';
import type { Snapshot } from '../run/train';
import type { runFiles } from './run-files';

/** Training in the midst of a run. */
export interface ResumeState {
  readonly snapshot: Snapshot;
  /** Seconds that its schedule has taken, over all sittings. */
  readonly spent: number;
  /** Which of the recipe's schedules it is in, counted from 0. */
  readonly attempt: number;
}

/** Writes the state down. */
export function saveResume(path: string, { snapshot, spent, attempt }: ResumeState): void {
  const vectors = [snapshot.weights, snapshot.statistics, ...snapshot.slots];
  const tensors = vectors.map((values, i) => ({ name: String(i), shape: [values.length], values }));
  const metadata = new Map([
    ['step', String(snapshot.step)],
    ['seconds', String(spent)],
    ['attempt', String(attempt)],
    ['sha256', hashOf(vectors)],
  ]);
  writeAtomically(path, writeTensors(tensors, metadata));
}

/** The state in a file of `saveResume`, or null; those of earlier versions say less. */
function parseResume(path: string): ResumeState | null {
  const file = readTensors(readOwnBytes(path, { atMost: MOST.binary }), path);
  const vectors = Array.from(
    { length: file.tensors.size },
    (_, i) => file.tensors.get(String(i))?.values,
  ).filter((values) => values instanceof Float32Array);
  const { step, seconds: spent, attempt, sha256 } = Object.fromEntries(file.metadata);
  if (vectors.length < 2 || (sha256 !== undefined && sha256 !== hashOf(vectors))) return null;
  const [weights, statistics, ...slots] = vectors;
  const snapshot = { step: Number(step), weights, statistics, slots };
  return { snapshot, spent: Number(spent), attempt: Number(attempt ?? 0) };
}

/** @throws Fault 'damaged' */
function readResume(path: string): ResumeState | null {
  if (!existsSync(path)) return null;
  let state;
  try {
    state = parseResume(path);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    state = null;
  }
  if (state !== null) return state;
  throw new Fault(
    'damaged',
    `${path} is not as it was written; delete only this file, and resuming the study makes this run again from its start`,
  );
}

/**
 * Whether all that training to `step` has written is there: a power cut may keep the state and lose
 * lines that were written before it.
 */
function isWhole(
  files: ReturnType<typeof runFiles>,
  checkpoints: string,
  step: number,
  every: number,
  perEpoch: number,
): boolean {
  const known = new Set(checkpointSteps(checkpoints));
  for (let kept = 0; kept <= step; kept += every) if (!known.has(kept)) return false;
  const steps = readLines<StepMetrics>(files.metrics).filter((record) => record.step < step);
  const epochs = readLines<EpochMetrics>(files.epochs).filter((record) => record.step <= step);
  return steps.length === step && epochs.length === Math.floor(step / perEpoch);
}

/**
 * The state to go on from in schedule `attempt`; null: from the start, which alone gives back what
 * is missing of an earlier sitting. One of an earlier schedule is deleted: the run has left it.
 */
export function takeUp(
  files: ReturnType<typeof runFiles>,
  checkpoints: string,
  { checkpointEvery }: TimedRecipe,
  perEpoch: number,
  attempt: number,
): ResumeState | null {
  const state = readResume(files.resume);
  if (state === null) return null;
  const { step } = state.snapshot;
  if (state.attempt === attempt && isWhole(files, checkpoints, step, checkpointEvery, perEpoch)) {
    return state;
  }
  rmSync(files.resume);
  return null;
}
