/** NumPy's archives of arrays (NEP 1): float32 and float64, row by row. */

import { writeZip } from './zip';

export interface OutArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
}

const ALIGNMENT = 64;
const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');

export const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** A tuple as Python writes it: (3,) and (3, 4). */
const tuple = (shape: readonly number[]): string =>
  shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;

function writeNpy({ shape, values }: OutArray): Buffer {
  const type = values instanceof Float32Array ? '<f4' : '<f8';
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple(shape)}, }`;
  const before = MAGIC.length + 2;
  const length = Math.ceil((before + header.length + 1) / ALIGNMENT) * ALIGNMENT - before;
  const size = Buffer.alloc(2);
  size.writeUInt16LE(length);
  const padded = Buffer.from(`${header.padEnd(length - 1)}\n`, 'latin1');
  return Buffer.concat([MAGIC, size, padded, bytesOf(values)]);
}

/** The bytes of an `.npz` of `arrays`. */
export const writeNpz = (arrays: readonly OutArray[]): Buffer =>
  writeZip(arrays.map((array) => ({ name: `${array.name}.npy`, bytes: writeNpy(array) })));
