/**
 * The manifest of a study's folder: what made it, on what, from which data. Each sitting adds a
 * line.
 */

import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { classesOf, type DatasetSpec } from '../../../shared/spec/dataset';
import type { Sitting } from '../../../shared/spec/library';
import type { Study } from '../../../shared/spec/study';
import { version } from '../../native/version';
import type { Backend } from '../backend/start';
import { timestamp } from '../clock';
import type { Dataset } from '../dataset/dataset';
import { readManifest, writeJson } from '../files';
import { layout } from '../workspace';

export interface StudyManifest {
  readonly name: string;
  readonly question: string;
  readonly dataset: Pick<Dataset, 'name' | 'hash' | 'mean' | 'deviation'> & {
    /** Missing where an earlier version wrote it. */
    readonly classes?: number;
  };
  readonly seeds: readonly number[];
  readonly sittings: readonly Sitting[];
}

/** The manifest of a study that was started, or null. */
export function readManifestOf(folder: string): StudyManifest | null {
  const { manifest } = layout(folder);
  return existsSync(manifest) ? readManifest<StudyManifest>(manifest) : null;
}

/** Classes of a study's dataset; null where neither it nor its manifest says. */
export const classesOfStudy = (folder: string, dataset: DatasetSpec): number | null =>
  classesOf(dataset) ?? readManifestOf(folder)?.dataset.classes ?? null;

/** Writes the manifest of `folder`, or adds this sitting to it. */
export function openManifest(
  folder: string,
  study: Study,
  dataset: Dataset,
  backend: Backend,
): void {
  const { manifest: path } = layout(folder);
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
  };
  writeJson(path, manifest);
}
