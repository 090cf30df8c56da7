/** The studies of a workspace, one row each. A damaged one is a row that says so. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nameOfDataset } from '../../../shared/spec/dataset';
import { toFault } from '../../../shared/fault';
import type { StudySummary, Thumbnail } from '../../../shared/spec/library';
import type { RunResult, StudyResults, SurfaceResult } from '../../../shared/spec/results';
import type { Study } from '../../../shared/spec/study';
import { readManifest } from '../files';
import { lookAtManifest } from '../study/manifest';
import { readSurface, readSurfaceHead } from '../study/surface-files';
import { layout, readStudy } from '../workspace';
import { readAnnotations } from './annotations';
import { sizeOf } from './size';
import { studyFolders } from './items';

/** Most cells a thumbnail has along one side. */
const STAMP = 25;

/** Every `step`-th cell of a plane, as heights. */
function stampOf(folder: string, head: Pick<SurfaceResult, 'x' | 'y' | 'variant'>): Thumbnail {
  const { measured, losses, x, y } = readSurface(folder, head);
  const step = Math.ceil(Math.max(x.length, y!.length) / STAMP);
  const columns = Math.ceil(x.length / step);
  const rows = Math.ceil(y!.length / step);
  const heights = Float32Array.from({ length: rows * columns }, (_, i) => {
    const cell = Math.floor(i / columns) * step * x.length + (i % columns) * step;
    return measured[cell] === 1 ? Math.log10(1 + losses[cell]) : NaN;
  });
  return { variant: head.variant, columns, heights };
}

/** The first plane along random directions of each variant. */
function thumbnails(study: Study, folder: string): Thumbnail[] {
  const surfaces = join(folder, 'surfaces');
  if (!existsSync(surfaces)) return [];
  const heads = readdirSync(surfaces)
    .sort()
    .flatMap((name) => {
      const path = join(surfaces, name);
      const head = readSurfaceHead(path);
      return head !== null && head.y !== null && head.kind === 'random' ? [{ path, head }] : [];
    });
  return study.variants.flatMap(({ name }) => {
    const first = heads.find(({ head }) => head.variant === name);
    return first === undefined ? [] : [stampOf(first.path, first.head)];
  });
}

function accuracyOf(runs: readonly RunResult[]): [number, number] | null {
  const all = runs.map(({ summary }) => summary.testAccuracy).filter(Number.isFinite);
  return all.length === 0 ? null : [Math.min(...all), Math.max(...all)];
}

function summaryOf(folder: string): StudySummary {
  const study = readStudy(folder);
  const { results: path } = layout(folder);
  const results = existsSync(path) ? readManifest<StudyResults>(path) : null;
  const { manifest, fault } = lookAtManifest(folder);
  const sittings = manifest?.sittings ?? [];
  const isStarted = sittings.length > 0 || fault !== null;
  return {
    folder,
    name: study.name,
    question: study.question,
    dataset: nameOfDataset(study.dataset),
    variants: study.variants.map(({ name, label }) => ({ name, label })),
    state: results?.complete ? 'done' : isStarted ? 'interrupted' : 'planned',
    fault: fault?.message ?? null,
    started: sittings[0]?.started ?? null,
    bytes: sizeOf(folder).bytes,
    accuracy: accuracyOf(results?.runs ?? []),
    thumbnails: thumbnails(study, folder),
    ...readAnnotations(folder),
  };
}

const damaged = (folder: string, name: string, error: unknown): StudySummary => ({
  folder,
  name,
  question: '',
  dataset: '',
  variants: [],
  state: 'damaged',
  fault: toFault(error).message,
  started: null,
  bytes: sizeOf(folder).bytes,
  accuracy: null,
  thumbnails: [],
  note: '',
  tags: [],
});

/**
 * All studies directly under `workspace`, the latest first. A workspace that is not there is empty.
 */
export function listStudies(workspace: string): StudySummary[] {
  const rows = studyFolders(workspace).map((folder) => {
    try {
      return summaryOf(folder);
    } catch (error) {
      return damaged(folder, basename(folder), error);
    }
  });
  const age = ({ started, folder }: StudySummary) =>
    started === null ? statSync(folder).mtimeMs : Date.parse(started);
  return rows
    .map((row) => ({ row, age: age(row) }))
    .sort((a, b) => b.age - a.age)
    .map(({ row }) => row);
}
