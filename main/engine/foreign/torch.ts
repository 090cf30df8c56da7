/**
 * What PyTorch's pickles are made of: storages and tensors over them, ordered dicts, sizes; and the
 * NumPy arrays of plain numbers that such files carry along. Source: torch/_utils.py,
 * torch/_weights_only_unpickler.py.
 */

import { Bytes, Global, List, Unsound, type Builder, type Value } from './pickle';
import {
  countOf,
  decode,
  sizeOfType,
  strided,
  type DType,
  type ForeignTensor,
  type Values,
} from './tensors';

const STORAGES = new Map<string, DType>([
  ['DoubleStorage', 'float64'],
  ['FloatStorage', 'float32'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
]);

const NUMPY = new Map<string, DType>([
  ['f8', 'float64'],
  ['f4', 'float32'],
  ['f2', 'float16'],
  ['i8', 'int64'],
  ['i4', 'int32'],
  ['i2', 'int16'],
  ['i1', 'int8'],
  ['u8', 'uint64'],
  ['u4', 'uint32'],
  ['u2', 'uint16'],
  ['u1', 'uint8'],
  ['b1', 'bool'],
]);

/** The dtype of a NumPy code such as `f4`; undefined: one that holds no plain numbers. */
export const numpyType = (code: string): DType | undefined => NUMPY.get(code);

/** A block of numbers that tensors look into. */
export class Storage {
  constructor(
    readonly dtype: DType,
    readonly key: string,
    readonly count: number,
  ) {}
}

/** A view into a storage. */
export class Tensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** A NumPy array as its pickle builds it. */
export class NumpyArray {
  dtype: DType = 'float32';
  little = true;
  shape: readonly number[] = [];
  bytes: Uint8Array = new Uint8Array();
}

class NumpyType {
  little = true;
  constructor(readonly dtype: DType) {}
}

/** A value as it may stand in a sentence. */
const shown = (value: Value): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value;

const isWhole = (value: Value): value is number => Number.isSafeInteger(value);

function wholes(value: Value, what: string): number[] {
  if (
    !Array.isArray(value) ||
    !value.every((one) => isWhole(one as Value) && (one as number) >= 0)
  ) {
    throw new Unsound(`the ${what} of a tensor is malformed`);
  }
  return value as number[];
}

/** A view must lie within its storage. */
function tensorOf(args: readonly Value[]): Tensor {
  const [storage, offset, size, stride] = args;
  if (!(storage instanceof Storage)) throw new Unsound('a tensor has no storage');
  const [shape, strides] = [wholes(size, 'shape'), wholes(stride, 'strides')];
  if (!isWhole(offset) || offset < 0) throw new Unsound('the offset of a tensor is malformed');
  if (shape.length !== strides.length || shape.length > 32)
    throw new Unsound('a tensor has two ranks');
  const count = countOf(shape);
  if (count === null) throw new Unsound(`a tensor of ${shape.join('×')} is too large`);
  const last = shape.reduce((sum, length, i) => sum + (length - 1) * strides[i], offset);
  if (count > 0 && last >= storage.count) throw new Unsound('a tensor reaches beyond its storage');
  // Strides of zero repeat numbers: as many as the file holds, at the most.
  if (count > storage.count) throw new Unsound('a tensor is larger than its storage');
  return new Tensor(storage, offset, shape, strides);
}

function numpyDescr(args: readonly Value[]): NumpyType {
  const [code] = args;
  const dtype = typeof code === 'string' ? numpyType(code) : undefined;
  if (dtype === undefined)
    throw new Unsound(`a NumPy array holds ${shown(code)}, not plain numbers`);
  return new NumpyType(dtype);
}

/** Python 3 writes the bytes of protocol 2 as latin-1 text. */
function encode(args: readonly Value[]): Bytes {
  const [string, encoding] = args;
  if (typeof string !== 'string' || encoding !== 'latin1')
    throw new Unsound('it encodes what is no latin-1');
  return new Bytes(Uint8Array.from(string, (character) => character.charCodeAt(0)));
}

function scalar(args: readonly Value[]): number {
  const [type, bytes] = args;
  if (!(type instanceof NumpyType) || !(bytes instanceof Bytes))
    throw new Unsound('a NumPy scalar is malformed');
  return decode(bytes.bytes, type.dtype, type.little)[0];
}

type Call = (args: readonly Value[]) => Value;

const parameter: Call = (args) => {
  if (!(args[0] instanceof Tensor)) throw new Unsound('a parameter has no tensor');
  return args[0];
};

function orderedDict(args: readonly Value[]): Value {
  const [pairs] = args;
  const map = new Map<Value, Value>();
  if (pairs === undefined) return map;
  if (!(pairs instanceof List)) throw new Unsound('an ordered dict is malformed');
  for (const pair of pairs.items) {
    const two = pair instanceof List ? pair.items : pair;
    if (!Array.isArray(two) || two.length !== 2) throw new Unsound('an ordered dict is malformed');
    map.set(two[0] as Value, two[1] as Value);
  }
  return map;
}

const CALLS = new Map<string, Call>([
  ['collections.OrderedDict', orderedDict],
  ['torch._utils._rebuild_tensor_v2', tensorOf],
  ['torch._utils._rebuild_tensor', tensorOf],
  ['torch._utils._rebuild_parameter', parameter],
  ['torch.Size', (args) => args[0]],
  ['_codecs.encode', encode],
  ['numpy.dtype', numpyDescr],
  ['numpy.core.multiarray._reconstruct', () => new NumpyArray()],
  ['numpy._core.multiarray._reconstruct', () => new NumpyArray()],
  ['numpy.core.multiarray.scalar', scalar],
  ['numpy._core.multiarray.scalar', scalar],
]);

/** Names that stand for themselves and cannot be called. */
const NAMES = new Set([
  'numpy.ndarray',
  ...[...STORAGES.keys()].map((name) => `torch.${name}`),
  ...[...STORAGES.keys()].map((name) => `torch.cuda.${name}`),
]);

/**
 * The state of a NumPy dtype: (version, byte order, …); of an array: (version, shape, dtype, …).
 */
function setState(target: Value, state: Value): void {
  if (target instanceof Map) return; // attributes of an ordered dict, such as _metadata
  if (!Array.isArray(state)) throw new Unsound('it sets an odd state');
  if (target instanceof NumpyType) {
    if (state[1] !== '<' && state[1] !== '>' && state[1] !== '|')
      throw new Unsound('a dtype has no byte order');
    target.little = state[1] !== '>';
    return;
  }
  if (!(target instanceof NumpyArray)) throw new Unsound('it sets the state of what has none');
  const [, shape, type, isFortran, held] = state as Value[];
  const content = typeof held === 'string' ? encode([held, 'latin1']) : held;
  if (!(type instanceof NumpyType) || !(content instanceof Bytes)) {
    throw new Unsound('a NumPy array holds objects, not plain numbers');
  }
  target.shape = wholes(shape, 'shape');
  const count = countOf(target.shape);
  if (isFortran === true && target.shape.length > 1)
    throw new Unsound('a NumPy array is stored by columns');
  if (count === null || count * sizeOfType(type.dtype) !== content.bytes.length) {
    throw new Unsound('a NumPy array has not the bytes of its shape');
  }
  target.dtype = type.dtype;
  target.little = type.little;
  target.bytes = content.bytes;
}

export const torchBuilder: Builder = {
  knows: (global) => CALLS.has(global) || NAMES.has(global),
  call(global, args) {
    const call = CALLS.get(global);
    if (call === undefined) throw new Unsound(`it calls ${global}`);
    return call(args);
  },
  persistent(id) {
    const [kind, type, key, , count] = Array.isArray(id) ? (id as Value[]) : [];
    if (kind !== 'storage' || !(type instanceof Global))
      throw new Unsound('it refers to what is no storage');
    const dtype = STORAGES.get(type.name.replace(/^torch\.(cuda\.)?/, ''));
    if (dtype === undefined) throw new Unsound(`it stores numbers as ${type.name}`);
    if (typeof key !== 'string' || !isWhole(count) || count < 0)
      throw new Unsound('a storage is malformed');
    return new Storage(dtype, key, count);
  },
  setState,
};

/** Holders within holders. */
const MOST_HOLDERS = 4;
/** Keys under which trainers keep the weights, the commonest first. */
const HOLDERS = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'weights', 'params'];

const isTensor = (value: Value): boolean => value instanceof Tensor || value instanceof NumpyArray;

/** The map of names to tensors within what a file holds; null where there is none. */
export function stateDictOf(root: Value, depth = 0): Map<Value, Value> | null {
  if (!(root instanceof Map) || depth > MOST_HOLDERS) return null;
  const held = HOLDERS.map((key) => root.get(key)).find((value) => value instanceof Map);
  if (held !== undefined) return stateDictOf(held as Value, depth + 1);
  return [...root.values()].some(isTensor) ? root : null;
}

/** The named tensors of a state dict; `load` gives the numbers of a storage. */
export function tensorsOf(
  dict: Map<Value, Value>,
  load: (storage: Storage) => Values,
): ForeignTensor[] {
  return [...dict].flatMap(([key, value]): ForeignTensor[] => {
    if (typeof key !== 'string') return [];
    if (value instanceof Tensor) {
      const { shape, storage } = value;
      const read = () => strided(load(storage), value.offset, shape, value.strides);
      return [{ name: key, shape, dtype: storage.dtype, read }];
    }
    if (value instanceof NumpyArray) {
      const { shape, dtype, bytes, little } = value;
      return [{ name: key, shape, dtype, read: () => decode(bytes, dtype, little) }];
    }
    return [];
  });
}
