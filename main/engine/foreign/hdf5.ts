/**
 * HDF5 files of others, in memory only. Refused: links and storage outside the file, virtual
 * datasets, filters other than deflate, shuffle and checksums, and datasets that claim far more
 * than the file holds (CVE-2026-1669 read files through external storage).
 */

import h5wasm, { Dataset, ExternalLink, File, Group, Module } from 'h5wasm';
import { Fault } from '../../../shared/fault';
import type { Source } from './source';
import {
  countOf,
  decode,
  dtypes,
  sizeOfType,
  type DType,
  type ForeignTensor,
  type Values,
} from './tensors';

const FORMAT = 'HDF5';
export const HDF5_MAGIC = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

const MOST_OBJECTS = 100_000;
const MOST_DEPTH = 32;
/** Times that a dataset may be larger than the file it lies in. */
const MOST_RATIO = 200;
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

/** The dtype of a dataset; null where it holds no plain numbers. */
function typeOf(dataset: Dataset): DType | null {
  const { type, size, signed } = dataset.metadata;
  if (type === FLOAT)
    return size === 8 ? 'float64' : size === 4 ? 'float32' : size === 2 ? 'float16' : null;
  // What HDF5 has no type for, Keras stores as bytes and says so beside them.
  if (type === OPAQUE && size === 2 && dataset.attrs['dtype']?.value === 'bfloat16') {
    return 'bfloat16';
  }
  if (type !== INTEGER) return null;
  const name = `${signed ? '' : 'u'}int${8 * size}`;
  return dtypes.find((dtype) => dtype === name) ?? null;
}

/** The bytes of a dataset, little-endian: h5wasm's own values know no half precision. */
function bytesOf({ file_id, path, metadata }: Dataset): Uint8Array {
  const length = metadata.size * metadata.total_size;
  const place = Module._malloc(length);
  if (place === 0 && length > 0) throw new Error('there is not enough memory for it');
  try {
    Module.get_dataset_data(file_id, path, null, null, null, BigInt(place));
    return Module.HEAPU8.slice(place, place + length);
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
    if (dtype === null) return;
    const shape = (dataset.shape ?? []).map(Number);
    const count = countOf(shape);
    this.claimed += (count ?? Infinity) * sizeOfType(dtype);
    if (this.claimed > MOST_RATIO * this.source.size) {
      throw this.refuse(`'${name}' claims ${shape.join('×')} numbers in ${this.source.size} bytes`);
    }
    let values: Values;
    try {
      values = decode(bytesOf(dataset), dtype);
    } catch (error) {
      throw this.refuse(`'${name}' cannot be read (${innermost(error)})`);
    }
    this.tensors.push({ name, shape, dtype, read: () => values });
  }
}

let counter = 0;

/** Texts among the attributes of `file`. */
function attributesOf(file: File): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, attribute] of Object.entries(file.attrs)) {
    if (attribute.metadata.type !== TEXT) continue;
    const { value } = attribute;
    if (typeof value === 'string') texts.set(name, value);
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
