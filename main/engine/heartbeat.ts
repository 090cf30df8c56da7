/**
 * Touches the locks of this process every few seconds, so that other machines see that it lives.
 * In a thread of its own: the engine computes for minutes without a pause, and a thread goes on.
 */

import { Worker } from 'node:worker_threads';

/** Milliseconds between two beats; file systems that keep time in steps of two seconds see each. */
export const BEAT_MS = 4000;

/** What the thread does. A file that holds other text, or none, is told of and left alone. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { readFileSync, utimesSync } = require('node:fs');
const held = new Map();
parentPort.on('message', ({ path, text }) => {
  if (text === null) held.delete(path);
  else held.set(path, text);
});
setInterval(() => {
  for (const [path, text] of held) {
    try {
      if (readFileSync(path, 'utf8') === text) utimesSync(path, new Date(), new Date());
      else parentPort.postMessage(path);
    } catch (error) {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') parentPort.postMessage(path);
    }
  }
}, workerData);
`;

let thread: Worker | null = null;
const lost = new Map<string, () => void>();

function start(): Worker {
  const worker = new Worker(THREAD, { eval: true, workerData: BEAT_MS });
  worker.on('message', (path: string) => lost.get(path)?.());
  // Without it other machines may take the locks over after a while; then the work here ends.
  worker.on('error', () => (thread = null));
  worker.unref();
  return worker;
}

/**
 * Keeps the lock at `path`, which holds `text`, alive until the returned function is called;
 * `onLost` hears whenever it is found not to hold that text any more.
 */
export function beat(path: string, text: string, onLost: () => void): () => void {
  thread ??= start();
  lost.set(path, onLost);
  thread.postMessage({ path, text });
  return () => {
    lost.delete(path);
    thread?.postMessage({ path, text: null });
  };
}
