/** One study as a row of the library, read from its folder. A damaged one is a row that says so. */

import { basename, join } from 'node:path';
import { toFault } from '../../../shared/fault';
import { nameOfDataset } from '../../../shared/spec/dataset';
import type { StudySummary, Thumbnail } from '../../../shared/spec/library';
import type { RunResult, StudyResults } from '../../../shared/spec/results';
import type { Study } from '../../../shared/spec/study';
import { checkGrid, type SurfaceHead } from '../../../shared/spec/surface';
import { readManifest } from '../files';
import { checkOwn } from '../own-file';
import { lookAtManifest } from '../study/manifest';
import { readJournal } from '../surface/journal';
import { layout, readStudy } from '../workspace';
import { readAnnotations } from './annotations';
import type { Walk, Watched } from './walk';

/** Most cells a thumbnail has along one side. */
const STAMP = 25;

/** A row, and the surfaces that its thumbnails were made from. */
export interface Row {
  readonly summary: StudySummary;
  readonly sources: readonly string[];
}

/** A row that was read before, and what it rested on. */
export interface KnownRow extends Row {
  readonly watched: Watched;
}

/** Every `step`-th cell of a plane, as heights. */
function stampOf(head: SurfaceHead, journal: string | null): Thumbnail {
  const [width, height] = [head.x.length, head.y!.length];
  const step = Math.ceil(Math.max(width, height) / STAMP);
  const columns = Math.ceil(width / step);
  const heights = new Float32Array(columns * Math.ceil(height / step)).fill(NaN);
  for (const { cell, loss } of journal === null ? [] : readJournal(journal)) {
    const column = cell % width;
    const row = (cell - column) / width;
    if (column % step !== 0 || row % step !== 0) continue;
    heights[(row / step) * columns + column / step] = Math.log10(1 + loss);
  }
  return { variant: head.variant, columns, heights };
}

/** The first plane along random directions of each variant, by name of the surface. */
function stamps(
  folder: string,
  study: Study,
  walk: Walk,
  known: KnownRow | null,
): Map<string, Thumbnail> {
  const missing = new Set(study.variants.map(({ name }) => name));
  const found = new Map<string, Thumbnail>();
  checkOwn(join(folder, 'surfaces'));
  for (const name of walk.surfaces) {
    if (missing.size === 0) break;
    const part = `surfaces/${name}`;
    // An older Isocurve wrote no head; its finished surfaces have all of it in the manifest.
    const path = [`${part}/head.json`, `${part}/manifest.json`].find((file) => walk.has(file));
    if (path === undefined) continue;
    const head = readManifest<SurfaceHead>(join(folder, path));
    checkGrid(head.x, head.y, join(folder, part));
    if (head.y === null || head.kind !== 'random' || !missing.delete(head.variant)) continue;
    const journal = `${part}/journal.bin`;
    const hasJournal = walk.has(journal);
    const before = known?.sources.indexOf(name) ?? -1;
    const isKnown = before !== -1 && [path, journal].every((p) => walk.isAsIn(known!.watched, p));
    const stamp = isKnown
      ? known!.summary.thumbnails[before]
      : stampOf(head, hasJournal ? join(folder, journal) : null);
    found.set(name, stamp);
  }
  return found;
}

function accuracyOf(runs: readonly RunResult[]): [number, number] | null {
  const all = runs.map(({ summary }) => summary.testAccuracy).filter(Number.isFinite);
  return all.length === 0 ? null : [Math.min(...all), Math.max(...all)];
}

const NOTHING = { manifest: null, fault: null };

function summaryOf(folder: string, walk: Walk, known: KnownRow | null): Row {
  const parts = ['study.json', 'manifest.json', 'results.json', 'annotations.json'] as const;
  const [, isStarted, hasResults] = parts.map((name) => walk.has(name));
  const study = readStudy(folder);
  const results = hasResults ? readManifest<StudyResults>(layout(folder).results) : null;
  const { manifest, fault } = isStarted ? lookAtManifest(folder) : NOTHING;
  const sittings = manifest?.sittings ?? [];
  const surfaces = stamps(folder, study, walk, known);
  const order = study.variants.map(({ name }) => name);
  const stamped = [...surfaces].sort(
    ([, a], [, b]) => order.indexOf(a.variant) - order.indexOf(b.variant),
  );
  const summary: StudySummary = {
    folder,
    name: study.name,
    question: study.question,
    dataset: nameOfDataset(study.dataset),
    variants: study.variants.map(({ name, label }) => ({ name, label })),
    state: results?.complete ? 'done' : isStarted ? 'interrupted' : 'planned',
    fault: fault?.message ?? null,
    started: sittings[0]?.started ?? null,
    bytes: walk.bytes,
    accuracy: accuracyOf(results?.runs ?? []),
    thumbnails: stamped.map(([, stamp]) => stamp),
    ...readAnnotations(folder),
  };
  return { summary, sources: stamped.map(([name]) => name) };
}

export const damaged = (folder: string, error: unknown, bytes: number): Row => ({
  summary: {
    folder,
    name: basename(folder),
    question: '',
    dataset: '',
    variants: [],
    state: 'damaged',
    fault: toFault(error).message,
    started: null,
    bytes,
    accuracy: null,
    thumbnails: [],
    note: '',
    tags: [],
  },
  sources: [],
});

/**
 * Walks and reads the study in `folder`. Thumbnails whose surfaces are as they were are taken from
 * `known`.
 */
export function* readRow(folder: string, walk: Walk, known: KnownRow | null): Generator<void, Row> {
  try {
    yield* walk.run();
    return summaryOf(folder, walk, known);
  } catch (error) {
    return damaged(folder, error, walk.bytes);
  }
}
