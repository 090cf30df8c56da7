/**
 * Forks the engine and gives a client of it. Knows processes and frames; knows nothing of tensors.
 */

import { fork } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { Fault } from '../../shared/fault';
import type { CallName, Calls } from '../../shared/contract';
import { connect, type Client, type Wire } from '../../shared/rpc';
import type { Guarded } from '../../shared/spec/place';
import { engineEnvironment, type BackendChoice } from '../native/choose';
import { cacheFolder, packageRoot } from '../native/places';

export interface Engine extends Omit<Client, 'call'> {
  readonly pid: number;
  /** The engine trusts its host: places come to it looked at, or not at all. */
  call<Name extends CallName>(
    name: Name,
    args: Guarded<Calls[Name]['args']>,
  ): Promise<Calls[Name]['result']>;
  /** Lets running jobs stop cleanly, then ends the process. */
  stop(): Promise<void>;
}

/** Milliseconds that an engine has to end by itself; more than it takes for its last words. */
const GRACE = 20_000;

/** Where the engine's own messages go: TensorFlow writes notes there on every start. */
export const engineLog = (): string => join(cacheFolder(), 'engine.log');

/**
 * An engine process as its host sees it; Node's fork and Electron's utility process both give one.
 */
export interface EngineProcess {
  readonly pid: number;
  send(frame: unknown): void;
  onMessage(listener: (frame: unknown) => void): void;
  /** `how` it ended: a signal or an exit code, in words. */
  onExit(listener: (how: string) => void): void;
  /** Asks it to stop its jobs and end. */
  disconnect(): void;
  kill(): void;
}

/**
 * Starts `entry` in a process of its own with this environment and these flags of Node; its output
 * goes to `log`.
 */
export type Spawn = (
  entry: string,
  env: NodeJS.ProcessEnv,
  log: Writable,
  flags?: readonly string[],
) => EngineProcess;

export const forkEngine: Spawn = (entry, env, log, flags = []) => {
  const child = fork(entry, [], {
    serialization: 'advanced',
    env,
    execArgv: [...flags],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  return {
    pid: child.pid!,
    // A child that just died has no channel; its exit is reported by onExit.
    send: (frame) => void (child.connected && child.send(frame as object)),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) =>
      void child.on('exit', (code, signal) => listener(signal ?? `code ${code}`)),
    disconnect: () => void (child.connected && child.disconnect()),
    kill: () => void child.kill('SIGKILL'),
  };
};

const wireOf = (child: EngineProcess): Wire => ({
  send: child.send,
  onFrame: child.onMessage,
  onClose: (listener) =>
    child.onExit((how) => listener(`the engine ended (${how}); its log is ${engineLog()}`)),
});

/**
 * Starts an engine with the chosen backend and waits until it serves. `opened`: folders besides the
 * workspace where studies may lie that the workspace links to.
 */
export async function startEngine(
  choice: BackendChoice,
  spawn = forkEngine,
  opened: readonly string[] = [],
): Promise<Engine> {
  const entry = join(packageRoot(), 'dist', 'engine.js');
  if (!existsSync(entry)) {
    throw new Fault('not-found', `${entry} is missing; build it with 'npm run build'`);
  }
  mkdirSync(cacheFolder(), { recursive: true });
  const env = {
    ...engineEnvironment(choice),
    ISOCURVE_CHOICE: JSON.stringify(choice),
    ISOCURVE_OPENED: JSON.stringify(opened),
  };
  const child = spawn(entry, env, createWriteStream(engineLog()));
  const client = connect(wireOf(child));
  const ready = new Promise<void>((resolve) => {
    child.onMessage((frame) => (frame as { kind?: string }).kind === 'ready' && resolve());
  });
  const gone = client.closed.then((reason) => {
    throw new Fault('engine-gone', reason);
  });
  await Promise.race([ready, gone]);
  gone.catch(() => undefined);
  return {
    ...client,
    pid: child.pid,
    async stop() {
      child.disconnect();
      const kill = setTimeout(() => child.kill(), GRACE);
      await client.closed;
      clearTimeout(kill);
    },
  };
}
