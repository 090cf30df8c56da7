/** A finished run that is taken up again: what is missing of it is made again, or all of it. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { WorkEvent } from '../../../shared/spec/events';
import { missedOf, type RunResult } from '../../../shared/spec/results';
import type { Variant } from '../../../shared/spec/study';
import { checkpointSteps } from '../checkpoint/checkpoint';
import { buildModel } from '../model/build';
import { writeMissed } from './attempts';
import type { StudyContext } from './context';
import { recordFiles } from './inventory';
import { checkpointIn } from './kept-checkpoints';
import { PathPreview } from './live-path';
import { checkMended, checkPart } from './mend';
import { readRun, runManifest } from './run-files';
import { writeTrial } from './trial';

/** What a run may have in its folder besides its manifest. */
const NAMES = ['metrics.jsonl', 'epochs.jsonl', 'trial.json', 'attempts.json', 'path.json'];

/** The files of a run that has just ended, its checkpoints among them, for its manifest. */
export async function recordRun({ folder, layout }: StudyContext, id: string) {
  const own = NAMES.filter((name) => existsSync(join(layout.run(id), name)));
  const checkpoints = checkpointSteps(layout.checkpoints(id));
  return recordFiles(folder, [
    ...own.map((name) => `runs/${id}/${name}`),
    ...checkpoints.map((step) => checkpointIn(id, step)),
  ]);
}

/**
 * The result of a finished run; null where it is to be made: for the first time, or again because
 * all of its checkpoints were deleted.
 * @throws Fault 'damaged' where one of its files differs
 */
export async function* keepRun(
  context: StudyContext,
  variant: Variant,
  id: string,
): AsyncGenerator<WorkEvent, RunResult | null> {
  const { layout, dataset } = context;
  const result = readRun(context, id);
  if (result === null) return null;
  const [folder, checkpoints] = [layout.run(id), layout.checkpoints(id)];
  const steps = checkpointSteps(checkpoints);
  if (steps.length === 0 && result.checkpoints.length > 0) {
    const source = variant.weights?.file;
    if (source !== undefined && !existsSync(source)) {
      throw new Fault(
        'not-found',
        `the checkpoint of ${id} is gone, and so is ${source}, from which it was imported; import it again`,
      );
    }
    rmSync(runManifest(folder));
    return null;
  }
  const missing = yield* checkPart(context, runManifest(folder), id);
  if (missing.length === 0) return result;
  yield { kind: 'phase', text: `writing files of ${id} again` };
  for (const { path } of missing) {
    if (path.endsWith('trial.json')) writeTrial(folder, result.trial ?? []);
    else if (path.endsWith('attempts.json')) writeMissed(folder, missedOf(result));
    else {
      const model = buildModel(variant.model, dataset);
      new PathPreview(model, folder, checkpoints, steps[steps.length - 1]).draw(true);
    }
  }
  await checkMended(context, runManifest(folder), missing);
  return result;
}
