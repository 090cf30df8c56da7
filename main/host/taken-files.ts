/**
 * Files that a study names by hand: weights, surfaces, directions. The engine is given copies that
 * were taken of them in a process of their own, and never reads the files themselves.
 */

import { basename } from 'node:path';
import type { TakenWeights } from '../../shared/foreign/imported';
import type { GuardedPath } from '../../shared/spec/place';
import type { StudyFile, WeightsSpec } from '../../shared/spec/study';
import { forkEngine, type Spawn } from './engine-process';
import { liesIn } from '../native/paths';
import { importsFolder } from '../native/places';
import { takeDirections, takeSurface, takeWeights } from './reader';

type Take = (path: GuardedPath, spawn: Spawn) => Promise<TakenWeights>;

/** How the paths of a study are looked at: by the guard of a host, or as its user's own. */
export type LookUp = (path: string) => GuardedPath;

/** How files are looked at and read. */
interface Means {
  readonly lookUp: LookUp;
  readonly spawn: Spawn;
}

/** Where a study says that a file lies, and what to call it. */
interface Named {
  readonly path: string;
  readonly source?: string | undefined;
}

/** The copy of a file, unless it is one already. */
async function copyOf({ path, source }: Named, take: Take, means: Means): Promise<Named> {
  const place = means.lookUp(path);
  if (liesIn(importsFolder(), place)) return { path: place, source };
  const taken = await take(place, means.spawn);
  return { path: taken.path, source: source ?? basename(path) };
}

/** A variant's weights or surface. */
async function taken<Spec extends { readonly file: string; readonly source?: string | undefined }>(
  spec: Spec | undefined,
  take: Take,
  means: Means,
): Promise<Spec | undefined> {
  if (spec === undefined) return undefined;
  const { path, source } = await copyOf({ path: spec.file, source: spec.source }, take, means);
  return { ...spec, file: path, source };
}

/** A variant's weights, with the checkpoints before them. */
async function takenWeights(
  spec: WeightsSpec | undefined,
  means: Means,
): Promise<WeightsSpec | undefined> {
  const last = await taken(spec, takeWeights, means);
  if (last?.earlier === undefined) return last;
  const earlier = [];
  for (const one of last.earlier) earlier.push((await taken(one, takeWeights, means))!);
  return { ...last, earlier };
}

/** The study with its files taken. @throws Fault of the first that cannot be read */
export async function withTakenFiles(
  study: StudyFile,
  lookUp: LookUp,
  spawn: Spawn = forkEngine,
): Promise<StudyFile> {
  const means = { lookUp, spawn };
  const { variants, scans } = structuredClone(study);
  for (const variant of variants) {
    const weights = await takenWeights(variant.weights, means);
    const surface = await taken(variant.surface, takeSurface, means);
    Object.assign(variant, weights && { weights }, surface && { surface });
  }
  for (const { directions } of scans) {
    if (directions.kind !== 'file') continue;
    Object.assign(directions, await copyOf(directions, takeDirections, means));
  }
  return { ...study, variants, scans };
}
