/**
 * Files that a study names by hand: weights, surfaces, directions. The engine is given copies that
 * were taken of them in a process of their own, and never reads the files themselves.
 */

import { basename, resolve } from 'node:path';
import type { TakenWeights } from '../../shared/foreign/imported';
import type { StudyFile } from '../../shared/spec/study';
import { forkEngine, type Spawn } from './engine-process';
import { liesIn } from './paths';
import { importsFolder, takeDirections, takeSurface, takeWeights } from './reader';

type Take = (path: string, spawn: Spawn) => Promise<TakenWeights>;

/** Where a study says that a file lies, and what to call it. */
interface Named {
  readonly path: string;
  readonly source?: string | undefined;
}

/** The copy of a file, unless it is one already. */
async function copyOf({ path, source }: Named, take: Take, spawn: Spawn): Promise<Named> {
  if (liesIn(importsFolder(), path)) return { path, source };
  const taken = await take(resolve(path), spawn);
  return { path: taken.path, source: source ?? basename(path) };
}

/** A variant's weights or surface. */
async function taken<Spec extends { readonly file: string; readonly source?: string | undefined }>(
  spec: Spec | undefined,
  take: Take,
  spawn: Spawn,
): Promise<Spec | undefined> {
  if (spec === undefined) return undefined;
  const { path, source } = await copyOf({ path: spec.file, source: spec.source }, take, spawn);
  return { ...spec, file: path, source };
}

/** The study with its files taken. @throws Fault of the first that cannot be read */
export async function withTakenFiles(
  study: StudyFile,
  spawn: Spawn = forkEngine,
): Promise<StudyFile> {
  const { variants, scans } = structuredClone(study);
  for (const variant of variants) {
    const weights = await taken(variant.weights, takeWeights, spawn);
    const surface = await taken(variant.surface, takeSurface, spawn);
    Object.assign(variant, weights && { weights }, surface && { surface });
  }
  for (const { directions } of scans) {
    if (directions.kind !== 'file') continue;
    Object.assign(directions, await copyOf(directions, takeDirections, spawn));
  }
  return { ...study, variants, scans };
}
