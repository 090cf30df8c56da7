/**
 * Keeps one engine alive: starts it, starts another when it dies, and stops trying when it dies too
 * often. Knows processes and frames; knows nothing of tensors.
 */

import {
  eventNames,
  type AllEvents,
  type CallName,
  type Calls,
  type JobStatus,
} from '../../shared/contract';
import { Fault } from '../../shared/fault';
import type { Guarded } from '../../shared/spec/place';
import type { EngineState } from '../../shared/spec/host';
import type { Engine } from './engine-process';

/** This many deaths within the window, and the engine is left down. */
const MAX_DEATHS = 3;
const WINDOW_MS = 60_000;

type Listener = <Name extends keyof AllEvents>(name: Name, data: AllEvents[Name]) => void;

export class Supervisor {
  state: EngineState = { state: 'starting', deaths: 0 };
  private readonly listeners = new Set<Listener>();
  private readonly deaths: number[] = [];
  private readonly jobs = new Map<string, JobStatus>();
  private engine: Promise<Engine>;
  private closing = false;

  /** `start` brings up an engine that serves, or throws; `now` is a clock in milliseconds. */
  constructor(
    private readonly start: () => Promise<Engine>,
    private readonly now: () => number = Date.now,
  ) {
    this.engine = this.launch();
  }

  /**
   * Waits for the engine while it starts; rejects with 'engine-gone' when it dies over the call.
   */
  async call<Name extends CallName>(
    name: Name,
    args: Guarded<Calls[Name]['args']>,
  ): Promise<Calls[Name]['result']> {
    if (this.state.state === 'stopped') throw new Fault('engine-gone', this.state.reason);
    const engine = await this.engine;
    return engine.call(name, args);
  }

  /** Hears every event of whichever engine runs, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** True while work would be cut short by stopping. */
  get busy(): boolean {
    return [...this.jobs.values()].some(({ state }) => state === 'running' || state === 'paused');
  }

  /** Process of the running engine, for tests that kill it. */
  async pid(): Promise<number> {
    return (await this.engine).pid;
  }

  /** Starts anew: after too many deaths, or with another backend. */
  async restart(): Promise<void> {
    this.deaths.length = 0;
    const old = this.engine;
    const stopping = this.state.state === 'stopped';
    this.closing = true;
    if (!stopping) await old.then((engine) => engine.stop()).catch(() => undefined);
    this.closing = false;
    this.engine = this.launch();
    await this.engine;
  }

  /** Lets running jobs stop cleanly, then ends the engine. */
  async stop(): Promise<void> {
    this.closing = true;
    await this.engine.then((engine) => engine.stop()).catch(() => undefined);
  }

  private launch(): Promise<Engine> {
    this.become({ state: 'starting', deaths: this.deaths.length });
    const starting = this.start();
    starting.then(
      (engine) => this.follow(engine),
      (error: unknown) => this.died((error as Error).message),
    );
    // Whoever calls hears of a failed start; nobody calling must not end the process.
    starting.catch(() => undefined);
    return starting;
  }

  private follow(engine: Engine): void {
    for (const name of eventNames) {
      engine.on(name, (data: AllEvents[typeof name]) => {
        if (name === 'job/changed') this.note(data as JobStatus);
        this.tell(name, data);
      });
    }
    void engine.closed.then((reason) => this.died(reason));
    this.become({ state: 'ready', deaths: this.deaths.length });
  }

  private note(status: JobStatus): void {
    this.jobs.set(status.job, status);
  }

  private died(reason: string): void {
    const now = this.now();
    if (!this.closing) this.deaths.push(now);
    const recent = this.deaths.filter((moment) => now - moment < WINDOW_MS);
    const isLeftDown = recent.length >= MAX_DEATHS;
    // Where no engine comes, resuming is not the next thing to do.
    const next = isLeftDown ? 'restart the engine on the system page' : 'resume the study';
    this.interruptJobs(`${reason}; nothing is lost, ${next}`);
    if (this.closing) return;
    if (isLeftDown) {
      this.become({
        state: 'stopped',
        deaths: this.deaths.length,
        reason: `the engine died ${recent.length} times in a minute and is left down (last: ${reason}); restart it on the system page`,
      });
      return;
    }
    this.engine = this.launch();
  }

  private interruptJobs(message: string): void {
    for (const status of this.jobs.values()) {
      if (status.state !== 'running' && status.state !== 'paused') continue;
      const fault = { code: 'engine-gone', message };
      const interrupted: JobStatus = { ...status, state: 'interrupted', eta: null, fault };
      this.jobs.set(status.job, interrupted);
      this.tell('job/changed', interrupted);
    }
  }

  private become(state: EngineState): void {
    this.state = state;
    this.tell('host/engine', state);
  }

  private tell: Listener = (name, data) => {
    for (const listener of this.listeners) listener(name, data);
  };
}
