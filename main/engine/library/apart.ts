/**
 * Asks the library's thread for lists, so that the engine never waits for them. Where no thread
 * can be had, the lists are made here, in slices between which everything else is answered.
 */

import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { GuardedPath } from '../../../shared/spec/place';
import { Fault } from '../../../shared/fault';
import { connect, type Handlers } from '../../../shared/rpc';
import { packageRoot } from '../../native/places';
import { seconds } from '../clock';
import { Library } from './list';
import { listTrash } from './trash';

/** The calls that look through a whole workspace. */
export type LibraryLists = 'library/list' | 'library/items' | 'trash/list';

/** Seconds of listing after which others are let in. */
const SLICE = 0.01;

interface Thread {
  readonly lists: Handlers<LibraryLists>;
  /** Whether it ever came to serve. */
  hasServed(): boolean;
}

function startThread(entry: string): Thread {
  const worker = new Worker(entry, { execArgv: [], env: SHARE_ENV });
  worker.unref();
  let served = false;
  let reason = 'it ended';
  worker.on('message', (frame: { kind?: string }) => (served ||= frame.kind === 'ready'));
  worker.on('error', (error) => (reason = error.message));
  const client = connect({
    send: (frame) => worker.postMessage(frame),
    onFrame: (listener) => void worker.on('message', listener),
    onClose: (listener) => void worker.on('exit', () => listener(reason)),
  });
  return {
    lists: {
      'library/list': (args) => client.call('library/list', args),
      'library/items': (args) => client.call('library/items', args),
      'trash/list': (args) => client.call('trash/list', args),
    },
    hasServed: () => served,
  };
}

/** All of `work`, letting others in after every `slice` seconds. */
async function inSlices<T>(work: Generator<void, T>, slice: number): Promise<T> {
  let until = seconds() + slice;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (seconds() < until) continue;
    await new Promise<void>((next) => setImmediate(next));
    until = seconds() + slice;
  }
}

/** The lists made in this thread, one after the other. */
function listHere(slice: number): Handlers<LibraryLists> {
  const library = new Library();
  let last: Promise<unknown> = Promise.resolve();
  const queue = <T>(make: () => Generator<void, T>): Promise<T> => {
    const mine = last.then(() => inSlices(make(), slice));
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    'library/list': ({ workspace }) => queue(() => library.list(workspace)),
    'library/items': ({ workspace }) => queue(() => library.items(workspace)),
    'trash/list': async ({ workspace }) => listTrash(workspace),
  };
}

/**
 * Lets one `work` run per key. Who asks meanwhile gets the next one, together with all others who
 * do: nobody is given what was looked up before they asked.
 */
function shared<Key, T>(work: (key: Key) => Promise<T>): (key: Key) => Promise<T> {
  const running = new Map<Key, Promise<T>>();
  const waiting = new Map<Key, Promise<T>>();
  const start = (key: Key): Promise<T> => {
    const run = work(key).finally(() => running.delete(key));
    running.set(key, run);
    return run;
  };
  return (key) => {
    const now = running.get(key);
    if (now === undefined) return start(key);
    const known = waiting.get(key);
    if (known !== undefined) return known;
    const again = (): Promise<T> => {
      waiting.delete(key);
      return start(key);
    };
    const next = now.then(again, again);
    waiting.set(key, next);
    return next;
  };
}

const threadFile = (): string => join(packageRoot(), 'dist', 'library.js');

/**
 * The handlers of all calls that look through a workspace. `entry` is the thread's program;
 * `slice` is how many seconds are listed at once where there is no thread.
 */
export function openLibrary(entry = threadFile(), slice = SLICE): Handlers<LibraryLists> {
  let thread: Thread | null = null;
  let here: Handlers<LibraryLists> | null = null;

  async function ask<T>(call: (lists: Handlers<LibraryLists>) => Promise<T>): Promise<T> {
    if (here !== null) return call(here);
    const asked = (thread ??= startThread(entry));
    try {
      return await call(asked.lists);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'engine-gone') throw error;
      if (thread === asked) thread = null;
      if (asked.hasServed()) {
        throw new Fault(
          'internal',
          `the workspace could not be listed: its reader broke off (${error.message}); list it again`,
        );
      }
      here ??= listHere(slice);
      return call(here);
    }
  }

  const list = shared((workspace: GuardedPath) =>
    ask((lists) => lists['library/list']({ workspace })),
  );
  const items = shared((workspace: GuardedPath) =>
    ask((lists) => lists['library/items']({ workspace })),
  );
  const trash = shared((workspace: GuardedPath) =>
    ask((lists) => lists['trash/list']({ workspace })),
  );
  return {
    'library/list': ({ workspace }) => list(workspace),
    'library/items': ({ workspace }) => items(workspace),
    'trash/list': ({ workspace }) => trash(workspace),
  };
}
