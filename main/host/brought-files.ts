/**
 * Files of others on their way in: sent by a window in pieces, or named by a path on this machine.
 * What a window may name lies in folders that were opened; what it sends is kept until it is taken.
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
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { HostCalls } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import type { Handlers } from '../../shared/rpc';
import { cacheFolder } from '../native/places';
import type { Host, Tell } from './host-calls';
import { liesIn } from './paths';
import { fetchDataset, findPublic, publicDatasets } from './public-datasets';
import {
  importsFolder,
  inspectFile,
  takeDataset,
  takeDirections,
  takeSurface,
  takeWeights,
} from './reader';

/** Milliseconds after which what was sent and not taken is swept away. */
const KEEP_MS = 24 * 3600 * 1000;

const uploadsFolder = (): string => join(cacheFolder(), 'uploads');

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

/** Folders whose files a window may name; null: any, because the window is the user's own. */
const readableRoots = ({ info, roots }: Host): readonly string[] | null =>
  roots === null ? null : [info.workspace, ...roots, uploadsFolder(), importsFolder()];

/** @throws Fault 'bad-value' when a path lies outside of what was opened */
export function checkReadable(host: Host, path: string): string {
  const roots = readableRoots(host);
  const whole = resolve(host.info.workspace, path.replace(/^~(?=[\\/]|$)/, homedir()));
  if (roots === null || roots.some((root) => liesIn(root, whole))) return whole;
  throw new Fault(
    'bad-value',
    `'${path}' lies outside of what this server may read; start it with --data and its folder, or drop the file`,
  );
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
  const taken = async <T>(path: string, take: (path: string) => Promise<T>): Promise<T> => {
    const readable = checkReadable(host, path);
    const result = await take(readable);
    forget(readable);
    return result;
  };
  return {
    'host/upload': async (args) => upload(args),
    'host/inspect': async ({ path }) => inspectFile(checkReadable(host, path), spawn),
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
