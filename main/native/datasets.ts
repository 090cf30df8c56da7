/**
 * The user's own datasets on this machine: which there are, where they lie, how they go. Each has a
 * folder of raw samples and labels, with a manifest that says what they are.
 */

import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Fault, onDisk } from '../../shared/fault';
import { check } from '../../shared/spec/check';
import { StoredDataset, type StoredEntry, type StoredSpec } from '../../shared/spec/dataset';
import { draftOf, dropDraft, sweepDrafts } from './drafts';
import { storeFolder } from './places';

/** The files of a dataset in its folder. */
export const storeFiles = (folder: string) => ({
  manifest: join(folder, 'manifest.json'),
  images: (split: 'train' | 'test') => join(folder, `${split}.images`),
  labels: (split: 'train' | 'test') => join(folder, `${split}.labels`),
});

const isDraft = (name: string): boolean => name.startsWith('.');

/**
 * Every dataset of the store, by name, the newest first. @throws Fault for a manifest that is none
 */
export function listStored(): StoredEntry[] {
  const root = storeFolder();
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => !isDraft(name) && existsSync(storeFiles(join(root, name)).manifest))
    .map((name) => {
      const folder = join(root, name);
      const { manifest } = storeFiles(folder);
      const bytes = readdirSync(folder)
        .map((file) => statSync(join(folder, file)).size)
        .reduce((sum, size) => sum + size, 0);
      return {
        ...check(StoredDataset, JSON.parse(readFileSync(manifest, 'utf8')), manifest),
        folder,
        bytes,
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name) || b.added.localeCompare(a.added));
}

/** @throws Fault 'not-found' that says how it is brought */
export function findStored({ name, hash }: Pick<StoredSpec, 'name' | 'hash'>): StoredEntry {
  const named = listStored().filter((entry) => entry.name === name);
  const found = hash === undefined ? named[0] : named.find((entry) => entry.hash === hash);
  if (found !== undefined) return found;
  if (named.length > 0) {
    throw new Fault(
      'not-found',
      `the dataset '${name}' here has other content (${named[0].hash.slice(0, 12)}) than the study asks for (${hash!.slice(0, 12)}); add the same files, or leave the hash out of the study`,
    );
  }
  throw new Fault(
    'not-found',
    `the dataset '${name}' is not on this machine; 'isocurve dataset add PATH --name ${name}' takes it from files, 'isocurve dataset fetch' lists what can be downloaded`,
  );
}

/** Deletes a dataset of the store. @throws Fault 'not-found' */
export function removeStored(name: string, hash: string): void {
  const { folder } = findStored({ name, hash });
  sweepDrafts(dirname(folder));
  // Renamed first: what a killed removal leaves is no dataset any more, and is swept.
  const draft = draftOf(join(dirname(folder), `.${basename(folder)}`));
  onDisk('write', folder, () => renameSync(folder, draft));
  dropDraft(draft);
}
