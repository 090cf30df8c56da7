/** What dataset a folder or file of others holds: each kind of reader is asked in turn. */

import { Fault } from '../../../../shared/fault';
import type { TakeOptions } from '../../../../shared/spec/dataset';
import { readArrays } from './arrays';
import { openBundle, type Bundle } from './bundle';
import { readCifar } from './cifar';
import { readTables } from './csv';
import { readFolders } from './folders';
import { readIdxDataset } from './idx';
import type { FoundDataset } from './samples';

/** The dataset that a bundle holds; null where no reader knows it. @throws Fault */
export const readFound = async (
  bundle: Bundle,
  options: TakeOptions,
): Promise<FoundDataset | null> =>
  readCifar(bundle) ??
  readIdxDataset(bundle, options.part) ??
  (await readFolders(bundle, options)) ??
  readArrays(bundle, options) ??
  (await readTables(bundle, options));

/** The dataset at `path`. @throws Fault 'damaged' or 'bad-value' */
export async function readDataset(path: string, options: TakeOptions): Promise<FoundDataset> {
  const bundle = await openBundle(path);
  const found = await readFound(bundle, options);
  if (found !== null) return found;
  const names = bundle.slice(0, 3).map(({ name }) => name);
  throw new Fault(
    'damaged',
    `${path} holds no dataset known here (${names.join(', ') || 'it is empty'}); known are CIFAR, IDX files of MNIST and its kin, folders of images per class, NumPy arrays and CSV`,
  );
}
