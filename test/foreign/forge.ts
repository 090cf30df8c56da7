/** Builds archives and pickles by hand, sound or not: what no honest library would write. */

import { crc32, deflateRawSync } from 'node:zlib';
import { maskedChecksum } from '../../main/engine/foreign/table';

export interface Forged {
  readonly name: string;
  readonly content: Buffer;
  readonly packed?: boolean;
  /** What the headers claim instead of the truth. */
  readonly lies?: {
    readonly size?: number;
    readonly packedSize?: number;
    readonly checksum?: number;
    readonly method?: number;
    readonly flags?: number;
    readonly localName?: string | Buffer;
    readonly localMethod?: number;
    /** What the entry's own header says otherwise than the directory. */
    readonly local?: {
      readonly size?: number;
      readonly packedSize?: number;
      readonly checksum?: number;
    };
    /** Index of the entry whose bytes this one claims too. */
    readonly sameAs?: number;
  };
}

/** A zip archive of these entries; lies and all. */
export function zipOf(entries: readonly Forged[], count = entries.length): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const { name, content, packed = false, lies = {} } of entries) {
    const body = packed ? deflateRawSync(content) : content;
    const method = lies.method ?? (packed ? 8 : 0);
    const fields = (buffer: Buffer, from: number, localMethod: number, own = lies) => {
      buffer.writeUInt16LE(20, from);
      buffer.writeUInt16LE(lies.flags ?? 0, from + 2);
      buffer.writeUInt16LE(localMethod, from + 4);
      buffer.writeUInt32LE(own.checksum ?? crc32(content), from + 10);
      buffer.writeUInt32LE(own.packedSize ?? body.length, from + 14);
      buffer.writeUInt32LE(own.size ?? content.length, from + 18);
    };
    const localName = Buffer.from((lies.localName ?? name) as string);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    fields(local, 4, lies.localMethod ?? method, { ...lies, ...lies.local });
    local.writeUInt16LE(localName.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    fields(central, 6, method);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    offsets.push(at);
    central.writeUInt32LE(lies.sameAs === undefined ? at : offsets[lies.sameAs], 42);
    directory.push(central, Buffer.from(name));
    parts.push(local, localName, body);
    at += 30 + localName.length + body.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listing, end]);
}

/** A PyTorch archive around a pickle, with further entries. */
export const torchZip = (pickle: Buffer, ...more: Forged[]): Buffer =>
  zipOf([{ name: 'archive/data.pkl', content: pickle }, ...more]);

/** Bytes from opcodes (numbers) and texts. */
export const bytes = (...parts: (number | string | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part as string, 'latin1'),
    ),
  );

/** A short string of protocol 4. */
export const text = (value: string): Buffer => bytes(0x8c, Buffer.byteLength(value), value);

/** `STACK_GLOBAL` of a module's name. */
export const globalOf = (module: string, name: string): Buffer =>
  bytes(text(module), text(name), 0x93);

/** A safetensors file of this header and so many bytes. */
export function safetensorsOf(header: unknown, length: number, claimed?: bigint): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(claimed ?? BigInt(json.length));
  return Buffer.concat([size, json, Buffer.alloc(length)]);
}

/** A `.npy` file of this header and so many bytes. */
export function npyOf(header: string, length: number, version = 1): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16LE(header.length);
  return Buffer.concat([
    bytes(0x93, 'NUMPY', version, 0),
    size,
    Buffer.from(header),
    Buffer.alloc(length),
  ]);
}

/** A number as protocol buffers store it: seven bits a byte. */
function varint(value: number): Buffer {
  const digits: number[] = [];
  for (let rest = value; digits.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    digits.push((rest % 128) + (rest >= 128 ? 128 : 0));
  }
  return Buffer.from(digits);
}

/** A field of a protocol buffer. */
export const field = (number: number, value: number | Buffer): Buffer =>
  typeof value === 'number'
    ? Buffer.concat([varint(8 * number), varint(value)])
    : Buffer.concat([varint(8 * number + 2), varint(value.length), value]);

/** What the index of a TensorFlow checkpoint says of a tensor: by default, three float32. */
export const bundleEntry = ({ type = 1, length = 3, size = 12 }): Buffer[] => [
  field(1, type),
  field(2, field(2, field(1, length))),
  field(5, size),
];

/** A sorted table of one block, with an index of one block; lies and all. */
export function tableOf(
  entries: readonly (readonly [string, Buffer])[],
  lies: {
    compression?: number;
    checksum?: number;
    claims?: number;
    offset?: number;
    shared?: number;
  } = {},
): Buffer {
  const block = (pairs: readonly (readonly [string, Buffer])[], shared = 0) =>
    Buffer.concat([
      ...pairs.map(([key, value]) =>
        Buffer.concat([...[shared, key.length, value.length].map(varint), Buffer.from(key), value]),
      ),
      Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]),
    ]);
  const stored = (content: Buffer) => {
    const trailer = Buffer.from([lies.compression ?? 0, 0, 0, 0, 0]);
    const sum = lies.checksum ?? maskedChecksum(content, trailer.subarray(0, 1));
    trailer.writeUInt32LE(sum, 1);
    return Buffer.concat([content, trailer]);
  };
  const data = stored(block(entries));
  const handle = Buffer.concat([varint(0), varint(data.length - 5)]);
  const index = stored(block([['', handle]], lies.shared));
  const footer = Buffer.alloc(48);
  const handles = [0, 0, lies.offset ?? data.length, lies.claims ?? index.length - 5];
  Buffer.concat(handles.map(varint)).copy(footer);
  footer.write('57fb808b247547db', 40, 'hex');
  return Buffer.concat([data, index, footer]);
}
