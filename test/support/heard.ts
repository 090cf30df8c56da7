/** Waits for what an engine tells, instead of for a time in which it may have come to it. */

import type { JobState, JobStatus } from '../../shared/contract';
import type { Client } from '../../shared/rpc';
import type { StudyEvent } from '../../shared/spec/events';

/** Whatever tells of events: an engine, or the client of one. */
type Telling = Pick<Client, 'on'>;

const isOpen = (state: JobState): boolean => state === 'running' || state === 'paused';

/** Resolves with the status in which the next job ends. */
export const ended = (client: Telling): Promise<JobStatus> =>
  new Promise((resolve) => {
    const stop = client.on('job/changed', (status) => {
      if (isOpen(status.state)) return;
      stop();
      resolve(status);
    });
  });

/** Resolves with the status of the next change of a job that `isIt` picks. */
export const changed = (
  client: Telling,
  isIt: (status: JobStatus) => boolean,
): Promise<JobStatus> =>
  new Promise((resolve) => {
    const stop = client.on('job/changed', (status) => {
      if (!isIt(status)) return;
      stop();
      resolve(status);
    });
  });

/**
 * Resolves at the `nth` event of this kind from now on; rejects when the job ends without it.
 */
export const heard = (client: Telling, kind: StudyEvent['kind'], nth = 1): Promise<StudyEvent> =>
  new Promise((resolve, reject) => {
    let left = nth;
    const stops = [
      client.on('study/event', ({ event }) => {
        if (event.kind !== kind || --left > 0) return;
        stops.forEach((stop) => stop());
        resolve(event);
      }),
      client.on('job/changed', ({ state, fault }) => {
        if (isOpen(state)) return;
        const why = fault === null ? '' : `: ${fault.message}`;
        reject(new Error(`the job is ${state}${why}; there were ${nth - left} of ${nth} ${kind}`));
      }),
    ];
  });
