/** Where the files of a run lie in its folder, and its result as its manifest has it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pickRun, type RunResult } from '../../../shared/spec/results';
import { readPart } from './parts';
import type { StudyContext } from './context';

export const runFiles = (folder: string) => ({
  manifest: join(folder, 'manifest.json'),
  metrics: join(folder, 'metrics.jsonl'),
  epochs: join(folder, 'epochs.jsonl'),
  resume: join(folder, 'resume.safetensors'),
});

export const runManifest = (folder: string): string => runFiles(folder).manifest;

/** The result of the finished run in `folder`. @throws Fault 'damaged' */
export const readRunResult = (folder: string): RunResult =>
  pickRun(readPart<RunResult>(runManifest(folder)));

/** The result of a finished run, or null. */
export function readRun({ layout }: StudyContext, id: string): RunResult | null {
  const folder = layout.run(id);
  return existsSync(runManifest(folder)) ? readRunResult(folder) : null;
}
