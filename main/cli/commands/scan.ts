/** `scan`: from files of weights to surfaces and pictures, in one command. */

import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  importedStudy,
  type ImportChoices,
  type TakenWeights,
} from '../../../shared/foreign/imported';
import { Fault } from '../../../shared/fault';
import { check } from '../../../shared/spec/check';
import { pathScans } from '../../../shared/spec/path-scans';
import { KnownMapping } from '../../../shared/spec/host';
import { resnetSkips } from '../../../shared/spec/model';
import { checkStudy } from '../../../shared/spec/study';
import { normModes } from '../../../shared/spec/surface';
import { apart, inOrder, together } from '../../../shared/foreign/trainings';
import { takeWeights } from '../../host/reader';
import { withTakenFiles } from '../../host/taken-files';
import type { ChooseOptions } from '../../native/choose';
import { usersOwn } from '../../native/paths';
import { withEngine } from '../engine';
import { datasetFlag } from '../dataset-flag';
import { numberFlag, numberList, oneOf, readJsonFile } from '../flags';
import { say } from '../print';
import { namesOf, weightFiles } from '../weight-files';
import { conduct, defaultFolder } from './compare';

export interface ScanFlags {
  dataset: string;
  normalise?: string;
  depth?: string;
  width?: string;
  skip?: string;
  directions?: string;
  seed?: string;
  grid: string;
  range: string;
  subset: string;
  bn: string;
  split: string;
  line?: boolean;
  apart?: boolean;
  steps?: string;
  mapping?: string;
  out?: string;
  study?: string;
  figures: boolean;
  backend?: ChooseOptions['build'];
}

/** Points per side of the plane of a path, which serves angles and not pictures of every bump. */
const MOST_PATH_POINTS = 25;

/** What the flags say of the network. */
const asked = ({ depth, width, skip }: ScanFlags): Record<string, unknown> => ({
  ...(depth === undefined ? {} : { depth: numberFlag('--depth', depth, 8, 1202) }),
  ...(width === undefined ? {} : { width: numberFlag('--width', width, 1, 8192) }),
  ...(skip === undefined ? {} : { skip: oneOf('--skip', skip, resnetSkips) }),
});

/** What an exported mapping says, and over it the flags. */
function fitted(flags: ScanFlags): Pick<ImportChoices, 'model' | 'mapping'> {
  if (flags.mapping === undefined) return { model: asked(flags) };
  const file = readJsonFile(flags.mapping);
  const { model, mapping } = check(KnownMapping, file, flags.mapping);
  return { model: { ...model, ...asked(flags) }, mapping };
}

function scanOf(flags: ScanFlags) {
  const range = numberFlag('--range', flags.range, 1e-6, 1e6, false);
  const axis = { from: -range, to: range, points: numberFlag('--grid', flags.grid, 3, 4001) };
  const seed = flags.seed === undefined ? 1 : numberFlag('--seed', flags.seed, 0, 2 ** 31);
  return {
    name: flags.line === true ? 'line' : 'plane',
    directions:
      flags.directions === undefined
        ? { kind: 'random', axes: flags.line === true ? 1 : 2, seed }
        : { kind: 'file', path: resolve(flags.directions) },
    x: axis,
    y: axis,
    split: oneOf('--split', flags.split, ['train', 'test']),
    subset:
      flags.subset === 'all' ? ('all' as const) : numberFlag('--subset', flags.subset, 1, 1e7),
    bn: oneOf('--bn', flags.bn, normModes),
  };
}

/** Copies the surfaces to where they are wanted: FILE, or FILE-2… for further networks. */
function copyOut(folder: string, ids: readonly string[], out: string): void {
  mkdirSync(dirname(resolve(out)), { recursive: true });
  ids.forEach((id, i) => {
    const path = i === 0 ? out : out.replace(/(\.[^.]*)?$/, `-${i + 1}$1`);
    copyFileSync(join(folder, 'surfaces', id, 'surface.h5'), path);
    say(`surface of ${id}: ${path}`);
  });
}

/** The planes of a training's path: what is asked of the surface, along principal components. */
function pathsOf(flags: ScanFlags) {
  const { split, subset, bn, x } = scanOf(flags);
  const points = Math.min(MOST_PATH_POINTS, x.points);
  // Statistics of one state alone have nothing to be interpolated with.
  return pathScans('path', { points, split, subset, bn: bn === 'states' ? 'frozen' : bn });
}

/** The trainings that the files are, as the flags or the files' names say. */
function trainingsOf(taken: readonly TakenWeights[], { apart: each, steps }: ScanFlags) {
  if (each === true && steps !== undefined) {
    throw new Fault('bad-value', 'choose one of --apart and --steps');
  }
  if (each === true) return apart(taken);
  if (steps !== undefined) return [inOrder(taken, numberList('--steps', steps, 0, 2 ** 31))];
  const all = together(taken);
  for (const { name, checkpoints } of all) {
    if (checkpoints.length === 1) continue;
    const order = checkpoints.map(({ step }) => step).join(', ');
    say(`${name}: ${checkpoints.length} checkpoints of one training, in the order ${order}`);
    say('  (another order: --steps; networks side by side: --apart)');
  }
  return all;
}

/** `isocurve scan FILE…` */
export async function scan(paths: readonly string[], flags: ScanFlags): Promise<number> {
  const taken: TakenWeights[] = [];
  const files = await weightFiles(paths);
  for (const [i, name] of namesOf(files).entries()) {
    const { report, path } = await takeWeights(usersOwn(files[i]));
    taken.push({ report: { ...report, name }, path });
  }
  const { file } = importedStudy(trainingsOf(taken, flags), {
    dataset: await datasetFlag(flags.dataset, flags.normalise),
    scan: scanOf(flags),
    paths: pathsOf(flags),
    ...fitted(flags),
  });
  const study = checkStudy(await withTakenFiles(file, usersOwn), 'the scan');
  const folder = usersOwn(flags.study ?? defaultFolder(study));
  return withEngine(flags.backend, async (engine) => {
    const start = () => engine.call('study/start', { study: study.file, folder });
    const code = await conduct(engine, study, folder, start, flags.figures);
    if (code !== 0 || flags.out === undefined) return code;
    const { surfaces } = await engine.call('study/results', { folder });
    const ids = surfaces.filter(({ kind }) => kind !== 'principal').map(({ id }) => id);
    copyOut(folder, ids, flags.out);
    return 0;
  });
}
