/**
 * Protocol buffers by their wire format, as far as TensorFlow's headers need it: fields by number,
 * in the order of the file. (protobuf.dev, "Encoding")
 */

const MOST_VARINT = 10;

/** A message that ends in the middle of a field, or holds one that no schema has. */
export class Malformed extends Error {}

/** A number at `at`, and where the next byte is. @throws Malformed */
export function readVarint(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0n;
  for (let i = 0; i < MOST_VARINT; i++) {
    if (at + i >= bytes.length) throw new Malformed('a number goes on behind the end');
    const byte = bytes[at + i];
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if ((byte & 0x80) !== 0) continue;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Malformed('a number is too large');
    return { value: Number(value), next: at + i + 1 };
  }
  throw new Malformed('a number does not end');
}

/** One field: a number, or the bytes of a text or a message within. */
export interface Field {
  readonly number: number;
  readonly value: number | Buffer;
}

/** The fields of a message. @throws Malformed */
export function readMessage(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    at = tag.next;
    if (wire === 0) {
      const { value, next } = readVarint(bytes, at);
      fields.push({ number, value });
      at = next;
      continue;
    }
    const size = wire === 2 ? readVarint(bytes, at) : { value: wire === 1 ? 8 : 4, next: at };
    const end = size.next + size.value;
    if (![1, 2, 5].includes(wire)) throw new Malformed(`a field is of the kind ${wire}`);
    if (end > bytes.length) throw new Malformed('a field goes on behind the end');
    const value = bytes.subarray(size.next, end);
    fields.push({ number, value: wire === 5 ? value.readUInt32LE() : value });
    at = end;
  }
  return fields;
}

/** The last number of a field; 0 where it is left out, as the format has it. */
export function numberIn(fields: readonly Field[], number: number): number {
  const value = fields.findLast((field) => field.number === number)?.value ?? 0;
  if (typeof value !== 'number') throw new Malformed(`field ${number} is no number`);
  return value;
}

/** All messages or texts of a field. */
export const bytesIn = (fields: readonly Field[], number: number): Buffer[] =>
  fields.flatMap((field) =>
    field.number === number && typeof field.value !== 'number' ? [field.value] : [],
  );

/** A text; empty where it is left out. */
export const textIn = (fields: readonly Field[], number: number): string =>
  bytesIn(fields, number).pop()?.toString('utf8') ?? '';
