/**
 * Keras' files: `.keras` archives, `.weights.h5` and the older `.h5`. Only weights are read; what
 * would run code in Python (Lambda layers, CVE-2025-1550, CVE-2025-9905) is refused by name.
 */

import type { Source } from './source';
import { MemorySource } from './source';
import { readHdf5, type Hdf5Content } from './hdf5';
import type { ForeignTensor } from './tensors';
import type { ZipEntry } from './zip';

const FORMAT = 'a Keras model';
const MOST_CONFIG = 64 * 2 ** 20;

const isLambda = (value: object): boolean =>
  'class_name' in value &&
  typeof value.class_name === 'string' &&
  /(^|>)Lambda$/.test(value.class_name);

/** Whether a Lambda stands anywhere in a config, however its letters are written. */
function holdsLambda(config: string): boolean {
  let root: unknown;
  try {
    root = JSON.parse(config);
  } catch {
    // Python reads NaN and Infinity, too: what is no JSON here may be some for Keras.
    const plain = config.replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(parseInt(code, 16)),
    );
    return /"class_name"\s*:\s*"([^"]*>)?Lambda"/.test(plain);
  }
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isLambda(value)) return true;
    for (const inner of Object.values(value)) open.push(inner);
  }
  return false;
}

function checkConfig(source: Source, config: string): void {
  if (!holdsLambda(config)) return;
  const reason =
    'it has a Lambda layer, which is Python code; replace it by a layer, or save weights only';
  throw source.refuse(FORMAT, 0, reason);
}

/** Whether a zip archive is a `.keras` file. */
export const isKeras = (entries: ReadonlyMap<string, ZipEntry>): boolean =>
  entries.has('config.json') && entries.has('model.weights.h5');

/** Names as Keras' layers have them: without the rooms its files are divided into. */
const shortName = (name: string): string =>
  name
    .replace(/^(model_weights|layers|_layer_checkpoint_dependencies)\//, '')
    .replace('/vars/', '/')
    .replace(/:0$/, '');

const renamed = (tensors: readonly ForeignTensor[]): ForeignTensor[] =>
  tensors
    .filter(({ name }) => !/^(optimizer|optimizer_weights)\//.test(name))
    .map((tensor) => ({ ...tensor, name: shortName(tensor.name) }));

/** The weights of a `.keras` archive. @throws Fault 'damaged' */
export async function readKeras(
  source: Source,
  entries: ReadonlyMap<string, ZipEntry>,
): Promise<ForeignTensor[]> {
  const config = entries.get('config.json')!;
  if (config.size > MOST_CONFIG)
    throw source.refuse(FORMAT, config.offset, 'its config is too large');
  checkConfig(source, config.read().toString('utf8'));
  const weights = new MemorySource(source.name, entries.get('model.weights.h5')!.read());
  return renamed((await readHdf5(weights)).tensors);
}

/** Whether an HDF5 file is Keras': its weights, or a whole model of the older format. */
export const isKerasHdf5 = ({ roots, attributes }: Hdf5Content): boolean =>
  roots.includes('model_weights') ||
  attributes.has('keras_version') ||
  (roots.includes('layers') && roots.length <= 3) ||
  roots.includes('_layer_checkpoint_dependencies');

/** The weights of a Keras file in HDF5. @throws Fault 'damaged' */
export function kerasTensors(
  source: Source,
  { attributes, tensors }: Hdf5Content,
): ForeignTensor[] {
  checkConfig(source, attributes.get('model_config') ?? '');
  return renamed(tensors);
}
