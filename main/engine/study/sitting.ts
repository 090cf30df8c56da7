/**
 * One sitting of a study: its folder locked, its work as a job, the lock given back however that
 * ends.
 */

import type { Study } from '../../../shared/spec/study';
import type { StudyEvent } from '../../../shared/spec/events';
import type { Backend } from '../backend/start';
import { seconds } from '../clock';
import { loadDataset } from '../dataset/load';
import type { JobEvent, Jobs } from '../jobs';
import type { Held } from '../lock';
import { layout, lockStudy } from '../workspace';
import { runStudy } from './run-study';

/** Seconds between two looks whether the folder is still this job's. */
const CHECK_EVERY = 0.25;

export interface Sitting {
  readonly study: Study;
  readonly folder: string;
  readonly backend: Backend;
}

/** The lock; where it takes long to get, why, before it is there. */
async function beginLocking(folder: string, signal: AbortSignal) {
  let say: (text: string) => void;
  const waiting = new Promise<string>((resolve) => (say = resolve));
  const locking = lockStudy(folder, { signal, onWait: (text) => say(text) });
  const because = await Promise.race([locking.then(() => null), waiting]);
  // Whoever stops waiting for it is not to hear of it either.
  locking.catch(() => undefined);
  return { locking, because };
}

/** Passes events on while the folder is there and `held`; a fault in it is explained by that. */
async function* guarded<E>(work: AsyncGenerator<E>, held: Held): AsyncGenerator<E> {
  let checked = seconds();
  try {
    for await (const event of work) {
      if (seconds() - checked > CHECK_EVERY) {
        checked = seconds();
        held.check();
      }
      yield event;
    }
  } catch (error) {
    held.check();
    throw error;
  }
  held.check();
}

/**
 * Starts, or goes on with, a study whose folder is there; gives its job. Where another process may
 * have the folder, the job waits for it and says so.
 * @throws Fault 'conflict' when another process works on it
 */
export async function startSitting(
  jobs: Jobs,
  sitting: Sitting,
  tell: (job: string, event: StudyEvent) => void,
): Promise<string> {
  const { study, folder, backend } = sitting;
  const stop = new AbortController();
  const { locking, because } = await beginLocking(folder, stop.signal);
  let held: Held | null = because === null ? await locking : null;
  const release = () => held?.release();
  try {
    let dataset = held === null ? null : await loadDataset(study.dataset);
    const work = async function* (asked: AbortSignal): AsyncGenerator<StudyEvent> {
      asked.addEventListener('abort', () => stop.abort());
      if (because !== null) yield { kind: 'phase', text: because };
      if (asked.aborted) stop.abort();
      held ??= await locking;
      dataset ??= await loadDataset(study.dataset);
      const signal = AbortSignal.any([asked, held.lost]);
      const context = { study, folder, layout: layout(folder), dataset, backend, signal };
      yield* guarded<StudyEvent>(runStudy(context), held);
    };
    return jobs.start<StudyEvent & JobEvent>({ kind: 'study', folder }, work, tell, release);
  } catch (error) {
    release();
    throw error;
  }
}
