/** The files of a surface in its folder: read, and written from what was measured. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { surfaceMetrics, type SurfaceMetrics } from '../../../shared/maths/surface-metrics';
import type { CellColumns } from '../../../shared/spec/events';
import { pickHead, pickSurface, type SurfaceResult } from '../../../shared/spec/results';
import {
  checkGrid,
  emptySurface,
  type Surface,
  type SurfaceHead,
} from '../../../shared/spec/surface';
import { readManifest, writeAtomically, writeJson } from '../files';
import { writeSurface } from '../surface/hdf5';
import { readJournal } from '../surface/journal';
import { fillIn, type MeasuredCell } from '../surface/scan';
import { readPart } from './parts';

/** The files of a surface in its folder. */
export const files = (folder: string) => ({
  head: join(folder, 'head.json'),
  manifest: join(folder, 'manifest.json'),
  journal: join(folder, 'journal.bin'),
  surface: join(folder, 'surface.h5'),
  table: join(folder, 'surface.csv'),
});

/** What the manifest of a surface lists, from the study's folder. */
export function filesOf(id: string, hasDirections: boolean): string[] {
  const own = ['head.json', 'journal.bin', 'surface.h5', 'surface.csv'];
  const directions = hasDirections ? [`directions/${id}/directions.h5`] : [];
  return [...own.map((name) => `surfaces/${id}/${name}`), ...directions];
}

/**
 * Gives `result` the numbers that the Isocurve of its day did not take, from the cells of its
 * surface in `folder`.
 */
export function withMetrics(result: SurfaceResult, folder: string): SurfaceResult {
  const metrics: Partial<SurfaceMetrics> | null | undefined = result.metrics;
  if (metrics == null || metrics.deepMinima !== undefined) return result;
  const surface = readSurface(folder, result);
  if (surface.measured.includes(0)) return result;
  return { ...result, metrics: surfaceMetrics(surface, result.metricsOf !== 'loss') };
}

/** The result of the finished surface in `folder`, or null. @throws Fault 'damaged' */
export function readSurfaceResult(folder: string): SurfaceResult | null {
  const { manifest } = files(folder);
  if (!existsSync(manifest)) return null;
  return withMetrics(pickSurface(readPart<SurfaceResult>(manifest)), folder);
}

/** A surface that was begun: what it is to be; null where it was finished by an older Isocurve. */
export function readSurfaceHead(folder: string): SurfaceHead | null {
  const { head, manifest } = files(folder);
  const path = existsSync(head) ? head : manifest;
  return existsSync(path) ? readManifest<SurfaceHead>(path) : null;
}

/** The values of a surface as far as they are measured. @throws Fault 'damaged' */
export function readSurface(folder: string, { x, y }: Pick<SurfaceHead, 'x' | 'y'>): Surface {
  checkGrid(x, y, folder);
  const surface = emptySurface(x, y);
  const { journal } = files(folder);
  if (existsSync(journal)) fillIn(surface, readJournal(journal));
  return surface;
}

/** A surface as CSV. */
export function table(surface: Surface): string {
  const header = surface.y === null ? 'x' : 'x,y';
  const lines = Array.from(surface.losses, (loss, cell) => {
    const column = cell % surface.x.length;
    const row = (cell - column) / surface.x.length;
    const place = surface.y === null ? [surface.x[column]] : [surface.x[column], surface.y[row]];
    return [...place, loss, surface.accuracies[cell], surface.standardErrors[cell]].join();
  });
  return `${header},loss,accuracy,standard_error\n${lines.join('\n')}\n`;
}

export const columnsOf = (cells: readonly MeasuredCell[]): CellColumns => ({
  cell: Uint32Array.from(cells, ({ cell }) => cell),
  loss: Float64Array.from(cells, ({ loss }) => loss),
  accuracy: Float64Array.from(cells, ({ accuracy }) => accuracy),
  standardError: Float64Array.from(cells, ({ standardError }) => standardError),
});

/** Writes what `folder` lacks of the files that head and journal give. */
export async function writeDerived(
  folder: string,
  head: SurfaceHead,
  surface: Surface,
): Promise<void> {
  const paths = files(folder);
  if (!existsSync(paths.head)) writeJson(paths.head, pickHead(head));
  if (!existsSync(paths.surface)) await writeSurface(paths.surface, surface, head.split);
  if (!existsSync(paths.table)) writeAtomically(paths.table, table(surface));
}
