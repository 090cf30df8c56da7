/**
 * Forks the engine and gives a client of it. Knows processes and frames; knows nothing of tensors.
 */

import { fork, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../shared/fault';
import { connect, type Client, type Wire } from '../../shared/rpc';
import { engineEnvironment, type BackendChoice } from '../native/choose';
import { cacheFolder, packageRoot } from '../native/places';

export interface Engine extends Client {
  readonly pid: number;
  /** Lets running jobs stop cleanly, then ends the process. */
  stop(): Promise<void>;
}

/** Milliseconds that an engine has to end by itself; more than it takes for its last words. */
const GRACE = 20_000;

/** Where the engine's own messages go: TensorFlow writes notes there on every start. */
export const engineLog = (): string => join(cacheFolder(), 'engine.log');

function childWire(child: ChildProcess): Wire {
  return {
    // A child that just died has no channel; its exit is reported by onClose.
    send: (frame) => void (child.connected && child.send(frame as object)),
    onFrame: (listener) => void child.on('message', listener),
    onClose: (listener) =>
      void child.on('exit', (code, signal) =>
        listener(`the engine ended (${signal ?? `code ${code}`}); its log is ${engineLog()}`),
      ),
  };
}

/** Starts an engine with the chosen backend and waits until it serves. */
export async function startEngine(choice: BackendChoice): Promise<Engine> {
  const entry = join(packageRoot(), 'dist', 'engine.js');
  if (!existsSync(entry)) {
    throw new Fault('not-found', `${entry} is missing; build it with 'npm run build'`);
  }
  mkdirSync(cacheFolder(), { recursive: true });
  const child = fork(entry, [], {
    serialization: 'advanced',
    env: { ...engineEnvironment(choice), ISOCURVE_CHOICE: JSON.stringify(choice) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(engineLog());
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  const client = connect(childWire(child));
  const ready = new Promise<void>((resolve) => {
    child.on('message', (frame: { kind?: string }) => frame.kind === 'ready' && resolve());
  });
  const gone = client.closed.then((reason) => {
    throw new Fault('engine-gone', reason);
  });
  await Promise.race([ready, gone]);
  gone.catch(() => undefined);
  return {
    ...client,
    pid: child.pid!,
    async stop() {
      if (child.connected) child.disconnect();
      const kill = setTimeout(() => child.kill('SIGKILL'), GRACE);
      await client.closed;
      clearTimeout(kill);
    },
  };
}
