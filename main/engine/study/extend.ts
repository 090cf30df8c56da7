/** Adds to a study (seeds, scans, variants) without touching what it has. */

import { Fault } from '../../../shared/fault';
import { checkStudy, type Study } from '../../../shared/spec/study';
import { toJson, writeJson } from '../files';
import { layout, readStudy } from '../workspace';
import { recordExtension } from './manifest';

const same = (a: unknown, b: unknown) => toJson(a) === toJson(b);

/** Why `next` would change what `before` has made; null when it only adds. */
function whatChanges(before: Study, next: Study): string | null {
  if (before.name !== next.name) return 'its name';
  if (!same(before.dataset, next.dataset)) return 'its dataset';
  if (before.seeds.some((seed) => !next.seeds.includes(seed))) return 'its seeds';
  if (before.seeds[0] !== next.seeds[0]) return 'its first seed, which chose the learning rates';
  for (const variant of before.variants) {
    const twin = next.variants.find(({ name }) => name === variant.name);
    const kept =
      twin !== undefined &&
      same(twin.model, variant.model) &&
      same(twin.recipe, variant.recipe) &&
      same(twin.weights, variant.weights) &&
      same(twin.surface, variant.surface) &&
      variant.seeds.every((seed) => twin.seeds.includes(seed));
    if (!kept) return `variant '${variant.name}'`;
  }
  for (const scan of before.scans) {
    const twin = next.scans.find(({ name }) => name === scan.name);
    if (twin === undefined || !same(twin, scan)) return `scan '${scan.name}'`;
  }
  return null;
}

/**
 * Makes `input` the study of `folder`. Everything finished stays and is not computed again.
 * @throws Fault 'conflict' when it would change what is there
 */
export function extendStudy(folder: string, input: unknown): void {
  const before = readStudy(folder);
  const next = checkStudy(input, 'study');
  const changed = whatChanges(before, next);
  if (changed !== null) {
    throw new Fault(
      'conflict',
      `cannot change ${changed} of ${folder}: results rest on it; make a new study for that`,
    );
  }
  writeJson(layout(folder).study, next.file);
  recordExtension(folder);
}
