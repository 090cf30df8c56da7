import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTensors, writeTensors } from '../../main/engine/checkpoint/safetensors';
import { Fault } from '../../shared/fault';

const tensors = [
  { name: 'weights', shape: [2, 3], values: Float32Array.of(1, 2, 3, NaN, -Infinity, 6) },
  { name: 'labels', shape: [2], values: Int32Array.of(7, -8) },
];
const bytes = writeTensors(tensors, new Map([['step', '10']]));

test('tensors and metadata come back as they were written', () => {
  const file = readTensors(bytes, 'file');
  expect([...file.tensors.values()]).toEqual(tensors);
  expect(file.metadata.get('step')).toBe('10');
});

test('a file cut anywhere is refused with its place', () => {
  for (let length = 0; length < bytes.length; length++) {
    expect(() => readTensors(bytes.subarray(0, length), 'file')).toThrow(
      /^file cannot be read as (safetensors|a whole file): /,
    );
  }
});

describe('a hostile header', () => {
  const withHeader = (header: string, body = Buffer.alloc(24)) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, Buffer.from(header), body]);
  };
  const entry = (extra: object) =>
    JSON.stringify({ a: { dtype: 'F32', shape: [6], data_offsets: [0, 24], ...extra } });

  test.each([
    ['claims more than there is', Buffer.concat([Buffer.alloc(8, 0xff)])],
    ['is not JSON', withHeader('{"a":')],
    ['is a list', withHeader('[]')],
    ['has another type', withHeader(entry({ dtype: 'F64' }))],
    ['has a shape that does not fit', withHeader(entry({ shape: [7] }))],
    ['leaves a hole', withHeader(entry({ data_offsets: [4, 28] }), Buffer.alloc(28))],
    ['has bytes after the end', withHeader(entry({}), Buffer.alloc(25))],
    ['has a negative size', withHeader(entry({ shape: [-6] }))],
  ])('%s', (_, file) => {
    expect(() => readTensors(file, 'file')).toThrow(Fault);
  });

  test('never does worse than a Fault, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(bytes.length - 1), (noise, place) => {
        const mutant = Buffer.from(bytes);
        mutant.set(noise.subarray(0, mutant.length - place), place);
        try {
          readTensors(mutant, 'file');
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
