/**
 * Files of others on their way in: sent by a window, or named by a path on this machine. What a
 * window may name lies in folders that were opened.
 */

import { homedir } from 'node:os';
import { basename, resolve } from 'node:path';
import type { HostCalls } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import type { Handlers } from '../../shared/rpc';
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
import { uploadsFolder } from './uploads';

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
    await host.uploads.forget(readable);
    return result;
  };
  return {
    'host/upload': (args) => host.uploads.piece(args),
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
