/**
 * The library's own thread: it looks through workspaces, so that nothing that the engine answers
 * or works on waits for it.
 */

import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { callChecks } from '../../../shared/contract';
import { serve } from '../../../shared/rpc';
import { cacheFolder } from '../../native/places';
import { seconds } from '../clock';
import type { LibraryLists } from './apart';
import { finish, Library } from './list';
import { listTrash } from './trash';

/** Seconds between two writings of the cache; a start that finds an older one reads a bit more. */
const SAVE_EVERY = 30;

const port = parentPort!;
const library = new Library(join(cacheFolder(), 'library'));

let saved = -Infinity;
let timer: NodeJS.Timeout | null = null;
function save(): void {
  if (timer !== null || !library.hasNews) return;
  const wait = Math.max(0, saved + SAVE_EVERY - seconds());
  timer = setTimeout(() => {
    timer = null;
    saved = seconds();
    library.save();
  }, 1000 * wait);
}

/** All of `work`; the cache is written after the answer. */
function answer<T>(work: Generator<void, T>): T {
  try {
    return finish(work);
  } finally {
    save();
  }
}

serve<LibraryLists>(
  {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => void port.on('message', listener),
    onClose: () => undefined,
  },
  {
    'library/list': callChecks['library/list'],
    'library/items': callChecks['library/items'],
    'trash/list': callChecks['trash/list'],
  },
  {
    'library/list': async ({ workspace }) => answer(library.list(workspace)),
    'library/items': async ({ workspace }) => answer(library.items(workspace)),
    'trash/list': async ({ workspace }) => listTrash(workspace),
  },
  // The engine's host has looked at the places that it names.
  (_name, args) => args as never,
);
port.postMessage({ kind: 'ready' });
