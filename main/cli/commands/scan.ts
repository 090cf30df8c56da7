/** `scan`: from files of weights to surfaces and pictures, in one command. */

import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Fault } from '../../../shared/fault';
import { datasetKinds } from '../../../shared/spec/dataset';
import { checkStudy, type Study } from '../../../shared/spec/study';
import { normModes } from '../../../shared/spec/surface';
import { takeWeights, type Taken } from '../../host/reader';
import type { ChooseOptions } from '../../native/choose';
import { withEngine } from '../engine';
import { numberFlag, oneOf } from '../flags';
import { say } from '../print';
import { conduct, defaultFolder } from './compare';

export interface ScanFlags {
  dataset: string;
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
  out?: string;
  study?: string;
  backend?: ChooseOptions['build'];
}

const SKIPS = ['none', 'projection', 'identity'] as const;

/** A name for a variant, from that of its file. */
const nameOf = (path: string, i: number): string =>
  basename(path)
    .toLowerCase()
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '') || `weights-${i + 1}`;

/** The network of a file: what its tensors say, with the flags laid over it. */
function modelOf({ report }: Taken, flags: ScanFlags): Record<string, unknown> {
  const { guess } = report;
  if (guess?.model === null) {
    throw new Fault('bad-value', `${report.name} is of ${guess.says}: ${guess.open}`);
  }
  const asked = {
    ...(flags.depth === undefined ? {} : { depth: numberFlag('--depth', flags.depth, 8, 1202) }),
    ...(flags.width === undefined ? {} : { width: numberFlag('--width', flags.width, 1, 8192) }),
    ...(flags.skip === undefined ? {} : { skip: oneOf('--skip', flags.skip, SKIPS) }),
  };
  if (guess === null && asked.depth === undefined) {
    throw new Fault(
      'bad-value',
      `names and shapes in ${report.name} do not tell its network; say it by --depth, --width and --skip (a ResNet of He's CIFAR family)`,
    );
  }
  if (guess !== null && guess.open !== '' && asked.skip === undefined) {
    throw new Fault('bad-value', `${report.name} is a ${guess.says}: ${guess.open}`);
  }
  return { family: 'resnet', ...guess?.model, ...asked };
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

/** The study that looks at these weights side by side. */
function studyOf(paths: readonly string[], taken: readonly Taken[], flags: ScanFlags): Study {
  const names = paths.map(nameOf);
  const variants = taken.map((one, i) => ({
    name: names.indexOf(names[i]) === i ? names[i] : `${names[i]}-${i + 1}`,
    label: one.report.name,
    model: modelOf(one, flags),
    weights: { file: one.path, source: one.report.name },
  }));
  const file = {
    name: variants[0].name.replaceAll('.', '-'),
    question: `What is the loss around ${taken.map(({ report }) => report.name).join(', ')}?`,
    dataset: { kind: oneOf('--dataset', flags.dataset, datasetKinds) },
    variants,
    scans: [scanOf(flags)],
  };
  return checkStudy(file, 'the scan');
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
  const taken: Taken[] = [];
  for (const path of paths) taken.push(await takeWeights(path));
  const study = studyOf(paths, taken, flags);
  const folder = resolve(flags.study ?? defaultFolder(study));
  return withEngine(flags.backend, async (engine) => {
    const start = () => engine.call('study/start', { study: study.file, folder });
    const code = await conduct(engine, study, folder, start);
    if (code !== 0 || flags.out === undefined) return code;
    const { surfaces } = await engine.call('study/results', { folder });
    const ids = surfaces.map(({ id }) => id);
    copyOut(folder, ids, flags.out);
    return 0;
  });
}
