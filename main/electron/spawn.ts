/** The engine as Electron's utility process. */

import type { Writable } from 'node:stream';
import type { EngineProcess, Spawn } from '../host/engine-process';
import type { Electron } from './electron';

export const spawnUtility =
  ({ utilityProcess }: Electron): Spawn =>
  (
    entry: string,
    env: NodeJS.ProcessEnv,
    log: Writable,
    flags: readonly string[] = [],
  ): EngineProcess => {
    const child = utilityProcess.fork(entry, [], {
      env: { ...env },
      execArgv: [...flags],
      stdio: 'pipe',
      serviceName: 'Isocurve engine',
    });
    child.stdout?.on('data', (data: Buffer) => log.write(data));
    child.stderr?.on('data', (data: Buffer) => log.write(data));
    let pid = 0;
    child.once('spawn', () => (pid = child.pid ?? 0));
    return {
      get pid() {
        return child.pid ?? pid;
      },
      send: (frame) => child.postMessage(frame),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void child.on('exit', (code) => listener(`code ${code}`)),
      // There is no channel to close: the engine is told, and ends by itself.
      disconnect: () => child.postMessage({ kind: 'bye' }),
      kill: () => void child.kill(),
    };
  };
