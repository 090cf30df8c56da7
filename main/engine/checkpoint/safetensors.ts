/**
 * The safetensors format: 8 bytes of header length, a JSON header, then the tensors without gaps.
 * Reading enforces the reference's rules, so that a damaged file is refused and never half-read.
 */

import * as v from 'valibot';
import { Fault } from '../../../shared/fault';

/** The reference's own bound on the header. */
const MAX_HEADER = 100_000_000;

export interface NamedTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array | Int32Array;
}

export interface TensorFile {
  tensors: Map<string, NamedTensor>;
  metadata: Map<string, string>;
}

const Entry = v.object({
  dtype: v.picklist(['F32', 'I32']),
  shape: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  data_offsets: v.tuple([v.number(), v.number()]),
});

/** The bytes of a file that holds `tensors` in the given order. */
export function writeTensors(
  tensors: readonly NamedTensor[],
  metadata: ReadonlyMap<string, string>,
): Buffer {
  let offset = 0;
  const header: [string, unknown][] = [['__metadata__', Object.fromEntries(metadata)]];
  for (const { name, shape, values } of tensors) {
    const dtype = values instanceof Float32Array ? 'F32' : 'I32';
    header.push([name, { dtype, shape, data_offsets: [offset, offset + values.byteLength] }]);
    offset += values.byteLength;
  }
  const json = JSON.stringify(Object.fromEntries(header));
  const padded = Buffer.from(json.padEnd(Math.ceil(Buffer.byteLength(json) / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const bodies = tensors.map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  return Buffer.concat([length, padded, ...bodies]);
}

/** The tensors of a file's bytes. `place` names the file in messages. @throws Fault 'damaged' */
export function readTensors(bytes: Buffer, place: string): TensorFile {
  const damaged = (reason: string) =>
    new Fault('damaged', `${place} is not a whole safetensors file: ${reason}`);
  if (bytes.length < 8) throw damaged(`it ends after ${bytes.length} bytes`);
  const headerLength = Number(bytes.readBigUInt64LE());
  if (headerLength > MAX_HEADER) throw damaged(`its header claims ${headerLength} bytes`);
  const start = 8 + headerLength;
  if (bytes.length < start) throw damaged(`it ends at byte ${bytes.length}, inside the header`);

  const header = parseHeader(bytes.toString('utf8', 8, start), damaged);
  const tensors = new Map<string, NamedTensor>();
  let expected = 0;
  for (const [name, raw] of header.entries) {
    const parsed = v.safeParse(Entry, raw);
    if (!parsed.success) throw damaged(`the entry '${name}' is malformed`);
    const {
      dtype,
      shape,
      data_offsets: [from, to],
    } = parsed.output;
    const size = shape.reduce((product, length) => product * length, 1);
    if (from !== expected || to !== from + 4 * size) {
      throw damaged(`the tensor '${name}' does not lie where its shape says`);
    }
    if (start + to > bytes.length) {
      throw damaged(`it ends at byte ${bytes.length}, inside the tensor '${name}'`);
    }
    // A copy, because a tensor need not start at a multiple of four within the file.
    const body = new Uint8Array(bytes.subarray(start + from, start + to));
    const values = dtype === 'F32' ? new Float32Array(body.buffer) : new Int32Array(body.buffer);
    tensors.set(name, { name, shape, values });
    expected = to;
  }
  if (start + expected !== bytes.length) throw damaged('bytes follow its last tensor');
  return { tensors, metadata: header.metadata };
}

function parseHeader(text: string, damaged: (reason: string) => Fault) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged('its header is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw damaged('its header is not an object');
  }
  const all = new Map<string, unknown>(Object.entries(json));
  const metadata = v.safeParse(v.record(v.string(), v.string()), all.get('__metadata__') ?? {});
  if (!metadata.success) throw damaged('its metadata are not strings');
  all.delete('__metadata__');
  return { entries: [...all], metadata: new Map(Object.entries(metadata.output)) };
}
