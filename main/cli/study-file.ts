/**
 * Where a study comes from: a preset or a file, with the flags of the command line laid over it.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../shared/fault';
import { normModes } from '../../shared/spec/surface';
import { checkStudy, type Study, type StudyFile } from '../../shared/spec/study';
import { asset } from '../native/places';
import { datasetFlag, normaliseFlag } from './dataset-flag';
import { numberFlag, oneOf, readJsonFile } from './flags';

/** The flags of `compare` as commander gives them. */
export interface StudyFlags {
  dataset?: string;
  normalise?: string;
  seeds?: string;
  grid?: string;
  range?: string;
  subset?: string;
  bn?: string;
  epochs?: string;
  rate?: string;
  quick?: boolean;
}

/**
 * What `--quick` does: networks are trained as they are asked for, else there is nothing to
 * observe, but with one seed, and scanned coarsely.
 */
const QUICK = { seeds: 1, grid: 13, line: 17, repeats: 1, subset: 128 };

export const presetNames = (): string[] =>
  readdirSync(asset('presets'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();

/** The text and place of a preset's or user's study file. */
function locate(name: string): string {
  if (presetNames().includes(name)) return asset(join('presets', `${name}.json`));
  if (existsSync(name)) return name;
  const what = name.endsWith('.json') ? `${name} does not exist` : `unknown preset '${name}'`;
  throw new Fault(
    'not-found',
    `${what}; the presets are ${presetNames().join(', ')}, or give the path of a study file`,
  );
}

type Scan = StudyFile['scans'][number];

/** Points of an axis: as asked, or at most `most` of `--quick`. */
const fewer = (points: number, quick: boolean, most: number) =>
  quick ? Math.min(points, most) : points;

/** Images of a scan: as asked, or at most those of `--quick`. */
function imagesOf({ subset }: Scan, flags: StudyFlags): Scan['subset'] {
  if (flags.subset === 'all') return 'all';
  if (flags.subset !== undefined) return numberFlag('--subset', flags.subset, 1, 1e7);
  if (flags.quick !== true) return subset;
  return subset === 'all' ? QUICK.subset : Math.min(subset, QUICK.subset);
}

/** A scan with the flags that concern it. */
function overrideScan(scan: Scan, flags: StudyFlags): Scan {
  const { directions } = scan;
  const isLine =
    directions.kind === 'between' || (directions.kind === 'random' && directions.axes === 1);
  const quick = flags.quick === true;
  const grid = flags.grid === undefined ? undefined : numberFlag('--grid', flags.grid, 3, 1001);
  const range =
    flags.range === undefined ? undefined : numberFlag('--range', flags.range, 1e-6, 1e6, false);
  const isRandom = directions.kind === 'random';
  const reshape = (axis: Scan['x']) => ({
    ...axis,
    points: isLine
      ? fewer(axis.points, quick, QUICK.line)
      : (grid ?? fewer(axis.points, quick, QUICK.grid)),
    ...(range === undefined || !isRandom ? {} : { from: -range, to: range }),
  });
  const repeats = isRandom && quick ? { repeats: Math.min(QUICK.repeats, directions.repeats) } : {};
  return {
    ...scan,
    directions: { ...directions, ...repeats } as Scan['directions'],
    x: reshape(scan.x),
    y: reshape(scan.y),
    subset: imagesOf(scan, flags),
    bn: flags.bn === undefined ? scan.bn : oneOf('--bn', flags.bn, normModes),
  };
}

/** The recipes of all networks, of one length if one is asked for. */
function overrideRecipes(file: StudyFile, flags: StudyFlags): Pick<StudyFile, 'base' | 'variants'> {
  const { base, variants } = file;
  const pinned =
    flags.rate === undefined
      ? {}
      : { learningRate: numberFlag('--rate', flags.rate, 1e-8, 1000, false) };
  if (flags.epochs === undefined) {
    return { base: { ...base, recipe: { ...base.recipe, ...pinned } }, variants };
  }
  // What a network says of its own length would stand against the flag.
  const bare = ({ epochs: _, until: __, ...recipe }: Readonly<Record<string, unknown>>) => recipe;
  const epochs = numberFlag('--epochs', flags.epochs, 0, 1e5);
  return {
    base: { ...base, recipe: { ...bare(base.recipe), ...pinned, epochs } },
    variants: variants.map((variant) => ({ ...variant, recipe: bare(variant.recipe) })),
  };
}

/** The study in a file. @throws Fault with the key that is wrong */
export function readStudyFile(path: string): Study {
  return checkStudy(readJsonFile(path), path);
}

/** The study that `name` and the flags ask for. @throws Fault with the key or flag that is wrong */
export async function resolveStudy(name: string, flags: StudyFlags): Promise<Study> {
  const path = locate(name);
  const { file } = readStudyFile(path);
  const count =
    flags.seeds !== undefined
      ? numberFlag('--seeds', flags.seeds, 1, 1000)
      : flags.quick === true
        ? Math.min(QUICK.seeds, file.seeds.length)
        : null;
  const changed = {
    ...file,
    ...overrideRecipes(file, flags),
    // Fewer seeds are the first of the study's own; more are counted up.
    seeds: count === null ? file.seeds : seedsOf(file.seeds, count),
    dataset: await datasetOf(file.dataset, flags),
    scans: file.scans.map((scan) => overrideScan(scan, flags)),
  };
  return checkStudy(changed, path);
}

/** The study's dataset, or the one that the flags ask for. */
async function datasetOf(
  own: StudyFile['dataset'],
  { dataset, normalise }: StudyFlags,
): Promise<StudyFile['dataset']> {
  if (dataset !== undefined) return datasetFlag(dataset, normalise);
  return normalise === undefined ? own : { ...own, normalise: normaliseFlag(normalise) };
}

/** The first `count` seeds of a study, or as many from 1 on where it has fewer. */
const seedsOf = (own: readonly number[], count: number): number[] =>
  count <= own.length ? own.slice(0, count) : Array.from({ length: count }, (_, i) => i + 1);
