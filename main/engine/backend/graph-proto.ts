/**
 * Writes TensorFlow's GraphDef and SavedModel in protobuf's wire format: just the fields that a
 * recorded step needs.
 * Field numbers: graph.proto, node_def.proto, attr_value.proto, tensor.proto, saved_model.proto of
 * TensorFlow 2.
 */

import type { DataType } from '@tensorflow/tfjs';
import type { Binding, OpAttribute } from './tensorflow';

/** The number of a data type in types.proto. */
const DTYPE = new Map<DataType, number>([
  ['float32', 1],
  ['int32', 3],
  ['bool', 10],
]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

const key = (field: number, wire: number) => varint((field << 3) | wire);

const bytesField = (field: number, value: string | Buffer) => {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value);
  return Buffer.concat([key(field, 2), varint(bytes.length), bytes]);
};

const intField = (field: number, value: number) => Buffer.concat([key(field, 0), varint(value)]);

const floatField = (field: number, value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, 5), bytes]);
};

const shapeProto = (shape: readonly number[]) =>
  Buffer.concat(shape.map((size) => bytesField(2, intField(1, size))));

const attribute = (name: string, value: Buffer) =>
  bytesField(5, Buffer.concat([bytesField(1, name), bytesField(2, value)]));

const typeAttribute = (name: string, dtype: DataType) =>
  attribute(name, intField(6, DTYPE.get(dtype)!));

const node = (name: string, op: string, inputs: string[], attributes: Buffer[]) =>
  bytesField(
    1,
    Buffer.concat([
      bytesField(1, name),
      bytesField(2, op),
      ...inputs.map((input) => bytesField(3, input)),
      ...attributes,
    ]),
  );

function attributeValue(binding: Binding, { type, value }: OpAttribute): Buffer {
  const one = (item: unknown): Buffer => {
    switch (type) {
      case binding.TF_ATTR_STRING:
        return bytesField(2, String(item));
      case binding.TF_ATTR_INT:
        return intField(3, Number(item));
      case binding.TF_ATTR_FLOAT:
        return floatField(4, Number(item));
      case binding.TF_ATTR_BOOL:
        return intField(5, item ? 1 : 0);
      case binding.TF_ATTR_TYPE:
        return intField(6, Number(item));
      default:
        throw new Error(`attribute type ${type} cannot be recorded`);
    }
  };
  if (!Array.isArray(value)) return one(value);
  if (type === binding.TF_ATTR_SHAPE) return bytesField(7, shapeProto(value));
  return bytesField(1, Buffer.concat(value.map(one)));
}

/** A value that the graph feeds. */
export const placeholderNode = (name: string, dtype: DataType, shape: readonly number[]) =>
  node(
    name,
    'Placeholder',
    [],
    [typeAttribute('dtype', dtype), attribute('shape', bytesField(7, shapeProto(shape)))],
  );

/**
 * A value written into the graph; one that is the same everywhere is written once, as protobuf
 * allows.
 */
export function constantNode(
  name: string,
  dtype: DataType,
  shape: readonly number[],
  values: ArrayLike<number>,
): Buffer {
  const uniform = values.length > 1 && Array.from(values).every((v) => Object.is(v, values[0]));
  const kept = uniform ? [values[0]] : Array.from(values);
  const packed =
    dtype === 'float32'
      ? Float32Array.from(kept)
      : dtype === 'int32'
        ? Int32Array.from(kept)
        : Uint8Array.from(kept);
  const raw = Buffer.from(packed.buffer);
  // One repeated value goes into the typed field, where a missing tail repeats the last; others go
  // in whole.
  const typedField = dtype === 'float32' ? 5 : dtype === 'int32' ? 7 : 11;
  const content = uniform
    ? bytesField(typedField, dtype === 'float32' ? raw : varint(kept[0]))
    : bytesField(4, raw);
  const proto = Buffer.concat([
    intField(1, DTYPE.get(dtype)!),
    bytesField(2, shapeProto(shape)),
    content,
  ]);
  return node(
    name,
    'Const',
    [],
    [typeAttribute('dtype', dtype), attribute('value', bytesField(8, proto))],
  );
}

/** One recorded operation with the attributes that it was called with. */
export const operationNode = (
  binding: Binding,
  name: string,
  op: string,
  inputs: string[],
  attributes: OpAttribute[],
) =>
  node(
    name,
    op,
    inputs,
    attributes.map((a) => attribute(a.name, attributeValue(binding, a))),
  );

/** A named end of the graph. */
export const identityNode = (name: string, input: string, dtype: DataType) =>
  node(name, 'Identity', [input], [typeAttribute('T', dtype)]);

/** The nodes as a SavedModel with the tag `serve` and no variables. */
export function savedModelProto(nodes: Buffer[]): Buffer {
  // any version of TensorFlow 2 will do: old enough to load, new enough for these operations
  const producer = 1395;
  const graph = Buffer.concat([...nodes, bytesField(4, intField(1, producer))]);
  const meta = Buffer.concat([bytesField(1, bytesField(4, 'serve')), bytesField(2, graph)]);
  return Buffer.concat([intField(1, 1), bytesField(2, meta)]);
}
