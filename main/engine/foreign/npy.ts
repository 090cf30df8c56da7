/**
 * NumPy's arrays: `.npy`, and `.npz`, a zip archive of them. The header is a Python literal, which
 * is matched and never evaluated; arrays of objects are pickles and are refused. Format: NEP 1.
 */

import type { Source } from './source';
import { MemorySource } from './source';
import { countOf, decode, sizeOfType, strided, type ForeignTensor } from './tensors';
import { numpyType } from './torch';
import type { ZipEntry } from './zip';

const FORMAT = 'a NumPy array';
export const NPY_MAGIC = Buffer.from('\x93NUMPY', 'latin1');

const HEADER =
  /^\{\s*'descr'\s*:\s*'([<>|=]?)([a-zA-Z]\d*)'\s*,\s*'fortran_order'\s*:\s*(True|False)\s*,\s*'shape'\s*:\s*\(([\d\s,]*)\)\s*,?\s*\}\s*$/;

/** Columns first: each axis steps over those before it. */
const byColumns = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));

/** The array of a `.npy` file, called `name`. @throws Fault 'damaged' */
export function readNpy(source: Source, name: string): ForeignTensor {
  const head = source.read(0, Math.min(12, source.size));
  if (head.length < 10 || !head.subarray(0, 6).equals(NPY_MAGIC)) {
    throw source.refuse(FORMAT, 0, 'it does not begin as one');
  }
  const major = head[6];
  const isLong = major >= 2;
  const length = isLong ? head.readUInt32LE(8) : head.readUInt16LE(8);
  const start = (isLong ? 12 : 10) + length;
  if (major < 1 || major > 3) throw source.refuse(FORMAT, 6, `its version is ${major}`);
  if (length > 65_536) throw source.refuse(FORMAT, 8, `its header claims ${length} bytes`);
  const text = source.read(isLong ? 12 : 10, length).toString('latin1');
  if (/'descr'\s*:\s*'?[|<>=]?O/.test(text)) {
    throw source.refuse(FORMAT, 10, 'it holds Python objects, which could be code');
  }
  const match = HEADER.exec(text);
  if (match === null) throw source.refuse(FORMAT, 10, 'its header is not that of plain numbers');
  const dtype = numpyType(match[2]);
  if (dtype === undefined)
    throw source.refuse(FORMAT, 10, `its numbers are of the type ${match[2]}`);
  const shape = match[4]
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const count = countOf(shape);
  const bytes = count === null ? null : count * sizeOfType(dtype);
  if (bytes === null || start + bytes !== source.size) {
    const reason = `its shape ${shape.join('×')} does not fit its ${source.size - start} bytes`;
    throw source.refuse(FORMAT, start, reason);
  }
  const read = () => decode(source.read(start, bytes), dtype, match[1] !== '>');
  return {
    name,
    shape,
    dtype,
    ...(dtype === 'uint8' && match[3] === 'False'
      ? { bytes: () => source.read(start, bytes) }
      : {}),
    read: () => (match[3] === 'True' ? strided(read(), 0, shape, byColumns(shape)) : read()),
  };
}

/** The arrays of an `.npz` archive, in its order. @throws Fault 'damaged' */
export const readNpz = (entries: ReadonlyMap<string, ZipEntry>): ForeignTensor[] =>
  [...entries.values()].map((entry) => {
    const name = entry.name.replace(/\.npy$/, '');
    return readNpy(new MemorySource(entry.name, entry.read()), name);
  });

/** Whether all entries of a zip archive are arrays. */
export const isNpz = (entries: ReadonlyMap<string, ZipEntry>): boolean =>
  entries.size > 0 && [...entries.keys()].every((name) => name.endsWith('.npy'));
