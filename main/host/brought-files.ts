/**
 * Files of others on their way in: sent by a window in pieces, or named by a path on this machine.
 * What a window sends is kept until it is taken.
 */

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HostCalls } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import type { Handlers } from '../../shared/rpc';
import type { GuardedPath } from '../../shared/spec/place';
import { liesIn } from '../native/paths';
import type { Host, Tell } from './host-calls';
import { uploadsFolder } from './guard';
import { fetchDataset, findPublic, publicDatasets } from './public-datasets';
import { inspectFile, takeDataset, takeDirections, takeSurface, takeWeights } from './reader';

/** Milliseconds after which what was sent and not taken is swept away. */
const KEEP_MS = 24 * 3600 * 1000;

/** Removes what was sent long ago. */
function sweep(): void {
  const root = uploadsFolder();
  if (!existsSync(root)) return;
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    if (Date.now() - statSync(path).mtimeMs > KEEP_MS) rmSync(path, { recursive: true });
  }
}

/** The parts of a path that a window made up: none may lead out of its folder. */
function partsOf(name: string): string[] {
  const parts = name.split(/[\\/]/);
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))) {
    return parts.map((part) => part.replaceAll(/[<>:"|?*]/g, '_'));
  }
  throw new Fault('bad-value', `the name ${JSON.stringify(name)} leads out of its folder`);
}

/**
 * Where a file that is sent goes, and under which path it is known: its own, or that of the folder
 * that it is part of. @throws Fault 'bad-value' when its name leads out of its upload
 */
export function placeOfUpload(id: string, name: string): { path: string; known: string } {
  const root = join(uploadsFolder(), id);
  const parts = partsOf(name);
  return { path: join(root, ...parts), known: join(root, parts[0]) };
}

/** Makes room for a file that is sent. */
export function prepareUpload(path: string): void {
  if (existsSync(dirname(path))) return;
  sweep();
  mkdirSync(dirname(path), { recursive: true });
}

/** Writes a piece of a file. */
function upload({ upload: id, name, at, bytes }: HostCalls['host/upload']['args']) {
  const { path, known } = placeOfUpload(id, name);
  if (at === 0) prepareUpload(path);
  const file = openSync(path, at === 0 ? 'w' : 'r+');
  try {
    for (let from = 0; from < bytes.length;) {
      from += writeSync(file, bytes, from, bytes.length - from, at + from);
    }
  } finally {
    closeSync(file);
  }
  return { path: known };
}

/** What was sent is gone once it has been taken. */
function forget(path: string): void {
  if (liesIn(uploadsFolder(), path)) rmSync(path, { recursive: true, force: true });
}

type Names =
  | 'host/upload'
  | 'host/inspect'
  | 'host/take-weights'
  | 'host/take-surface'
  | 'host/take-directions'
  | 'host/take-dataset'
  | 'host/public-datasets'
  | 'host/fetch-dataset'
  | 'host/stop-fetching';

/** The calls that bring files and datasets in; `tell` reaches the window that asked. */
export function broughtHandlers(host: Host, tell: Tell): Pick<Handlers<keyof HostCalls>, Names> {
  let fetching: AbortController | null = null;
  const { spawn } = host;
  const taken = async <T>(
    path: GuardedPath,
    take: (path: GuardedPath) => Promise<T>,
  ): Promise<T> => {
    const result = await take(path);
    forget(path);
    return result;
  };
  return {
    'host/upload': async (args) => upload(args),
    'host/inspect': async ({ path }) => inspectFile(path, spawn),
    'host/take-weights': async ({ path }) => taken(path, (at) => takeWeights(at, spawn)),
    'host/take-surface': async ({ path }) => taken(path, (at) => takeSurface(at, spawn)),
    'host/take-directions': async ({ path }) => taken(path, (at) => takeDirections(at, spawn)),
    'host/take-dataset': async ({ path, options }) => {
      const name = basename(path);
      const reads = (share: number) => tell('host/taking', { name, phase: 'reading', share });
      return taken(path, (at) => takeDataset(at, options, { spawn, tell: reads }));
    },
    'host/public-datasets': async () => publicDatasets(),
    'host/fetch-dataset': async ({ name }) => {
      if (fetching !== null) {
        throw new Fault('conflict', 'a download is under way already; wait for it, or stop it');
      }
      fetching = new AbortController();
      const { signal } = fetching;
      try {
        const dataset = findPublic(name);
        const said = (phase: string, share: number) => tell('host/taking', { name, phase, share });
        return await fetchDataset(dataset, { tell: said, signal, spawn });
      } finally {
        fetching = null;
      }
    },
    'host/stop-fetching': async () => (fetching?.abort(), null),
  };
}
