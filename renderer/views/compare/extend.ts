/** A study with something added: pure functions of its file. */

import type { CheckpointRef } from '../../../shared/spec/direction';
import { pathScans } from '../../../shared/spec/path-scans';
import { hasPath, type Study, type StudyFile } from '../../../shared/spec/study';

type Scan = StudyFile['scans'][number];

function freeName(file: StudyFile, stem: string): string {
  const taken = new Set(file.scans.map(({ name }) => name));
  let name = stem;
  for (let i = 2; taken.has(name); i++) name = `${stem}-${i}`;
  return name;
}

const added = (file: StudyFile, scan: Scan): StudyFile => ({
  ...file,
  scans: [...file.scans, scan],
});

/** The same directions on a part of the plane, more closely. */
export const finer = (
  file: StudyFile,
  scan: Scan,
  region: { readonly x: readonly [number, number]; readonly y: readonly [number, number] },
  points: number,
): StudyFile => {
  const axis = ([from, to]: readonly [number, number]) => ({ from, to, points });
  const [x, y] = [axis(region.x), axis(region.y)];
  return added(file, { ...scan, name: freeName(file, `${scan.name}-region`), x, y });
};

/** The same plane on other images or with another treatment of batch norm. */
export const besides = (
  file: StudyFile,
  scan: Scan,
  subset: number,
  bn: 'frozen' | 'batch',
): StudyFile => added(file, { ...scan, name: freeName(file, `${scan.name}-${bn}`), subset, bn });

/** More seeds for one variant, or for all where `variant` is null. */
export function withSeeds(
  file: StudyFile,
  study: Study,
  variant: string | null,
  count: number,
): StudyFile {
  const highest = Math.max(...study.variants.flatMap(({ seeds }) => seeds));
  const fresh = Array.from({ length: count }, (_, i) => highest + 1 + i);
  if (variant === null) return { ...file, seeds: [...file.seeds, ...fresh] };
  const variants = file.variants.map((item) =>
    item.name === variant ? { ...item, seeds: [...(item.seeds ?? []), ...fresh] } : item,
  );
  return { ...file, variants };
}

/** The path of training of the variants that have one, whole and its later half. */
export function withPath(file: StudyFile, study: Study, points: number): StudyFile {
  const own = study.variants.filter(hasPath).map(({ name }) => name);
  const scans = pathScans(freeName(file, 'path'), {
    ...{ points, split: 'train', subset: 256, bn: 'batch' },
    ...(own.length === study.variants.length ? {} : { only: own }),
  });
  return scans.reduce(added, file);
}

/** The plane through three checkpoints, with the paths of their runs on it. */
export function spanned(
  file: StudyFile,
  checkpoints: readonly [CheckpointRef, CheckpointRef, CheckpointRef],
): StudyFile {
  const axis = { from: -1, to: 1, points: 25 };
  return added(file, {
    name: freeName(file, 'through'),
    directions: { kind: 'through', checkpoints: [...checkpoints], margin: 0.3 },
    ...{ x: axis, y: axis, split: 'train', subset: 256, bn: 'batch' },
  });
}

/** The line from one checkpoint to another and a quarter beyond both. */
export const joined = (file: StudyFile, from: CheckpointRef, to: CheckpointRef): StudyFile => {
  const x = { from: -0.25, to: 1.25, points: 31 };
  return added(file, {
    name: freeName(file, 'between'),
    directions: { kind: 'between', from, to },
    x,
    y: x,
    split: 'train',
    subset: 256,
    bn: 'batch',
  });
};
