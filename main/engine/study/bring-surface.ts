/**
 * A surface of another tool as one of the study's: drawn beside the others, unknown where it is.
 */

import { surfaceMetrics } from '../../../shared/maths/surface-metrics';
import { check } from '../../../shared/spec/check';
import type { WorkEvent } from '../../../shared/spec/events';
import { ForeignSurface, surfaceOf } from '../../../shared/spec/foreign-surface';
import { pickSurface, type SurfaceResult } from '../../../shared/spec/results';
import type { SurfaceFileSpec, Variant } from '../../../shared/spec/study';
import type { SurfaceHead } from '../../../shared/spec/surface';
import { timestamp } from '../clock';
import { parseOwn, writeAtomically, writeJson, writeManifest } from '../files';
import { makeFolder } from '../folders';
import { writeSurface } from '../surface/hdf5';
import { openJournal } from '../surface/journal';
import { readTakenCopy } from '../taken-copy';
import type { StudyContext } from './context';
import { recordFiles } from './inventory';
import { checkMended, checkPart } from './mend';
import { columnsOf, files, filesOf, readSurfaceResult, table, writeDerived } from './surface-files';

function readFile({ file, source }: SurfaceFileSpec): ForeignSurface {
  const bytes = readTakenCopy(file, `the numbers of ${source ?? file}`);
  return check(ForeignSurface, parseOwn(bytes.toString('utf8')), file);
}

/** The scan that it stands beside: the first along random directions with as many axes. */
function besideOf({ study }: StudyContext, axes: 1 | 2): string {
  const beside = study.scans.find(({ directions }) => {
    if (directions.kind === 'random') return directions.axes === axes;
    return directions.kind === 'file' && axes === 2;
  });
  return beside?.name ?? 'brought';
}

const idOf = ({ name }: Variant): string => `${name}.brought`;

function headOf(context: StudyContext, variant: Variant, found: ForeignSurface): SurfaceHead {
  const { x, y, format, source, split } = found;
  return {
    id: idOf(variant),
    run: '',
    variant: variant.name,
    seed: context.study.seeds[0],
    scan: besideOf(context, y === null ? 1 : 2),
    kind: 'file',
    directionSeed: null,
    x,
    y,
    split: split ?? 'train',
    images: 0,
    bn: 'frozen',
    origin: `${source}, by ${format}`,
  };
}

/** The surface that was brought before, whose missing files are written again; null: none was. */
async function* keptSurface(
  context: StudyContext,
  variant: Variant & { readonly surface: SurfaceFileSpec },
): AsyncGenerator<WorkEvent, SurfaceResult | null> {
  const id = idOf(variant);
  const folder = context.layout.surface(id);
  const finished = readSurfaceResult(folder);
  if (finished === null) return null;
  const { manifest } = files(folder);
  const missing = yield* checkPart(context, manifest, id);
  if (missing.length === 0) return finished;
  yield { kind: 'phase', text: `writing files of ${id} again` };
  // The journal does not know what the file has where it measured nothing.
  await writeDerived(folder, finished, surfaceOf(readFile(variant.surface)));
  await checkMended(context, manifest, missing);
  return finished;
}

/** Brings the surface of one variant; at once when that is done. */
export async function* bringSurface(
  context: StudyContext,
  variant: Variant & { readonly surface: SurfaceFileSpec },
): AsyncGenerator<WorkEvent, SurfaceResult> {
  const finished = yield* keptSurface(context, variant);
  if (finished !== null) return finished;
  const found = readFile(variant.surface);
  const head = headOf(context, variant, found);
  yield { kind: 'phase', text: `bringing ${variant.label}` };
  const folder = context.layout.surface(head.id);
  const paths = files(folder);
  makeFolder(folder);
  const surface = surfaceOf(found);
  const cells = Array.from(surface.losses, (loss, cell) => ({
    cell,
    loss,
    accuracy: surface.accuracies[cell],
    standardError: NaN,
  })).filter(({ cell }) => surface.measured[cell] === 1);
  writeJson(paths.head, head);
  yield { kind: 'grid', head };
  const journal = openJournal(paths.journal, JSON.stringify({ brought: head.origin }));
  try {
    if (journal.cells.length === 0) journal.append(cells);
  } finally {
    journal.close();
  }
  yield { kind: 'cells', surface: head.id, cells: columnsOf(cells) };
  const result: SurfaceResult = {
    ...head,
    normalisation: 'unknown',
    validity: null,
    centre: null,
    standardError: NaN,
    metrics: head.y === null ? null : surfaceMetrics(surface, true),
    metricsOf: 'log10(1 + loss)',
    barrier: null,
    trajectory: null,
    weightsHash: '',
    seconds: 0,
  };
  await writeSurface(paths.surface, surface, head.split);
  writeAtomically(paths.table, table(surface));
  writeManifest(paths.manifest, {
    ...pickSurface(result),
    file: variant.surface,
    finished: timestamp(),
    files: await recordFiles(context.folder, filesOf(head.id, false)),
  });
  yield { kind: 'surface', surface: head.id };
  return readSurfaceResult(folder)!;
}
