/**
 * TensorFlow's checkpoints (`NAME.index` with `NAME.data-00000-of-00001`), and SavedModels, which
 * are a graph with such a checkpoint in their folder `variables`. Graphs are never run: what is
 * taken are the variables, and the config that Keras 2 keeps beside them.
 * (tensorflow/core/protobuf/tensor_bundle.proto, trackable_object_graph.proto)
 */

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Neighbours, withFile } from './beside';
import {
  bytesIn,
  Malformed,
  numberIn,
  readMessage,
  readVarint,
  textIn,
  type Field,
} from './protobuf';
import type { Source } from './source';
import { maskedChecksum, readTable } from './table';
import { countOf, decode, sizeOfType, type DType, type ForeignTensor } from './tensors';
import { leadsOut } from './within';

const CHECKPOINT = 'a TensorFlow checkpoint';
const MODEL = 'a TensorFlow SavedModel';
const GRAPH_KEY = '_CHECKPOINTABLE_OBJECT_GRAPH';
const VALUE = '/.ATTRIBUTES/VARIABLE_VALUE';
const STRING = 7;
const BIG_ENDIAN = 1;

/** The numbers of tensorflow/core/framework/types.proto. */
const TYPES = new Map<number, DType>([
  [1, 'float32'],
  [2, 'float64'],
  [3, 'int32'],
  [4, 'uint8'],
  [5, 'int16'],
  [6, 'int8'],
  [9, 'int64'],
  [10, 'bool'],
  [14, 'bfloat16'],
  [17, 'uint16'],
  [19, 'float16'],
  [22, 'uint32'],
  [23, 'uint64'],
]);

/** Where a tensor lies. */
interface Entry {
  readonly type: number;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  readonly checksum: number;
  readonly isSliced: boolean;
}

function entryOf(value: Buffer): Entry {
  const fields = readMessage(value);
  const dims = bytesIn(fields, 2).flatMap((shape) => bytesIn(readMessage(shape), 2));
  return {
    type: numberIn(fields, 1),
    shape: dims.map((dim) => numberIn(readMessage(dim), 1)),
    shard: numberIn(fields, 3),
    offset: numberIn(fields, 4),
    size: numberIn(fields, 5),
    checksum: numberIn(fields, 6),
    isSliced: bytesIn(fields, 7).length > 0,
  };
}

/** What training leaves in a checkpoint besides the network. */
const isAside = (key: string, keys: ReadonlyMap<string, unknown>): boolean =>
  /^(optimizer|keras_api|save_counter|_CHECKPOINTABLE_OBJECT_GRAPH)(\/|$)|\/\.OPTIMIZER_SLOT\//.test(
    key,
  ) ||
  // Keras 3 exports every variable twice; these are in no order.
  (key.startsWith('_all_variables/') && keys.has(`variables/0${VALUE}`));

/** The names that variables had in the program, by their keys in the checkpoint. */
function fullNames(graph: readonly Field[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const node of bytesIn(graph, 1)) {
    for (const attribute of bytesIn(readMessage(node), 2)) {
      const fields = readMessage(attribute);
      if (textIn(fields, 2) !== '') names.set(textIn(fields, 3), textIn(fields, 2));
    }
  }
  return names;
}

/** Names of the variables behind `keys`: their own where these differ, without a room all share. */
function namesOf(keys: readonly string[], own: ReadonlyMap<string, string>): string[] {
  const plain = keys.map((key) => key.replace(VALUE, ''));
  const names = keys.map((key, i) => own.get(key) ?? plain[i]);
  if (new Set(names).size < names.length) return plain;
  const rooms = names.map((name) => name.split('/'));
  const isShared = rooms.every((parts) => parts.length > 2 && parts[0] === rooms[0][0]);
  return isShared ? rooms.map((parts) => parts.slice(1).join('/')) : names;
}

/** The files with a checkpoint's numbers. */
class Shards {
  constructor(
    private readonly beside: Neighbours,
    private readonly count: number,
  ) {}

  nameOf(shard: number): string {
    const digits = (value: number) => String(value).padStart(5, '0');
    const stem = basename(this.beside.path).replace(/\.index$/, '');
    return `${stem}.data-${digits(shard)}-of-${digits(this.count)}`;
  }

  /** The bytes of a tensor, by their checksum. @throws Fault 'damaged' */
  read(name: string, { shard, offset, size, checksum }: Entry, sum = maskedChecksum): Buffer {
    return this.beside.read(CHECKPOINT, this.nameOf(shard), (file) => {
      const bytes = file.read(offset, size);
      if (sum(bytes) === checksum) return bytes;
      throw file.refuse(CHECKPOINT, offset, `'${name}' does not have its checksum; fetch it again`);
    });
  }
}

/** The bytes of the one text in a tensor of texts: its length, a checksum of that, itself. */
function textOf(bytes: Buffer): Buffer {
  const { value, next } = readVarint(bytes, 0);
  if (next + 4 + value !== bytes.length) throw new Malformed('its graph is not one text');
  return bytes.subarray(next + 4);
}

/** TensorFlow sums a text's length as 32 bits, not as it is stored. */
function checksumOfText(bytes: Uint8Array): number {
  const text = textOf(Buffer.from(bytes));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const stored = bytes.subarray(bytes.length - text.length - 4, bytes.length - text.length);
  return maskedChecksum(length, stored, text);
}

const inNumberOrder = new Intl.Collator('en', { numeric: true }).compare;

function variablesIn(beside: Neighbours): ForeignTensor[] {
  const table = readTable(beside.source);
  const header = readMessage(table.get('') ?? Buffer.alloc(0));
  if (numberIn(header, 2) === BIG_ENDIAN) throw new Malformed('it is of a big-endian machine');
  const shards = new Shards(beside, numberIn(header, 1));
  table.delete('');
  const graph = table.get(GRAPH_KEY);
  const own =
    graph === undefined
      ? new Map<string, string>()
      : fullNames(readMessage(textOf(shards.read(GRAPH_KEY, entryOf(graph), checksumOfText))));
  const kept = [...table].filter(([key]) => !isAside(key, table));
  kept.sort(([a], [b]) => inNumberOrder(a, b));
  const entries = kept.map(([, value]) => entryOf(value));
  const names = namesOf(
    kept.map(([key]) => key),
    own,
  );
  return entries.flatMap((entry, i) => {
    const name = names[i];
    if (entry.type === STRING) return [];
    const dtype = TYPES.get(entry.type);
    const count = countOf(entry.shape);
    if (dtype === undefined) throw new Malformed(`'${name}' is of the type ${entry.type}`);
    if (entry.isSliced) throw new Malformed(`'${name}' is cut into slices; save it in one`);
    if (count === null || entry.size !== count * sizeOfType(dtype)) {
      throw new Malformed(`'${name}' does not have the size that its shape says`);
    }
    const bytes = () => shards.read(name, entry);
    return [{ name, shape: entry.shape, dtype, bytes, read: () => decode(bytes(), dtype) }];
  });
}

/** Runs `read`; what is malformed is refused as `format`. */
function refusing<T>(source: Source, format: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed) throw source.refuse(format, 0, error.message);
    throw error;
  }
}

/**
 * The variables of a checkpoint, by its index and what lies beside that. @throws Fault 'damaged'
 */
export const readCheckpoint = (beside: Neighbours): ForeignTensor[] =>
  refusing(beside.source, CHECKPOINT, () => variablesIn(beside));

/** Whether a file begins as the graph of a SavedModel: its schema's version, then a graph. */
export const looksLikeSavedModel = (head: Buffer): boolean =>
  head.subarray(0, 3).equals(Buffer.from([0x08, 0x01, 0x12]));

/** Keras 2 writes tuples as objects that hold their items. */
function withoutTuples(_: string, value: unknown): unknown {
  const { class_name: kind, items } = (value ?? {}) as { class_name?: unknown; items?: unknown };
  return kind === '__tuple__' ? items : value;
}

/** The config of a Keras model, as JSON; null where there is none. */
function configIn(metadata: Source): string | null {
  const nodes = bytesIn(readMessage(metadata.read(0, metadata.size)), 1).map(readMessage);
  const root = nodes.find((node) => textIn(node, 3) === 'root');
  if (root === undefined) return null;
  let config: Record<string, unknown> | null;
  try {
    config = JSON.parse(textIn(root, 5), withoutTuples) as Record<string, unknown> | null;
  } catch {
    throw new Malformed('the config of its Keras model is not JSON');
  }
  return JSON.stringify({ class_name: config?.['class_name'], config: config?.['config'] });
}

/**
 * The variables of the SavedModel whose graph lies at `path`, and Keras' config where there is one.
 * @throws Fault 'damaged'
 */
export function readSavedModel(
  source: Source,
  path: string,
): { tensors: ForeignTensor[]; config: string | null } {
  const index = join(dirname(path), 'variables', 'variables.index');
  if (!existsSync(index)) {
    const reason = 'variables/variables.index is missing beside it; bring the whole folder';
    throw source.refuse(MODEL, 0, reason);
  }
  const metadata = join(dirname(path), 'keras_metadata.pb');
  const away = [index, metadata].find((place) => leadsOut(dirname(path), place));
  if (away !== undefined) {
    throw source.refuse(MODEL, 0, `${basename(away)} is a link out of the folder of the model`);
  }
  const tensors = withFile(index, (file) => readCheckpoint(new Neighbours(file, index)));
  if (!existsSync(metadata)) return { tensors, config: null };
  const config = withFile(metadata, (file) => refusing(source, MODEL, () => configIn(file)));
  return { tensors, config };
}
