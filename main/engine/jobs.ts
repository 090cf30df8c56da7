/**
 * Long work: started at once, told about by events, paused between steps, cancelled, never blocking
 * a call for long.
 */

import type { JobState, JobStatus } from '../../shared/contract';
import { Fault, toFault } from '../../shared/fault';
import { seconds } from './clock';

/** From this share on an ETA means something. */
const ETA_FROM = 0.05;
/** Seconds between two announcements of progress. */
const TELL_EVERY = 0.1;

/** What a job's work may say: two kinds are understood here, the rest is passed on. */
export type JobEvent =
  | { readonly kind: 'phase'; readonly text: string }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | {
      readonly kind:
        'steps' | 'epoch' | 'missed' | 'path' | 'grid' | 'cells' | 'surface' | 'results' | 'report';
    };

class Job {
  state: JobState = 'running';
  share = 0;
  phase = '';
  fault: JobStatus['fault'] = null;
  readonly abort = new AbortController();
  private worked = 0;
  private since = seconds();
  private wake: (() => void) | null = null;

  constructor(
    readonly id: string,
    readonly kind: JobStatus['kind'],
    readonly folder: string | null,
  ) {}

  /** Seconds of work, pauses left out. */
  private get elapsed(): number {
    return this.worked + (this.state === 'running' ? seconds() - this.since : 0);
  }

  pause(): void {
    if (this.state !== 'running') return;
    this.worked = this.elapsed;
    this.state = 'paused';
  }

  proceed(): void {
    if (this.state !== 'paused') return;
    this.since = seconds();
    this.state = 'running';
    this.wake?.();
  }

  cancel(): void {
    this.abort.abort();
    this.wake?.();
  }

  /** Lets messages in, and waits while the job is paused. */
  async breathe(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.state === 'paused' && !this.abort.signal.aborted) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  status(): JobStatus {
    const left = (this.elapsed / this.share) * (1 - this.share);
    return {
      job: this.id,
      kind: this.kind,
      folder: this.folder,
      state: this.state,
      share: this.share,
      eta: this.share >= ETA_FROM && Number.isFinite(left) ? left : null,
      phase: this.phase,
      fault: this.fault,
    };
  }
}

/** The jobs of one engine. `tell` announces a change to whoever listens. */
export class Jobs {
  private readonly jobs = new Map<string, Job>();

  constructor(private readonly tell: (status: JobStatus) => void) {}

  list(): JobStatus[] {
    return [...this.jobs.values()].map((job) => job.status());
  }

  pause(id: string): void {
    this.find(id).pause();
    this.tell(this.find(id).status());
  }

  proceed(id: string): void {
    this.find(id).proceed();
    this.tell(this.find(id).status());
  }

  cancel(id: string): void {
    this.find(id).cancel();
  }

  /** Raises every job's signal and waits until all have ended. */
  async cancelAll(): Promise<void> {
    for (const job of this.jobs.values()) job.cancel();
    while (this.list().some(({ state }) => state === 'running' || state === 'paused')) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Starts work that yields events; `onEvent` sees each, `cleanUp` runs however it ends. */
  start<E extends JobEvent>(
    { kind, folder }: Pick<JobStatus, 'kind' | 'folder'>,
    work: (signal: AbortSignal) => AsyncGenerator<E, unknown>,
    onEvent: (job: string, event: E) => void,
    cleanUp: () => void = () => undefined,
  ): string {
    const job = new Job(`${kind}-${process.pid}-${this.jobs.size + 1}`, kind, folder);
    this.jobs.set(job.id, job);
    void this.drive(job, work, onEvent).then((state) => this.end(job, state, cleanUp));
    return job.id;
  }

  /** Never throws: nobody waits for it, and an engine with a failing disk is to live on. */
  private end(job: Job, state: JobState, cleanUp: () => void): void {
    try {
      cleanUp();
      job.state = state;
    } catch (error) {
      this.fail(job, error);
      job.state = 'failed';
    }
    try {
      this.tell(job.status());
    } catch {
      return; // whoever listened is gone
    }
  }

  /** The first fault of a job is its cause. */
  private fail(job: Job, error: unknown): void {
    const { code, message } = toFault(error, job.folder ?? undefined);
    job.fault ??= { code, message };
  }

  private async drive<E extends JobEvent>(
    job: Job,
    work: (signal: AbortSignal) => AsyncGenerator<E, unknown>,
    onEvent: (job: string, event: E) => void,
  ): Promise<JobState> {
    let told = -Infinity;
    try {
      await job.breathe();
      for await (const event of work(job.abort.signal)) {
        this.note(job, event);
        onEvent(job.id, event);
        if (seconds() - told > TELL_EVERY) {
          told = seconds();
          this.tell(job.status());
        }
        await job.breathe();
      }
      job.share = 1;
      return 'done';
    } catch (error) {
      if (job.abort.signal.aborted) return 'cancelled';
      this.fail(job, error);
      return 'failed';
    }
  }

  private note(job: Job, event: JobEvent): void {
    if (event.kind === 'phase') job.phase = event.text;
    if (event.kind !== 'progress') return;
    const { done, total } = event;
    // Progress never runs backwards, also when a part turns out larger than planned.
    job.share = Math.max(job.share, Math.min(1, done / total));
  }

  private find(id: string): Job {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Fault('not-found', `unknown job '${id}'`);
    return job;
  }
}
