/**
 * HDF5 files of others, in memory only. Refused: links and storage outside the file, virtual
 * datasets, filters other than deflate, shuffle and checksums, and datasets that claim far more
 * than the file holds (CVE-2026-1669 read files through external storage), or more than the
 * library, whose addresses have 32 bits, can be asked for at once.
 */

import h5wasm, { Attribute, Dataset, ExternalLink, File, Group, Module } from 'h5wasm';
import { Fault } from '../../../shared/fault';
import type { Source } from './source';
import { countOf, decode, dtypes, type DType, type ForeignTensor, type Values } from './tensors';

const FORMAT = 'HDF5';
export const HDF5_MAGIC = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

const MOST_OBJECTS = 100_000;
const MOST_DEPTH = 32;
/** Times that a dataset may be larger than the file it lies in. */
const MOST_RATIO = 200;
/** Bytes that the library takes as one length: above it, a signed number of 32 bits turns round. */
const MOST_LENGTH = 2 ** 31 - 1;
/** Bytes of a text among the attributes, such as the config of a model. */
const MOST_ATTRIBUTE = 64 * 2 ** 20;
const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER = 3;
const INTEGER = 0;
const FLOAT = 1;
const TEXT = 3;
const OPAQUE = 5;

export interface Hdf5Content {
  /** Names of what lies at the top. */
  readonly roots: readonly string[];
  /** Texts among the attributes at the top. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly tensors: readonly ForeignTensor[];
}

/** Bytes of `shape` numbers of `size` bytes; null where the library cannot be asked for them. */
function lengthOf(shape: readonly number[], size: number): number | null {
  const count = countOf(shape);
  if (count === null || !Number.isSafeInteger(size) || size < 0) return null;
  return BigInt(count) * BigInt(size) <= BigInt(MOST_LENGTH) ? count * size : null;
}

/** A single text; null: the attribute is another thing, or longer than anything needed here. */
function textOf(attribute: Attribute): string | null {
  const { type, size } = attribute.metadata;
  const isShort = (lengthOf([], size) ?? Infinity) <= MOST_ATTRIBUTE;
  if (type !== TEXT || attribute.shape?.length !== 0 || !isShort) return null;
  const { value } = attribute;
  return typeof value === 'string' ? value : null;
}

/** The dtype of a dataset; null where it holds no plain numbers. */
function typeOf(dataset: Dataset): DType | null {
  const { type, size, signed } = dataset.metadata;
  if (type === FLOAT)
    return size === 8 ? 'float64' : size === 4 ? 'float32' : size === 2 ? 'float16' : null;
  // What HDF5 has no type for, Keras stores as bytes and says so beside them.
  if (type === OPAQUE && size === 2) {
    const said = dataset.attrs['dtype'];
    if (said !== undefined && textOf(said) === 'bfloat16') return 'bfloat16';
  }
  if (type !== INTEGER) return null;
  const name = `${signed ? '' : 'u'}int${8 * size}`;
  return dtypes.find((dtype) => dtype === name) ?? null;
}

/**
 * The `length` bytes of a dataset, little-endian: h5wasm's own values know no half precision.
 */
function bytesOf({ file_id, path }: Dataset, length: number): Uint8Array {
  const place = Module._malloc(length);
  if (place === 0 && length > 0) throw new Error('there is not enough memory for it');
  try {
    Module.get_dataset_data(file_id, path, null, null, null, BigInt(place));
    const bytes = Module.HEAPU8.slice(place, place + length);
    if (bytes.length !== length) throw new Error(`${bytes.length} of ${length} bytes came back`);
    return bytes;
  } finally {
    Module._free(place);
  }
}

/** The library stumbled over the file, and is not to be used again in this process. */
const isTrap = (error: unknown): boolean => (error as Error).name === 'RuntimeError';

/** The last of the many lines in which HDF5 says what went wrong. */
function innermost(error: unknown): string {
  if (isTrap(error)) return 'HDF5 itself fails on it';
  const { message } = error as Error;
  const [last] = [...message.matchAll(/\(\): (.*)/g)].reverse();
  return (last?.[1] ?? message.split('\n')[0]).slice(0, 200);
}

class Walk {
  readonly tensors: ForeignTensor[] = [];
  private objects = 0;
  /** Bytes that the datasets so far claim. */
  private claimed = 0;

  constructor(private readonly source: Source) {}

  private refuse(reason: string): Fault {
    return this.source.refuse(FORMAT, 0, reason);
  }

  group(group: Group, path: string, depth: number): void {
    if (depth > MOST_DEPTH) throw this.refuse('its groups are nested too deeply');
    for (const key of group.keys()) {
      if (++this.objects > MOST_OBJECTS) throw this.refuse(`it holds over ${MOST_OBJECTS} objects`);
      const name = path === '' ? key : `${path}/${key}`;
      const entity = group.get(key);
      if (entity instanceof ExternalLink) {
        throw this.refuse(`'${name}' is a link to the file ${JSON.stringify(entity.filename)}`);
      }
      if (entity instanceof Group) this.group(entity, name, depth + 1);
      else if (entity instanceof Dataset) this.dataset(entity, name);
    }
  }

  private dataset(dataset: Dataset, name: string): void {
    if (dataset.metadata.virtual_sources !== undefined) {
      throw this.refuse(`'${name}' lies in another file; store it in this one`);
    }
    const known = [DEFLATE, SHUFFLE, FLETCHER];
    const stranger = dataset.filters.find(({ id }) => !known.includes(id));
    if (stranger !== undefined) {
      throw this.refuse(`'${name}' is packed by the filter ${stranger.id}; pack it by gzip`);
    }
    const dtype = typeOf(dataset);
    if (dtype === null || dataset.shape === null) return;
    const shape = dataset.shape.map(Number);
    const length = this.checkLength(dataset.metadata, shape, name);
    let values: Values;
    try {
      values = decode(bytesOf(dataset, length), dtype);
    } catch (error) {
      throw this.refuse(`'${name}' cannot be read (${innermost(error)})`);
    }
    this.tensors.push({ name, shape, dtype, read: () => values });
  }

  /** Bytes of a dataset, of which every length that the library sees is checked. */
  private checkLength(metadata: Dataset['metadata'], shape: number[], name: string): number {
    const { size, total_size: total, chunks } = metadata;
    const claims = `'${name}' claims ${shape.join('×')} numbers`;
    const count = countOf(shape);
    this.claimed += (count ?? Infinity) * size;
    if (this.claimed > MOST_RATIO * this.source.size) {
      throw this.refuse(`${claims} in ${this.source.size} bytes`);
    }
    if (count !== Number(total)) throw this.refuse(`${claims} and holds ${total}`);
    const length = lengthOf(shape, size);
    if (length === null || lengthOf(chunks ?? [], size) === null) {
      const most = MOST_LENGTH.toLocaleString('en');
      throw this.refuse(
        `${claims}, and up to ${most} bytes can be read at once; store it in parts`,
      );
    }
    return length;
  }
}

let counter = 0;

/** Texts among the attributes of `file`. */
function attributesOf(file: File): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, attribute] of Object.entries(file.attrs)) {
    const text = textOf(attribute);
    if (text !== null) texts.set(name, text);
  }
  return texts;
}

/** Lets a file go; where HDF5 was broken by it, the process that reads it ends anyway. */
function release(file: File | null): void {
  try {
    file?.close();
  } catch (error) {
    if (!isTrap(error)) throw error;
  }
}

/** Everything in a file that is plain numbers. @throws Fault 'damaged' */
export async function readHdf5(source: Source): Promise<Hdf5Content> {
  const { FS, activate_throwing_error_handler } = await h5wasm.ready;
  // It is what refuses external storage.
  activate_throwing_error_handler();
  const path = `/foreign-${counter++}.h5`;
  FS.writeFile(path, source.read(0, source.size));
  let file: File | null = null;
  try {
    file = new File(path, 'r');
    const walk = new Walk(source);
    walk.group(file, '', 0);
    return { roots: file.keys(), attributes: attributesOf(file), tensors: walk.tensors };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw source.refuse(FORMAT, 0, `the file is damaged (${innermost(error)})`);
  } finally {
    release(file);
    FS.unlink(path);
  }
}
