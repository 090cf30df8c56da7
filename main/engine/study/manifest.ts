/**
 * The manifest of a study's folder: what made it, on what, from which data, and the hashes of its
 * files. Each sitting that makes something adds a line.
 */

import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import { classesOf, type DatasetSpec } from '../../../shared/spec/dataset';
import type { FileRecord } from '../../../shared/spec/inventory';
import type { Sitting } from '../../../shared/spec/library';
import { version } from '../../native/version';
import { timestamp } from '../clock';
import type { Dataset } from '../dataset/dataset';
import { readManifest, writeManifest } from '../files';
import { MOST, readOwnBytes } from '../own-file';
import { layout } from '../workspace';
import type { StudyContext } from './context';
import { recordFiles, recordsIn, troubleWith, type Trouble } from './inventory';
import { wayOut } from './parts';

export interface StudyManifest {
  readonly name: string;
  readonly question: string;
  readonly dataset: Pick<Dataset, 'name' | 'hash' | 'mean' | 'deviation'> & {
    /** Missing where an earlier version wrote it. */
    readonly classes?: number;
  };
  readonly seeds: readonly number[];
  readonly sittings: readonly Sitting[];
  /**
   * The study's file; once it is finished also its results and the manifests of its parts. Earlier
   * versions have none.
   */
  readonly files?: readonly FileRecord[];
}

/** The manifest of a study that was started, or null. @throws Fault 'damaged' */
export function readManifestOf(folder: string): StudyManifest | null {
  const { manifest } = layout(folder);
  if (!existsSync(manifest)) return null;
  return readManifest<StudyManifest>(manifest, wayOut('manifest.json', 'changed'));
}

/**
 * What the manifest of `folder` says, for whoever only shows it: nothing that was measured rests on
 * it, so that a damaged one keeps nobody from looking at the rest.
 */
export function lookAtManifest(folder: string): {
  readonly manifest: StudyManifest | null;
  readonly fault: Fault | null;
} {
  try {
    return { manifest: readManifestOf(folder), fault: null };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { manifest: null, fault: error };
  }
}

/** Classes of a study's dataset; null where neither it nor its manifest says. */
export const classesOfStudy = (folder: string, dataset: DatasetSpec): number | null =>
  classesOf(dataset) ?? lookAtManifest(folder).manifest?.dataset.classes ?? null;

/** How each file that the manifest lists differs from it; of one that does not, nothing. */
export async function troublesOf(
  folder: string,
  records: readonly FileRecord[],
  signal?: AbortSignal,
): Promise<Map<string, Trouble>> {
  const troubles = new Map<string, Trouble>();
  for (const record of records) {
    const trouble = await troubleWith(folder, record, signal);
    if (trouble !== null) troubles.set(record.path, trouble);
  }
  return troubles;
}

/** Whether most files of a list are there and others than it says: it is not of these files. */
export function isForeign(
  records: readonly FileRecord[],
  troubles: ReadonlyMap<string, Trouble>,
): boolean {
  const others = [...troubles.values()].filter(({ trouble }) => trouble !== 'missing');
  return records.length > 2 && 2 * others.length > records.length;
}

/** Moves a manifest out of the way that cannot be believed; it is kept. */
function setAside(path: string): void {
  for (let i = 1; ; i++) {
    const kept = `${path}.damaged${i === 1 ? '' : `-${i}`}`;
    if (existsSync(kept)) continue;
    renameSync(path, kept);
    return;
  }
}

/**
 * Goes over what the manifest lists before the study is taken up. Returns whether there is one to
 * believe; another is set aside.
 * @throws Fault 'damaged' where the study's file or a part's manifest is not what it was
 */
export async function checkManifest({ folder, signal }: StudyContext): Promise<boolean> {
  const path = layout(folder).manifest;
  const { manifest, fault } = lookAtManifest(folder);
  if (fault !== null) setAside(path);
  if (manifest === null) return false;
  const records = recordsIn(manifest) ?? [];
  const troubles = await troublesOf(folder, records, signal);
  if (isForeign(records, troubles)) {
    setAside(path);
    return false;
  }
  for (const [name, { trouble, what }] of troubles) {
    // What is missing is made again, and results are written anew from the parts.
    if (trouble === 'missing' || name === 'results.json') continue;
    throw new Fault('damaged', `${join(folder, name)} ${what}; ${wayOut(name, trouble)}`);
  }
  return true;
}

/** The record of the study's file as it is now. */
function recordStudy(folder: string): FileRecord {
  const bytes = readOwnBytes(layout(folder).study, { atMost: MOST.small });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path: 'study.json', bytes: bytes.length, sha256 };
}

/** Writes the manifest of the study, or adds this sitting to it: something is about to be made. */
export function openManifest({ folder, study, dataset, backend }: StudyContext): void {
  const before = readManifestOf(folder)?.sittings ?? [];
  const { name, hash, mean, deviation, classes } = dataset;
  const manifest: StudyManifest = {
    name: study.name,
    question: study.question,
    dataset: { name, hash, mean, deviation, classes },
    seeds: study.seeds,
    sittings: [
      ...before,
      {
        started: timestamp(),
        isocurve: version,
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
        processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
        backend: backend.info,
      },
    ],
    files: [recordStudy(folder)],
  };
  writeManifest(layout(folder).manifest, manifest);
}

/**
 * Lists the results and the manifests of the `parts` of a finished study in its manifest. One that
 * was finished by an earlier version stays as it is while nothing is `made`.
 */
export async function closeManifest(
  { folder }: StudyContext,
  parts: readonly string[],
  made: boolean,
): Promise<void> {
  const manifest = readManifestOf(folder);
  if (manifest === null || (!made && manifest.files === undefined)) return;
  const files = await recordFiles(folder, ['study.json', 'results.json', ...parts]);
  if (JSON.stringify(files) === JSON.stringify(manifest.files)) return;
  writeManifest(layout(folder).manifest, { ...manifest, files });
}

/** Takes the study's file up as it is now, after it was extended. */
export function recordExtension(folder: string): void {
  const { manifest } = lookAtManifest(folder);
  if (manifest?.files === undefined) return;
  const others = manifest.files.filter(({ path }) => path !== 'study.json');
  const files = [recordStudy(folder), ...others];
  writeManifest(layout(folder).manifest, { ...manifest, files });
}
