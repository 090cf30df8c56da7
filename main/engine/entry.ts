/**
 * The engine process: starts the backend the host chose, finds its parent, and serves the contract
 * to it.
 */

import type { BackendChoice } from '../native/choose';
import { callChecks, type CallName, type EventName } from '../../shared/contract';
import { serve } from '../../shared/rpc';
import { startBackend } from './backend/start';
import { buildHandlers, type Tell } from './handlers';
import { watchLoad } from './load';
import { findParent } from './parent';

/** Milliseconds that jobs have to stop when the host is gone. */
const LAST_WORDS = 15_000;

const parentWire = findParent();

const choice = JSON.parse(
  process.env['ISOCURVE_CHOICE'] ?? '{"tier":"wasm","reason":"no choice was made"}',
) as BackendChoice;
// A terminal's Ctrl-C reaches the whole group; the host decides what it means and cancels the jobs.
process.on('SIGINT', () => undefined);

const backend = await startBackend(choice);
let tell: Tell = () => undefined;
const { handlers, jobs } = buildHandlers(backend, (name, data) => tell(name, data));
// The parent has looked at the places that it names: see its guard.
tell = serve<CallName, EventName>(parentWire, callChecks, handlers, (_name, args) => args as never);
parentWire.onClose(() => {
  // Whatever a job may be stuck in, an engine without a host does not live on.
  setTimeout(() => process.exit(1), LAST_WORDS).unref();
  void jobs.cancelAll().then(() => process.exit(0));
});
watchLoad((load) => tell('engine/load', load));
parentWire.send({ kind: 'ready' });
