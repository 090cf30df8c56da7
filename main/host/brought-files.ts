/**
 * Files of others on their way in: sent by a window, or named by a path on this machine. What was
 * sent is gone once it has been taken.
 */

import { basename } from 'node:path';
import type { HostCalls } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import type { Handlers } from '../../shared/rpc';
import type { GuardedPath } from '../../shared/spec/place';
import type { Host, Tell } from './host-calls';
import { fetchDataset, findPublic, publicDatasets } from './public-datasets';
import { inspectFile, takeDataset, takeDirections, takeSurface, takeWeights } from './reader';

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
    await host.uploads.forget(path);
    return result;
  };
  return {
    'host/upload': (args) => host.uploads.piece(args),
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
