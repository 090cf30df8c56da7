/**
 * State dicts as `torch.save` writes them: a zip archive with a pickle that names storages, and a
 * file of numbers for each. The pickle holds what `torch.load(weights_only=True)` allows and
 * nothing else. Source: torch/serialization.py, torch/_utils.py.
 */

import { bytesOf, type OutArray } from './npz';
import { writeZip } from './zip';

const byte = (value: number): Buffer => Buffer.of(value);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const PROTO_2 = Buffer.of(0x80, 2);
const MARK = byte(0x28);
const TUPLE = byte(0x74);
const EMPTY_TUPLE = byte(0x29);
const REDUCE = byte(0x52);
const SETITEMS = byte(0x75);
const PERSISTENT = byte(0x51);
const FALSE = byte(0x89);
const STOP = byte(0x2e);

const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([byte(0x58), uint32(bytes.length), bytes]);
};
const whole = (value: number): Buffer => Buffer.concat([byte(0x4a), uint32(value)]);
const tuple = (items: readonly Buffer[]): Buffer => Buffer.concat([MARK, ...items, TUPLE]);

const ORDERED_DICT = Buffer.concat([global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE]);

/** Steps along each axis of a tensor that lies row by row. */
const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));

function tensor({ shape, values }: OutArray, key: number): Buffer {
  const storage = tuple([
    text('storage'),
    global('torch', values instanceof Float32Array ? 'FloatStorage' : 'DoubleStorage'),
    text(String(key)),
    text('cpu'),
    whole(values.length),
  ]);
  const args = tuple([
    Buffer.concat([storage, PERSISTENT]),
    whole(0),
    tuple(shape.map(whole)),
    tuple(stridesOf(shape).map(whole)),
    FALSE,
    ORDERED_DICT,
  ]);
  return Buffer.concat([global('torch._utils', '_rebuild_tensor_v2'), args, REDUCE]);
}

/** The bytes of a `.pt` that holds `tensors` as an OrderedDict. */
export function writePt(tensors: readonly OutArray[]): Buffer {
  const items = tensors.flatMap((item, key) => [text(item.name), tensor(item, key)]);
  const pickle = Buffer.concat([PROTO_2, ORDERED_DICT, MARK, ...items, SETITEMS, STOP]);
  return writeZip([
    { name: 'archive/data.pkl', bytes: pickle },
    { name: 'archive/byteorder', bytes: Buffer.from('little') },
    ...tensors.map(({ values }, key) => ({ name: `archive/data/${key}`, bytes: bytesOf(values) })),
    { name: 'archive/version', bytes: Buffer.from('3\n') },
  ]);
}
