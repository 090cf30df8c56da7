/** The datasets that can be downloaded, and how one comes into the user's store. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../shared/fault';
import type { StoredDataset } from '../../shared/spec/dataset';
import type { PublicDataset } from '../../shared/spec/public-dataset';
import { asset, cacheFolder } from '../native/places';
import { fetchFile } from './fetch';
import { usersOwn } from '../native/paths';
import { takeDataset } from './reader';
import type { Spawn } from './engine-process';

/** All of them, as they are listed. */
export const publicDatasets = (): PublicDataset[] =>
  JSON.parse(readFileSync(asset('datasets/public.json'), 'utf8')) as PublicDataset[];

/** @throws Fault 'not-found' */
export function findPublic(name: string): PublicDataset {
  const known = publicDatasets();
  const found = known.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = known.map((one) => one.name).join(', ');
  throw new Fault('not-found', `unknown dataset '${name}'; those that can be fetched are ${names}`);
}

/** Where the files of one are brought to. */
export const downloadFolder = (name: string): string => join(cacheFolder(), 'downloads', name);

const fileName = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

export interface FetchOptions {
  /** What is being done, and its share from 0 to 1. */
  readonly tell: (phase: 'fetching' | 'reading', share: number) => void;
  readonly signal?: AbortSignal;
  readonly spawn?: Spawn;
}

/**
 * Downloads `dataset` and takes it into the store. @throws Fault as `fetchFile` and `takeDataset`
 */
export async function fetchDataset(
  dataset: PublicDataset,
  { tell, signal, spawn }: FetchOptions,
): Promise<StoredDataset> {
  const folder = downloadFolder(dataset.name);
  const total = dataset.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const remote of dataset.files) {
    const path = join(folder, fileName(remote.url));
    await fetchFile(remote, path, (bytes) => tell('fetching', (before + bytes) / total), signal);
    before += remote.bytes;
  }
  // One archive is read as it is; several files are read as the folder they are in.
  const single = dataset.files.length === 1 ? join(folder, fileName(dataset.files[0].url)) : folder;
  const { name, part, classNames } = dataset;
  const options = {
    name,
    ...(part === undefined ? {} : { part }),
    ...(classNames === undefined ? {} : { classNames: [...classNames] }),
  };
  const reads = (share: number) => tell('reading', share);
  return takeDataset(usersOwn(single), options, {
    tell: reads,
    ...(spawn === undefined ? {} : { spawn }),
  });
}
