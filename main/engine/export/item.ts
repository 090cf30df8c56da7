/** Finds a run's checkpoint or a surface in a study's folder and gives it in another format. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import {
  checkpointFormats,
  surfaceFormats,
  type CheckpointFormat,
  type ExportedFile,
  type SurfaceFormat,
} from '../../../shared/spec/export';
import type { GuardedPath } from '../../../shared/spec/place';
import { runId, runsOf } from '../../../shared/spec/study';
import type { Surface } from '../../../shared/spec/surface';
import { loadDataset } from '../dataset/load';
import { buildModel } from '../model/build';
import { MOST, readOwnBytes } from '../own-file';
import { keptCheckpoints } from '../study/kept-checkpoints';
import { readSurface, readSurfaceHead } from '../study/surface-files';
import { layout, readStudy } from '../workspace';
import { exportCheckpoint } from './checkpoint';
import { writeNpz } from './npz';
import { writeVtp } from './vtp';

async function checkpointOf(
  folder: string,
  id: string,
  step: number | null,
  format: CheckpointFormat,
): Promise<ExportedFile[]> {
  const study = readStudy(folder);
  const run = runsOf(study).find(({ variant, seed }) => runId(variant.name, seed) === id);
  if (run === undefined) throw new Fault('not-found', `${folder} has no run '${id}'`);
  const { steps, load } = keptCheckpoints(layout(folder), id);
  if (steps.length === 0) throw new Fault('not-found', `the run '${id}' has no checkpoint yet`);
  const dataset = await loadDataset(study.dataset);
  const model = buildModel(run.variant.model, dataset);
  const checkpoint = load(step ?? steps[steps.length - 1], model);
  return exportCheckpoint(run.variant.model, dataset, model, checkpoint, format);
}

function surfaceArrays({ x, y, losses, accuracies, measured }: Surface) {
  const shape = y === null ? [x.length] : [y.length, x.length];
  const masked = (values: Float64Array) =>
    values.map((value, cell) => (measured[cell] === 1 ? value : NaN));
  const axis = (name: string, values: readonly number[]) => ({
    name,
    shape: [values.length],
    values: Float64Array.from(values),
  });
  return [
    axis('x', x),
    ...(y === null ? [] : [axis('y', y)]),
    { name: 'loss', shape, values: masked(losses) },
    { name: 'accuracy', shape, values: masked(accuracies) },
  ];
}

function surfaceOf(folder: string, id: string, format: SurfaceFormat): ExportedFile[] {
  const path = join(folder, 'surfaces', id);
  const head = readSurfaceHead(path);
  if (head === null) throw new Fault('not-found', `${folder} has no surface '${id}'`);
  const kept = (name: string): ExportedFile[] => {
    const file = join(path, name);
    if (existsSync(file)) return [{ name, bytes: readOwnBytes(file, { atMost: MOST.binary }) }];
    throw new Fault('not-found', `the surface '${id}' is not finished; go on with its study`);
  };
  const surface = readSurface(path, head);
  switch (format) {
    case 'h5':
      return kept('surface.h5');
    case 'csv':
      return kept('surface.csv');
    case 'npz':
      return [{ name: 'surface.npz', bytes: writeNpz(surfaceArrays(surface)) }];
    case 'vtp':
      return [{ name: 'surface.vtp', bytes: writeVtp(surface) }];
    default:
      return format satisfies never;
  }
}

/** What is to leave: a run, or `RUN@STEP` for one of its checkpoints; or a surface. */
export interface ExportRequest {
  readonly folder: GuardedPath;
  readonly kind: 'runs' | 'surfaces';
  readonly id: string;
  readonly format: string;
}

/** @throws Fault 'bad-value' or 'not-found' */
export async function exportItem({
  folder,
  kind,
  id,
  format,
}: ExportRequest): Promise<ExportedFile[]> {
  const known = kind === 'runs' ? checkpointFormats : surfaceFormats;
  const unknown = (): Fault =>
    new Fault('bad-value', `the format must be one of ${known.join(', ')}; got '${format}'`);
  if (kind === 'surfaces') {
    const wanted = surfaceFormats.find((one) => one === format);
    if (wanted === undefined) throw unknown();
    return surfaceOf(folder, id, wanted);
  }
  const wanted = checkpointFormats.find((one) => one === format);
  if (wanted === undefined) throw unknown();
  const [run, step] = id.split('@');
  return checkpointOf(folder, run, step === undefined ? null : Number(step), wanted);
}
