/** Number types of foreign files, and named tensors whose values are read when they are wanted. */

import { readHalf } from './half';

/** Values as wide as they need to be to be exact: float64 and long integers as float64. */
export type Values = Float32Array | Float64Array;

export interface ForeignTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Row by row. @throws Fault 'damaged' */
  read(): Values;
  /** The same for bytes as they lie in the file; absent where they lie otherwise. */
  bytes?(): Buffer;
}

export const dtypes = [
  'float64',
  'float32',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
] as const;
export type DType = (typeof dtypes)[number];

interface Reader {
  readonly size: number;
  readonly isWide: boolean;
  at(view: DataView, byte: number, little: boolean): number;
}

const READERS: Readonly<Record<DType, Reader>> = {
  float64: { size: 8, isWide: true, at: (view, byte, little) => view.getFloat64(byte, little) },
  float32: { size: 4, isWide: false, at: (view, byte, little) => view.getFloat32(byte, little) },
  float16: {
    size: 2,
    isWide: false,
    at: (view, byte, little) => readHalf(view.getUint16(byte, little)),
  },
  bfloat16: {
    size: 2,
    isWide: false,
    at: (view, byte, little) => fromBfloat(view.getUint16(byte, little)),
  },
  int64: {
    size: 8,
    isWide: true,
    at: (view, byte, little) => Number(view.getBigInt64(byte, little)),
  },
  int32: { size: 4, isWide: true, at: (view, byte, little) => view.getInt32(byte, little) },
  int16: { size: 2, isWide: false, at: (view, byte, little) => view.getInt16(byte, little) },
  int8: { size: 1, isWide: false, at: (view, byte) => view.getInt8(byte) },
  uint8: { size: 1, isWide: false, at: (view, byte) => view.getUint8(byte) },
  uint16: { size: 2, isWide: false, at: (view, byte, little) => view.getUint16(byte, little) },
  uint32: { size: 4, isWide: true, at: (view, byte, little) => view.getUint32(byte, little) },
  uint64: {
    size: 8,
    isWide: true,
    at: (view, byte, little) => Number(view.getBigUint64(byte, little)),
  },
  bool: { size: 1, isWide: false, at: (view, byte) => Number(view.getUint8(byte) !== 0) },
};

const scratch = new DataView(new ArrayBuffer(4));

/** A bfloat16 is the upper half of a float32. */
function fromBfloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

export const sizeOfType = (dtype: DType): number => READERS[dtype].size;

/** Numbers of a tensor, in exact integers; null where they are too many to count. */
export function countOf(shape: readonly number[]): number | null {
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return null;
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const length of shape) {
    // Exact: a product of 2^53 or more is never rounded to less than that.
    count *= length;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

const isLittleHost = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** All numbers of `bytes`, one after the other. */
export function decode(bytes: Uint8Array, dtype: DType, little = true): Values {
  const { size, isWide, at } = READERS[dtype];
  const count = Math.floor(bytes.length / size);
  if (little === isLittleHost && (dtype === 'float32' || dtype === 'float64')) {
    // A copy: what comes out of an archive need not be aligned.
    const { buffer } = new Uint8Array(bytes.subarray(0, count * size));
    return dtype === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = isWide ? new Float64Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = at(view, i * size, little);
  return values;
}

/** The numbers of a view, row by row; `strides` are steps through `all` along each axis. */
export function strided(
  all: Values,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): Values {
  const count = countOf(shape)!;
  const isDense = strides.every(
    (stride, i) => shape[i] === 1 || stride === shape.slice(i + 1).reduce((a, b) => a * b, 1),
  );
  if (isDense) return all.slice(offset, offset + count);
  const values = all instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
  const place = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    values[i] = all[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++place[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      place[axis] = 0;
    }
  }
  return values;
}
