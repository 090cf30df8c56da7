/**
 * What a frame of MessagePack claims, found by walking over its bytes before any of it is decoded:
 * a decoder allocates what a length says, and a length of four bytes can say four billion.
 */

/** Nesting beyond which a frame is refused rather than recursed into. */
export const MAX_DEPTH = 200;

/** Bytes that the parts of a decoded frame take in V8, at most and in round numbers. */
const COST = {
  number: 16,
  /** A slot of an array. */
  entry: 8,
  /** An object or array, without what is in it. */
  container: 64,
  key: 128,
  text: 32,
  /** A typed array, without its content. */
  bytes: 256,
  /** An object is given slots up to an index among its keys, and half as many again. */
  index: 12,
} as const;
/** Digits of the keys for which that holds; above, an object becomes a table. */
const INDEX_DIGITS = 4;

const FREE = 256 * 1024;
const PER_BYTE = 8;

/** Bytes that the decoded content of so long a frame may take when its sender is not trusted. */
export const fairCost = (length: number): number => FREE + PER_BYTE * length;

type Kind = 'plain' | 'text' | 'bytes' | 'array' | 'map';

/** What the first byte of a value says: bytes of content, or of the number that counts it. */
interface Head {
  readonly kind: Kind;
  readonly size: number;
  /** Bytes of the number that follows and gives the size; 0: `size` is known. */
  readonly counted: 0 | 1 | 2 | 4;
}

const plain = (size: number): Head => ({ kind: 'plain', size, counted: 0 });
const counted = (kind: Kind, bytes: 1 | 2 | 4, size = 0): Head => ({ kind, size, counted: bytes });
const fixed = (kind: Kind, size: number): Head => ({ kind, size, counted: 0 });

/** From 0xc0 to 0xdf (MessagePack specification, "Overview"); extensions have a byte of type. */
const HEADS: readonly (Head | null)[] = [
  ...[plain(0), null, plain(0), plain(0)],
  ...[counted('bytes', 1), counted('bytes', 2), counted('bytes', 4)],
  ...[counted('bytes', 1, 1), counted('bytes', 2, 1), counted('bytes', 4, 1)],
  ...[4, 8, 1, 2, 4, 8, 1, 2, 4, 8].map(plain),
  ...[2, 3, 5, 9, 17].map((size) => fixed('bytes', size)),
  ...[counted('text', 1), counted('text', 2), counted('text', 4)],
  ...[counted('array', 2), counted('array', 4), counted('map', 2), counted('map', 4)],
];

function headOf(byte: number): Head {
  if (byte < 0x80 || byte >= 0xe0) return plain(0);
  if (byte < 0x90) return fixed('map', byte - 0x80);
  if (byte < 0xa0) return fixed('array', byte - 0x90);
  if (byte < 0xc0) return fixed('text', byte - 0xa0);
  const head = HEADS[byte - 0xc0];
  if (head === null) throw new RangeError('this byte begins no value');
  return head;
}

const ALL_HEADS = Array.from({ length: 256 }, (_, byte) => (byte === 0xc1 ? null : headOf(byte)));

/** A container whose values are being walked over. */
interface Level {
  readonly isMap: boolean;
  /** Values to come; of a map, keys and values. */
  left: number;
  /** The largest index among the keys of a map. */
  widest: number;
}

class Walk {
  private at = 0;
  /** Values to come at all levels; each takes a byte at least. */
  private owed = 1;
  private spent = 0;
  private readonly levels: Level[] = [];
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly most: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): void {
    while (this.owed > 0) {
      const level = this.levels.at(-1);
      if (level?.left === 0) {
        this.levels.pop();
        continue;
      }
      const isKey = level !== undefined && level.isMap && level.left % 2 === 0;
      if (level !== undefined) level.left--;
      this.owed--;
      this.value(level, isKey);
    }
  }

  private value(level: Level | undefined, isKey: boolean): void {
    const head = ALL_HEADS[this.view.getUint8(this.at++)];
    if (head === null) throw new RangeError('this byte begins no value');
    if (isKey && head.kind !== 'text') throw new RangeError('a key is text');
    const size = head.size + this.count(head);
    if (head.kind === 'array' || head.kind === 'map') return this.enter(head.kind, size);
    if (size > this.bytes.length - this.at) throw new RangeError('the frame is cut off');
    if (isKey) this.index(level!, size);
    this.spend(
      head.kind === 'plain'
        ? COST.number
        : head.kind === 'text'
          ? COST.text + 2 * size
          : COST.bytes + size,
    );
    this.at += size;
  }

  private count({ counted }: Head): number {
    const { at, view } = this;
    this.at += counted;
    if (counted === 0) return 0;
    if (counted === 1) return view.getUint8(at);
    return counted === 2 ? view.getUint16(at) : view.getUint32(at);
  }

  private enter(kind: 'array' | 'map', size: number): void {
    const values = kind === 'map' ? 2 * size : size;
    this.owed += values;
    if (this.owed > this.bytes.length - this.at) {
      throw new RangeError('the frame claims more values than it has bytes');
    }
    if (this.levels.length >= MAX_DEPTH) throw new RangeError('the frame is nested too deep');
    this.spend(COST.container + size * (kind === 'map' ? COST.key : COST.entry));
    this.levels.push({ isMap: kind === 'map', left: values, widest: 0 });
  }

  private index(level: Level, size: number): void {
    if (size > INDEX_DIGITS) return;
    let index = 0;
    for (let i = this.at; i < this.at + size; i++) {
      const digit = this.bytes[i] - 0x30;
      if (digit < 0 || digit > 9) return;
      index = 10 * index + digit;
    }
    if (index <= level.widest) return;
    this.spend(COST.index * (index - level.widest));
    level.widest = index;
  }

  private spend(bytes: number): void {
    this.spent += bytes;
    if (this.spent > this.most) {
      throw new RangeError('the frame would take far more memory than it has bytes');
    }
  }
}

/**
 * Refuses a frame that claims more than it holds, is nested too deep, or would take more than
 * `most` bytes of memory. What follows its value is the decoder's to refuse.
 * @throws RangeError
 */
export const checkFrame = (bytes: Uint8Array, most: number): void => new Walk(bytes, most).run();
