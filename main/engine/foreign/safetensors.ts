/**
 * safetensors of any dtype, and its shards with an index. The rules are the reference's: a header
 * of at most 100 MB, no key twice, tensors without gaps or overlaps to the very end of the file.
 */

import * as v from 'valibot';
import { hasDuplicateKeys } from './json';
import type { Source } from './source';
import {
  countOf,
  decode,
  sizeOfType,
  type DType,
  type ForeignTensor,
  type Values,
} from './tensors';

const FORMAT = 'safetensors';
const MAX_HEADER = 100_000_000;

const TYPES = new Map<string, DType>([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['U16', 'uint16'],
  ['U32', 'uint32'],
  ['U64', 'uint64'],
  ['BOOL', 'bool'],
]);

const Entry = v.object({
  dtype: v.string(),
  shape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  data_offsets: v.tuple([v.pipe(v.number(), v.safeInteger()), v.pipe(v.number(), v.safeInteger())]),
});

const Metadata = v.record(v.string(), v.string());

/** Whether a file begins as safetensors does: a length that fits, then an object. */
export function looksLikeSafetensors(head: Buffer, size: number): boolean {
  if (head.length < 9) return false;
  const length = head.readBigUInt64LE();
  return length > 1n && length <= BigInt(size - 8) && head[8] === 0x7b;
}

function headerOf(source: Source): { header: Map<string, unknown>; start: number } {
  if (source.size < 8) throw source.refuse(FORMAT, 0, `it ends after ${source.size} bytes`);
  const length = source.read(0, 8).readBigUInt64LE();
  if (length > BigInt(MAX_HEADER)) {
    throw source.refuse(FORMAT, 0, `its header claims ${length} bytes`);
  }
  const text = source.read(8, Number(length)).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw source.refuse(FORMAT, 8, 'its header is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw source.refuse(FORMAT, 8, 'its header is not an object');
  }
  if (hasDuplicateKeys(text)) throw source.refuse(FORMAT, 8, 'its header names something twice');
  return { header: new Map(Object.entries(json)), start: 8 + Number(length) };
}

/** Where a tensor lies: its bytes from `from` to `to`. */
export interface Stored {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly from: number;
  readonly to: number;
}

/** What the header of a file says, checked against the file. @throws Fault 'damaged' */
export function readHeader(source: Source): {
  stored: readonly Stored[];
  metadata: ReadonlyMap<string, string>;
} {
  const { header, start } = headerOf(source);
  const metadata = v.safeParse(Metadata, header.get('__metadata__') ?? {});
  if (!metadata.success) throw source.refuse(FORMAT, 8, 'its metadata are not strings');
  header.delete('__metadata__');
  const entries = [...header].map(([name, raw]) => {
    const parsed = v.safeParse(Entry, raw);
    const dtype = parsed.success ? TYPES.get(parsed.output.dtype) : undefined;
    if (!parsed.success) throw source.refuse(FORMAT, 8, `the entry '${name}' is malformed`);
    if (dtype === undefined) {
      throw source.refuse(FORMAT, 8, `'${name}' is of the type ${parsed.output.dtype}`);
    }
    const [from, to] = parsed.output.data_offsets;
    return { name, shape: parsed.output.shape, dtype, from, to };
  });
  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  let expected = 0;
  for (const { name, shape, dtype, from, to } of entries) {
    const count = countOf(shape);
    if (from !== expected || count === null || to !== from + count * sizeOfType(dtype)) {
      throw source.refuse(FORMAT, start + from, `'${name}' does not lie where its shape says`);
    }
    expected = to;
  }
  if (start + expected !== source.size) {
    const reason = `${start + expected} bytes are declared and the file has ${source.size}`;
    throw source.refuse(FORMAT, source.size, `${reason}; fetch it again`);
  }
  const stored = entries.map((entry) => ({
    ...entry,
    from: start + entry.from,
    to: start + entry.to,
  }));
  return { stored, metadata: new Map(Object.entries(metadata.output)) };
}

/** The numbers of one tensor. */
export const readStored = (source: Source, { dtype, from, to }: Stored): Values =>
  decode(source.read(from, to - from), dtype);

/** The named tensors of a file. @throws Fault 'damaged' */
export const readSafetensors = (source: Source): ForeignTensor[] =>
  readHeader(source).stored.map((stored) => ({
    name: stored.name,
    shape: stored.shape,
    dtype: stored.dtype,
    read: () => readStored(source, stored),
  }));
