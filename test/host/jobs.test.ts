import { describe, expect, test } from 'vitest';
import { Jobs, type JobEvent } from '../../main/engine/jobs';
import type { JobStatus } from '../../shared/contract';
import { Fault } from '../../shared/fault';

/** Starts `work` and resolves with the status in which it ended, and whether it was cleaned up. */
function run(work: (signal: AbortSignal) => AsyncGenerator<JobEvent, unknown>) {
  return new Promise<{ status: JobStatus; cleaned: boolean; jobs: Jobs }>((resolve) => {
    let cleaned = false;
    const jobs = new Jobs((status) => {
      if (status.state !== 'running') resolve({ status, cleaned, jobs });
    });
    jobs.start(
      { kind: 'study', folder: null },
      work,
      () => undefined,
      () => (cleaned = true),
    );
  });
}

describe('a job that cannot even begin', () => {
  test('has failed with its sentence, is cleaned up, and does not keep the engine from stopping', async () => {
    const { status, cleaned, jobs } = await run(() => {
      throw new Fault('bad-value', 'a resnet needs images');
    });
    expect(status.state).toBe('failed');
    expect(status.fault).toEqual({ code: 'bad-value', message: 'a resnet needs images' });
    expect(cleaned).toBe(true);
    await jobs.cancelAll();
  });
});

test('cancelling all waits until the running ones have stopped', async () => {
  let stopped = false;
  const jobs = new Jobs(() => undefined);
  let begun: () => void;
  const atWork = new Promise<void>((resolve) => (begun = resolve));
  jobs.start(
    { kind: 'study', folder: null },
    async function* (signal): AsyncGenerator<JobEvent> {
      try {
        for (let done = 0; ; done++) {
          signal.throwIfAborted();
          begun();
          yield { kind: 'progress', done, total: 1e9 };
        }
      } finally {
        stopped = true;
      }
    },
    () => undefined,
  );
  await atWork;
  await jobs.cancelAll();
  expect(stopped).toBe(true);
  expect(jobs.list()[0].state).toBe('cancelled');
});
