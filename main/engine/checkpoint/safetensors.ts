/**
 * Our own files of tensors, in the safetensors format: 8 bytes of header length, a JSON header,
 * then the tensors without gaps.
 */

import { readHeader } from '../foreign/safetensors';
import { MemorySource } from '../foreign/source';

export interface NamedTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array | Int32Array;
}

export interface TensorFile {
  tensors: Map<string, NamedTensor>;
  metadata: ReadonlyMap<string, string>;
}

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

/**
 * The tensors of a file that Isocurve wrote: float32 and int32. `place` names it in messages.
 * @throws Fault 'damaged'
 */
export function readTensors(bytes: Buffer, place: string): TensorFile {
  const source = new MemorySource(place, bytes);
  const { stored, metadata } = readHeader(source);
  const tensors = stored.map(({ name, shape, dtype, from, to }): [string, NamedTensor] => {
    // A copy, because a tensor need not start at a multiple of four within the file.
    const { buffer } = new Uint8Array(source.read(from, to - from));
    if (dtype === 'float32') return [name, { name, shape, values: new Float32Array(buffer) }];
    if (dtype === 'int32') return [name, { name, shape, values: new Int32Array(buffer) }];
    throw source.refuse('a checkpoint of Isocurve', from, `'${name}' is of the type ${dtype}`);
  });
  return { tensors: new Map(tensors), metadata };
}
