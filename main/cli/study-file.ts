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

/** What `--quick` does: a look at whether everything works, not a result. */
const QUICK = {
  epochs: 3,
  trial: { rates: [0.1, 0.02], epochs: 1 },
  grid: 9,
  line: 17,
  repeats: 2,
  subset: 64,
};

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

/** A scan with the flags that concern it. */
function overrideScan(scan: Scan, flags: StudyFlags): Scan {
  const { directions } = scan;
  const isLine =
    directions.kind === 'between' || (directions.kind === 'random' && directions.axes === 1);
  const quick = flags.quick === true;
  const grid = flags.grid === undefined ? undefined : numberFlag('--grid', flags.grid, 3, 1001);
  const range =
    flags.range === undefined ? undefined : numberFlag('--range', flags.range, 1e-6, 1e6, false);
  const points = isLine
    ? quick
      ? QUICK.line
      : undefined
    : (grid ?? (quick ? QUICK.grid : undefined));
  const isRandom = directions.kind === 'random';
  const reshape = (axis: Scan['x']) => ({
    ...axis,
    ...(points === undefined ? {} : { points }),
    ...(range === undefined || !isRandom ? {} : { from: -range, to: range }),
  });
  const subset =
    flags.subset === undefined
      ? quick
        ? QUICK.subset
        : scan.subset
      : flags.subset === 'all'
        ? 'all'
        : numberFlag('--subset', flags.subset, 1, 1e7);
  const repeats = isRandom && quick ? { repeats: Math.min(QUICK.repeats, directions.repeats) } : {};
  return {
    ...scan,
    directions: { ...directions, ...repeats } as Scan['directions'],
    x: reshape(scan.x),
    y: reshape(scan.y),
    subset,
    bn: flags.bn === undefined ? scan.bn : oneOf('--bn', flags.bn, normModes),
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
  const recipe: Record<string, unknown> = { ...file.base.recipe };
  if (flags.quick === true)
    Object.assign(recipe, { epochs: QUICK.epochs, learningRate: QUICK.trial });
  if (flags.epochs !== undefined) recipe['epochs'] = numberFlag('--epochs', flags.epochs, 0, 1e5);
  if (flags.rate !== undefined) {
    recipe['learningRate'] = numberFlag('--rate', flags.rate, 1e-8, 1000, false);
  }
  const seeds =
    flags.seeds === undefined ? file.seeds : countUp(numberFlag('--seeds', flags.seeds, 1, 1000));
  const changed = {
    ...file,
    seeds,
    dataset: await datasetOf(file.dataset, flags),
    base: { ...file.base, recipe },
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

const countUp = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
