/** What a file is, by its content and never by its name. */

import { Fault } from '../../../shared/fault';
import { findRecipe } from '../../../shared/figure/recipe';
import { shortened } from '../../../shared/text';
import type { ForeignSurface } from '../../../shared/spec/foreign-surface';
import type { LayersSpec } from '../../../shared/spec/model';
import type { FileKind } from '../../../shared/spec/foreign';
import { Neighbours } from './beside';
import { HDF5_MAGIC, readHdf5 } from './hdf5';
import { isKeras, isKerasHdf5, kerasTensors, readKeras } from './keras';
import { networkOf } from './keras-names';
import { isNpz, NPY_MAGIC, readNpy, readNpz } from './npy';
import { readTorchStream, readTorchZip, STREAM_MAGIC, torchFolder } from './pytorch';
import { looksLikeSafetensors, readSafetensors } from './safetensors';
import type { Source } from './source';
import { isTable } from './table';
import { looksLikeSavedModel, readCheckpoint, readSavedModel } from './tensorflow';
import type { ForeignTensor } from './tensors';
import { isShardIndex, isTfjs, readShards, readTfjs } from './tfjs';
import { archivedSurface, jsonSurface, peerSurface, pickledSurface } from './surfaces';
import { readZip } from './zip';

export interface Identified {
  readonly kind: FileKind;
  readonly format: string;
  readonly tensors: readonly ForeignTensor[];
  /** Files that it names, as far as they were read. */
  readonly beside?: Neighbours;
  /** Of a surface that can be drawn. */
  readonly surface?: ForeignSurface;
  /** What the file says of its own architecture; or why that cannot be taken. */
  readonly network?: LayersSpec | string;
}

const of = (
  kind: FileKind,
  format: string,
  tensors: readonly ForeignTensor[] = [],
): Identified => ({
  kind,
  format,
  tensors,
});

/** A pickle that cannot be read as data is no surface, and is never read in another way. */
function resultsIn(source: Source): ForeignSurface | null {
  try {
    return pickledSurface(source);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** Weights with the architecture that stands beside them. */
function withNetwork(
  format: string,
  tensors: readonly ForeignTensor[],
  config: string,
): Identified {
  return { ...of('checkpoint', format, tensors), ...networkOf(tensors, config) };
}

const ofSurface = (surface: ForeignSurface, tensors: readonly ForeignTensor[]): Identified => ({
  ...of('surface', `surface of ${surface.format}`, tensors),
  surface,
});

const begins = (head: Buffer, magic: Buffer, offset = 0): boolean =>
  head.subarray(offset, offset + magic.length).equals(magic);

/** Characters in the name of a tensor. */
const MOST_NAME = 1024;
/** JSON and drawings with a recipe inside are read whole; larger ones are none. */
const MOST_TEXT = 256 * 2 ** 20;

const ARCHIVES = new Map([
  ['377abcaf271c', 'a 7-Zip archive'],
  ['526172211a07', 'a RAR archive'],
  ['fd377a585a00', 'an xz archive'],
  ['425a68', 'a bzip2 archive'],
  ['1f8b', 'a gzip archive'],
]);

async function inZip(source: Source): Promise<Identified> {
  const entries = readZip(source);
  const folder = torchFolder(entries);
  if (folder !== null) {
    return of('checkpoint', 'PyTorch archive', readTorchZip(source, entries, folder));
  }
  if (isKeras(entries)) {
    const config = entries.get('config.json')!;
    const tensors = await readKeras(source, entries);
    return withNetwork('Keras archive', tensors, config.read().toString('utf8'));
  }
  if (isNpz(entries)) {
    const arrays = readNpz(entries);
    const surface = archivedSurface(source, arrays);
    return surface === null
      ? of('checkpoint', 'NumPy archive', arrays)
      : ofSurface(surface, arrays);
  }
  const names = [...entries.keys()].slice(0, 3).map((name) => shortened(name, 80));
  throw source.refuse(
    'a zip archive',
    0,
    `it holds neither weights nor arrays but ${names.join(', ')}; unpack it`,
  );
}

async function inHdf5(source: Source): Promise<Identified> {
  const content = await readHdf5(source);
  const { roots } = content;
  if (roots.includes('xdirection'))
    return of('directions', 'loss-landscape directions', content.tensors);
  if (roots.includes('xcoordinates')) {
    return ofSurface(peerSurface(source, content.tensors), content.tensors);
  }
  if (isKerasHdf5(content)) {
    const tensors = kerasTensors(source, content);
    const config = content.attributes.get('model_config');
    return config === undefined
      ? of('checkpoint', 'Keras weights', tensors)
      : withNetwork('Keras model', tensors, config);
  }
  return of('checkpoint', 'HDF5', content.tensors);
}

function inSavedModel(source: Source, path: string): Identified {
  const { tensors, config } = readSavedModel(source, path);
  return config === null
    ? of('checkpoint', 'TensorFlow SavedModel', tensors)
    : withNetwork('TensorFlow SavedModel', tensors, config);
}

function inJson(source: Source, beside: Neighbours): Identified {
  const text = source.read(0, source.size).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw source.refuse('JSON', 0, 'it begins as JSON and is none');
  }
  const keys = new Map(Object.entries(json as object));
  if (isTfjs(keys)) {
    const tensors = readTfjs(beside, keys);
    const topology = keys.get('modelTopology') as Record<string, unknown> | undefined;
    const model = topology?.['model_config'] ?? topology;
    return model === undefined || keys.get('format') === 'graph-model'
      ? of('checkpoint', 'TensorFlow.js model', tensors)
      : withNetwork('TensorFlow.js model', tensors, JSON.stringify(model));
  }
  if (isShardIndex(keys)) {
    return of('checkpoint', 'sharded safetensors', readShards(beside, keys));
  }
  if (keys.has('question') && keys.has('variants')) return of('study', 'study of Isocurve');
  if (findRecipe(Buffer.from(text)) !== null) return of('figure', 'figure of Isocurve');
  const surface = jsonSurface(source, keys);
  if (surface !== null) return ofSurface(surface, []);
  throw source.refuse(
    'JSON',
    0,
    'it is neither a model, nor an index of one, nor a study, nor a surface with axes and losses',
  );
}

/**
 * Reads what `source`, which lies at `path`, is. @throws Fault 'damaged' when it is nothing known
 */
export async function identify(source: Source, path: string): Promise<Identified> {
  const beside = new Neighbours(source, path);
  const found = await identifyWith(beside);
  checkNames(source, found.tensors);
  return { ...found, beside };
}

/** Names are listed, matched and sent to windows: none is as long as a file. */
function checkNames(source: Source, tensors: readonly ForeignTensor[]): void {
  const long = tensors.find(({ name }) => name.length > MOST_NAME);
  if (long === undefined) return;
  const length = long.name.length.toLocaleString('en');
  const reason = `the name '${shortened(long.name, 80)}' of a tensor has ${length} characters; ${MOST_NAME} are the most`;
  throw source.refuse('weights', 0, reason);
}

async function identifyWith(beside: Neighbours): Promise<Identified> {
  const { source, path } = beside;
  if (source.size === 0) throw source.refuse('anything', 0, 'it is empty; fetch it again');
  const head = source.read(0, Math.min(64, source.size));
  if (begins(head, Buffer.from('PK'))) return inZip(source);
  if (begins(head, HDF5_MAGIC)) return inHdf5(source);
  if (begins(head, NPY_MAGIC)) {
    const name = source.name.replace(/\.npy$/, '');
    return of('checkpoint', 'NumPy array', [readNpy(source, name)]);
  }
  if (head[0] === 0x80 && begins(head, STREAM_MAGIC, 2)) {
    return of('checkpoint', 'PyTorch stream', readTorchStream(source));
  }
  if (looksLikeSafetensors(head, source.size)) {
    return of('checkpoint', 'safetensors', readSafetensors(source));
  }
  if (isTable(source)) {
    return of('checkpoint', 'TensorFlow checkpoint', readCheckpoint(beside));
  }
  if (looksLikeSavedModel(head)) return inSavedModel(source, path);
  const archive = [...ARCHIVES].find(([magic]) => begins(head, Buffer.from(magic, 'hex')));
  if (archive !== undefined) {
    throw source.refuse('weights', 0, `it is ${archive[1]}; unpack it and take what is in it`);
  }
  if (head[0] === 0x80 && head[1] <= 5) {
    const surface = source.size <= MOST_TEXT ? resultsIn(source) : null;
    if (surface !== null) return ofSurface(surface, []);
    const reason =
      'it is a bare Python pickle, which could be code; save a state_dict() by torch.save';
    throw source.refuse('weights', 0, reason);
  }
  if (source.size <= MOST_TEXT) {
    if (/^\s*\{/.test(head.toString('latin1'))) return inJson(source, beside);
    if (findRecipe(source.read(0, source.size)) !== null) return of('figure', 'figure of Isocurve');
  }
  throw source.refuse('anything known', 0, `it begins with ${head.subarray(0, 8).toString('hex')}`);
}
