/**
 * PyTorch's two file formats: the zip archive of `torch.save` since 1.6, and the stream of pickles
 * before it. Source: torch/serialization.py.
 */

import { Unpickler, type Value } from './pickle';
import type { Source } from './source';
import { decode, sizeOfType, type ForeignTensor, type Values } from './tensors';
import { stateDictOf, Storage, tensorsOf, torchBuilder } from './torch';
import type { ZipEntry } from './zip';

const ZIP = 'a PyTorch archive';
const STREAM = 'a PyTorch stream';
/** Bytes of a pickle: names and shapes, never numbers. */
const MOST_PICKLE = 256 * 2 ** 20;
/** The number that begins the stream format. */
export const STREAM_MAGIC = Buffer.from('8a0a6cfc9c46f9206aa850192e', 'hex');

function dictIn(source: Source, format: string, root: Value): Map<Value, Value> {
  const dict = stateDictOf(root);
  if (dict !== null) return dict;
  throw source.refuse(format, 0, 'it holds no named tensors; save the state_dict() of the network');
}

/** Numbers of each storage, kept while tensors share it. */
function keeping(load: (storage: Storage) => Values): (storage: Storage) => Values {
  let last: { key: string; values: Values } | null = null;
  return (storage) => {
    if (last?.key !== storage.key) last = { key: storage.key, values: load(storage) };
    return last.values;
  };
}

/** The entry under the archive's own folder. */
function entryOf(entries: ReadonlyMap<string, ZipEntry>, folder: string, path: string) {
  return entries.get(`${folder}${path}`);
}

/** Whether a zip archive is PyTorch's, and the folder in it; null: it is not. */
export function torchFolder(entries: ReadonlyMap<string, ZipEntry>): string | null {
  const pickle = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  return pickle === undefined ? null : pickle.slice(0, -'data.pkl'.length);
}

/** The named tensors of an archive. @throws Fault 'damaged' */
export function readTorchZip(
  source: Source,
  entries: ReadonlyMap<string, ZipEntry>,
  folder: string,
): ForeignTensor[] {
  const refuse = (offset: number, reason: string) => source.refuse(ZIP, offset, reason);
  const pickle = entryOf(entries, folder, 'data.pkl')!;
  if (entryOf(entries, folder, 'constants.pkl') !== undefined) {
    throw refuse(pickle.offset, 'it is a TorchScript program; save the state_dict() alone');
  }
  if (pickle.size > MOST_PICKLE) throw refuse(pickle.offset, 'its pickle is too large');
  const order = entryOf(entries, folder, 'byteorder');
  const isLittle = order === undefined || order.read().toString('latin1') !== 'big';
  const at = (offset: number, reason: string) => refuse(pickle.offset + offset, reason);
  const machine = new Unpickler(pickle.read(), 0, torchBuilder, at);
  const dict = dictIn(source, ZIP, machine.load());
  const load = keeping((storage) => {
    const entry = entryOf(entries, folder, `data/${storage.key}`);
    if (entry === undefined) throw refuse(0, `the storage '${storage.key}' is missing`);
    if (!entry.isStored)
      throw refuse(entry.offset, 'its numbers are compressed, which PyTorch never does');
    if (entry.size < storage.count * sizeOfType(storage.dtype)) {
      throw refuse(entry.offset, `the storage '${storage.key}' is too short`);
    }
    return decode(entry.read(), storage.dtype, isLittle);
  });
  return tensorsOf(dict, load);
}

/** Where each storage of a stream lies: behind the pickles, a length before each. */
function storagePlaces(
  source: Source,
  keys: readonly Value[],
  from: number,
  storages: ReadonlyMap<string, Storage>,
): Map<string, number> {
  const places = new Map<string, number>();
  let at = from;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined)
      throw source.refuse(STREAM, at, 'it lists a storage that nothing uses');
    const count = source.read(at, 8).readBigInt64LE();
    if (count !== BigInt(storage.count)) {
      throw source.refuse(STREAM, at, `the storage '${storage.key}' has two lengths`);
    }
    places.set(storage.key, at + 8);
    at += 8 + storage.count * sizeOfType(storage.dtype);
    if (at > source.size) throw source.refuse(STREAM, source.size, 'it is cut off in its numbers');
  }
  return places;
}

/** The named tensors of a stream. @throws Fault 'damaged' */
export function readTorchStream(source: Source): ForeignTensor[] {
  const refuse = (offset: number, reason: string) => source.refuse(STREAM, offset, reason);
  const bytes = source.read(0, Math.min(source.size, MOST_PICKLE));
  const storages = new Map<string, Storage>();
  const builder = {
    ...torchBuilder,
    persistent(id: Value): Value {
      const storage = torchBuilder.persistent(id) as Storage;
      const known = storages.get(storage.key);
      if (known === undefined) storages.set(storage.key, storage);
      return known ?? storage;
    },
  };
  let at = 0;
  const next = (): Value => {
    const machine = new Unpickler(bytes, at, builder, refuse);
    const value = machine.load();
    at = machine.position;
    return value;
  };
  next(); // the magic number, which detection has seen
  const version = next();
  if (version !== 1001) throw refuse(at, `its version is ${String(version)}, not 1001`);
  const system = next();
  const isLittle = !(system instanceof Map) || system.get('little_endian') !== false;
  const dict = dictIn(source, STREAM, next());
  const keys = next();
  const list = keys !== null && typeof keys === 'object' && 'items' in keys ? keys.items : null;
  if (!Array.isArray(list)) throw refuse(at, 'it has no list of storages');
  const places = storagePlaces(source, list as Value[], at, storages);
  const load = keeping((storage) => {
    const place = places.get(storage.key);
    if (place === undefined) throw refuse(at, `the storage '${storage.key}' is missing`);
    const content = source.read(place, storage.count * sizeOfType(storage.dtype));
    return decode(content, storage.dtype, isLittle);
  });
  return tensorsOf(dict, load);
}
