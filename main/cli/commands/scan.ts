/** `scan`: from files of weights to surfaces and pictures, in one command. */

import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  importedStudy,
  type ImportChoices,
  type TakenWeights,
} from '../../../shared/foreign/imported';
import { check } from '../../../shared/spec/check';
import { KnownMapping } from '../../../shared/spec/host';
import { resnetSkips } from '../../../shared/spec/model';
import { checkStudy } from '../../../shared/spec/study';
import { normModes } from '../../../shared/spec/surface';
import { takeWeights } from '../../host/reader';
import { withTakenFiles } from '../../host/taken-files';
import type { ChooseOptions } from '../../native/choose';
import { usersOwn } from '../../native/paths';
import { withEngine } from '../engine';
import { datasetFlag } from '../dataset-flag';
import { numberFlag, oneOf, readJsonFile } from '../flags';
import { say } from '../print';
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
  mapping?: string;
  out?: string;
  study?: string;
  figures: boolean;
  backend?: ChooseOptions['build'];
}

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
    subset: flags.subset === 'all' ? 'all' : numberFlag('--subset', flags.subset, 1, 1e7),
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

/** `isocurve scan FILE…` */
export async function scan(paths: readonly string[], flags: ScanFlags): Promise<number> {
  const taken: TakenWeights[] = [];
  for (const path of paths) taken.push(await takeWeights(usersOwn(path)));
  const { file } = importedStudy(taken, {
    dataset: await datasetFlag(flags.dataset, flags.normalise),
    scan: scanOf(flags),
    ...fitted(flags),
  });
  const study = checkStudy(await withTakenFiles(file, usersOwn), 'the scan');
  const folder = usersOwn(flags.study ?? defaultFolder(study));
  return withEngine(flags.backend, async (engine) => {
    const start = () => engine.call('study/start', { study: study.file, folder });
    const code = await conduct(engine, study, folder, start, flags.figures);
    if (code !== 0 || flags.out === undefined) return code;
    const { surfaces } = await engine.call('study/results', { folder });
    const ids = surfaces.map(({ id }) => id);
    copyOut(folder, ids, flags.out);
    return 0;
  });
}
