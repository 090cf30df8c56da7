/**
 * `--dataset` and `--normalise`: a dataset that ships, one of the store, or files to be taken in.
 */

import { existsSync } from 'node:fs';
import { Fault } from '../../shared/fault';
import { check } from '../../shared/spec/check';
import {
  datasetKinds,
  DatasetSpec,
  NormaliseSpec,
  type TakeOptions,
} from '../../shared/spec/dataset';
import { takeDataset } from '../host/reader';
import { usersOwn } from '../native/paths';
import { ProgressLine, say } from './print';

/** Takes files into the store, with a line of progress. */
export async function takeWithProgress(path: string, options: TakeOptions) {
  const line = new ProgressLine();
  const tell = (share: number) =>
    line.update({ share, eta: null, phase: `reading ${path}`, state: 'running' });
  try {
    return await takeDataset(usersOwn(path), options, { tell });
  } finally {
    line.clear();
  }
}

/** `own`, `unit`, `loss-landscape`, or MEAN,…/DEVIATION,… in raw values. */
export function normaliseFlag(text: string): NormaliseSpec {
  const parts = text.split('/');
  if (parts.length !== 2) return check(NormaliseSpec, text, '--normalise');
  const [mean, deviation] = parts.map((part) => part.split(',').map(Number));
  if ([...mean, ...deviation].some((value) => !Number.isFinite(value))) {
    throw new Fault(
      'bad-value',
      `--normalise must be own, unit, loss-landscape, or means and deviations such as 125.3,123,113.9/63,62.1,66.7; got '${text}'`,
    );
  }
  return check(NormaliseSpec, { mean, deviation }, '--normalise');
}

const isPath = (text: string): boolean => /[\\/.]/.test(text) && existsSync(text);

/** The dataset that the flags ask for; files are taken into the store on the way. */
export async function datasetFlag(
  text: string,
  normalise: string | undefined,
): Promise<DatasetSpec> {
  const rest = normalise === undefined ? {} : { normalise: normaliseFlag(normalise) };
  const kind = datasetKinds.find((known) => known === text);
  if (kind !== undefined) return check(DatasetSpec, { kind, ...rest }, '--dataset');
  if (!isPath(text)) {
    return check(DatasetSpec, { kind: 'stored', name: text, ...rest }, '--dataset');
  }
  const { name, hash } = await takeWithProgress(text, {});
  say(`${text} is now the dataset '${name}'`);
  return check(DatasetSpec, { kind: 'stored', name, hash, ...rest }, '--dataset');
}
