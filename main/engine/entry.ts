/**
 * The engine process: starts the backend the host chose, finds its parent, and serves the contract
 * to it.
 */

import type { BackendChoice } from '../native/choose';
import type { Wire } from '../../shared/rpc';
import { callChecks, type CallName, type EventName } from '../../shared/contract';
import { serve } from '../../shared/rpc';
import { startBackend } from './backend/start';
import { buildHandlers, type Tell } from './handlers';
import { watchLoad } from './load';

/** Milliseconds that jobs have to stop when the host is gone. */
const LAST_WORDS = 15_000;

/** Electron's way to the parent, where this process is one of its utility processes. */
interface ParentPort {
  postMessage(frame: unknown): void;
  on(name: 'message', listener: (event: { data: unknown }) => void): void;
}

const isBye = (frame: unknown): boolean => (frame as { kind?: string } | null)?.kind === 'bye';

/**
 * The parent over Node's own channel, or over Electron's; frames are structured clones, so NaN and
 * typed arrays survive. Electron's has no end that could be heard, so a last message says it.
 */
function findParent(): Wire {
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort === undefined) {
    return {
      send: (frame) => void process.send?.(frame),
      onFrame: (listener) => void process.on('message', listener),
      onClose: (listener) => void process.on('disconnect', () => listener('the host is gone')),
    };
  }
  return {
    send: (frame) => parentPort.postMessage(frame),
    onFrame: (listener) => parentPort.on('message', ({ data }) => listener(data)),
    onClose: (listener) =>
      parentPort.on('message', ({ data }) => isBye(data) && listener('the host is gone')),
  };
}

const parentWire = findParent();

const choice = JSON.parse(
  process.env['ISOCURVE_CHOICE'] ?? '{"tier":"wasm","reason":"no choice was made"}',
) as BackendChoice;
// A terminal's Ctrl-C reaches the whole group; the host decides what it means and cancels the jobs.
process.on('SIGINT', () => undefined);

const backend = await startBackend(choice);
let tell: Tell = () => undefined;
const { handlers, jobs } = buildHandlers(backend, (name, data) => tell(name, data));
tell = serve<CallName, EventName>(parentWire, callChecks, handlers);
parentWire.onClose(() => {
  // Whatever a job may be stuck in, an engine without a host does not live on.
  setTimeout(() => process.exit(1), LAST_WORDS).unref();
  void jobs.cancelAll().then(() => process.exit(0));
});
watchLoad((load) => tell('engine/load', load));
parentWire.send({ kind: 'ready' });
