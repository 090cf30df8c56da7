/**
 * Python's pickle as data: an allow-list of opcodes builds lists, maps, tuples, numbers and
 * strings; a global is a name and nothing else, and calling one asks `build`, which knows a fixed
 * set. Nothing is imported, nothing is executed, and there is no second reader to fall back on.
 * Format: Python's Lib/pickletools.py, protocols 0 to 5.
 */

import { Fault } from '../../../shared/fault';

/** Why a pickle is refused; whoever reads it adds the place. */
export class Unsound extends Error {}

/** A name that a pickle refers to. */
export class Global {
  constructor(readonly name: string) {}
}

/** A list; tuples are plain arrays, so that the two stay apart. */
export class List {
  readonly items: Value[] = [];
}

export class Bytes {
  constructor(readonly bytes: Uint8Array) {}
}

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Bytes
  | List
  | Global
  | readonly Value[]
  | Map<Value, Value>
  | object;

export interface Builder {
  /** What a call of `global` gives. @throws Unsound */
  call(global: string, args: readonly Value[]): Value;
  /** What a persistent id stands for. */
  persistent(id: Value): Value;
  /** Sets the state of something that `call` gave. */
  setState(target: Value, state: Value): void;
  /** Whether a pickle may refer to it. */
  knows(global: string): boolean;
}

/** Opcodes, values and nesting that a pickle may have. */
const MOST_STEPS = 5_000_000;
const MOST_MEMO = 1_000_000;
const MOST_STACK = 1_000_000;

const STOP = 0x2e;
const MARK = Symbol('mark');
type Item = Value | typeof MARK;

export class Unpickler {
  private at: number;
  private stack: Item[] = [];
  private readonly memo = new Map<number, Item>();

  /**
   * Reads from `offset` of `bytes`. `refuse` makes the error from a place and a reason.
   */
  constructor(
    private readonly bytes: Buffer,
    offset: number,
    private readonly builder: Builder,
    private readonly refuse: (offset: number, reason: string) => Fault,
  ) {
    this.at = offset;
  }

  /** Behind the last byte that was read. */
  get position(): number {
    return this.at;
  }

  /** One whole pickle. @throws Fault */
  load(): Value {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const from = this.at;
      const opcode = this.take(1)[0];
      try {
        if (opcode === STOP) return this.pop();
        this.act(opcode);
      } catch (error) {
        throw error instanceof Unsound ? this.refuse(from, error.message) : error;
      }
    }
    throw this.refuse(this.at, `its pickle has more than ${MOST_STEPS} steps`);
  }

  private act(opcode: number): void {
    const action = OPCODES.get(opcode);
    if (action === undefined) {
      const shown = `0x${opcode.toString(16).padStart(2, '0')}`;
      throw new Unsound(`the pickle opcode ${shown} is not one that weights need`);
    }
    action(this);
    if (this.stack.length > MOST_STACK) throw new Unsound('it is nested too deeply');
  }

  take(length: number): Buffer {
    if (length < 0 || this.at + length > this.bytes.length) {
      throw this.refuse(this.bytes.length, 'its pickle is cut off');
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.refuse(this.bytes.length, 'its pickle is cut off');
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }

  push(item: Item): void {
    this.stack.push(item);
  }

  pop(): Value {
    const item = this.stack.pop();
    if (item === undefined || item === MARK)
      throw new Unsound('its pickle takes more than it has put down');
    return item;
  }

  peek(): Value {
    const item = this.stack[this.stack.length - 1];
    if (item === undefined || item === MARK)
      throw new Unsound('its pickle takes more than it has put down');
    return item;
  }

  /** Everything above the last mark. */
  popMark(): Value[] {
    const from = this.stack.lastIndexOf(MARK);
    if (from < 0) throw new Unsound('its pickle closes what it has not opened');
    const items = this.stack.slice(from + 1) as Value[];
    this.stack.length = from;
    return items;
  }

  mark(): void {
    this.stack.push(MARK);
  }

  popItem(): void {
    if (this.stack.pop() === undefined)
      throw new Unsound('its pickle takes more than it has put down');
  }

  put(key: number): void {
    if (this.memo.size > MOST_MEMO) throw new Unsound('its pickle remembers too much');
    this.memo.set(key, this.peek());
  }

  memoize(): void {
    this.put(this.memo.size);
  }

  get(key: number): void {
    const item = this.memo.get(key);
    if (item === undefined) throw new Unsound('its pickle recalls what it has not remembered');
    this.push(item);
  }

  global(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (!this.builder.knows(full)) {
      throw new Unsound(
        `it refers to ${JSON.stringify(full).slice(0, 200)}, which could be code; save the network's state_dict() alone`,
      );
    }
    this.push(new Global(full));
  }

  call(target: Value, args: Value): Value {
    if (!(target instanceof Global) || !Array.isArray(args))
      throw new Unsound('its pickle calls what is no name');
    return this.builder.call(target.name, args as readonly Value[]);
  }

  persistent(id: Value): Value {
    return this.builder.persistent(id);
  }

  build(): void {
    const state = this.pop();
    this.builder.setState(this.peek(), state);
  }
}

function setItems(target: Value, items: readonly Value[]): void {
  if (!(target instanceof Map)) throw new Unsound('its pickle sets an item of what is no dict');
  for (let i = 0; i + 1 < items.length; i += 2) target.set(items[i], items[i + 1]);
}

function append(target: Value, items: readonly Value[]): void {
  if (!(target instanceof List)) throw new Unsound('its pickle appends to what is no list');
  for (const item of items) target.items.push(item);
}

const mapOf = (items: readonly Value[]): Map<Value, Value> => {
  const map = new Map<Value, Value>();
  setItems(map, items);
  return map;
};

function listOf(items: readonly Value[]): List {
  const list = new List();
  append(list, items);
  return list;
}

/** A long integer: two's complement, little end first. */
function longOf(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  if (bytes.length > 0 && bytes[bytes.length - 1] >= 0x80) value -= 1n << BigInt(8 * bytes.length);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}

/** A number as text of protocol 0. */
function numberOf(text: string): number {
  const value = Number(text.replace(/L$/, ''));
  if (text === '' || Number.isNaN(value))
    throw new Unsound(`it writes a number as ${JSON.stringify(text)}`);
  return value;
}

/** A string in quotes, of protocol 0: without escapes other than those of quotes. */
function quoted(text: string): string {
  const match = /^(['"])(.*)\1$/.exec(text);
  if (match === null || /\\[^\\'"]/.test(match[2]))
    throw new Unsound('its pickle has an odd string');
  return match[2].replaceAll(/\\(.)/g, '$1');
}

/** A short length within a buffer that holds it. */
const long8 = (bytes: Buffer): number => {
  const length = bytes.readBigUInt64LE();
  if (length > BigInt(2 ** 40)) throw new Unsound(`it claims ${length} bytes`);
  return Number(length);
};

const text = (bytes: Buffer): string => bytes.toString('utf8');
/** Python 2 kept bytes in its strings: one character each. */
const latin = (bytes: Buffer): string => bytes.toString('latin1');
const copy = (bytes: Buffer): Bytes => new Bytes(Uint8Array.from(bytes));

type Action = (machine: Unpickler) => void;

const literals: readonly [number, Action][] = [
  [0x4e, (m) => m.push(null)], // NONE
  [0x88, (m) => m.push(true)], // NEWTRUE
  [0x89, (m) => m.push(false)], // NEWFALSE
  [0x4b, (m) => m.push(m.take(1)[0])], // BININT1
  [0x4d, (m) => m.push(m.take(2).readUInt16LE())], // BININT2
  [0x4a, (m) => m.push(m.take(4).readInt32LE())], // BININT
  [0x8a, (m) => m.push(longOf(m.take(m.take(1)[0])))], // LONG1
  [0x47, (m) => m.push(m.take(8).readDoubleBE())], // BINFLOAT
  [
    0x49, // INT; 00 and 01 are false and true
    (m) => {
      const line = m.line();
      m.push(line === '00' ? false : line === '01' ? true : numberOf(line));
    },
  ],
  [0x4c, (m) => m.push(numberOf(m.line()))], // LONG
  [0x46, (m) => m.push(numberOf(m.line()))], // FLOAT
  [0x53, (m) => m.push(quoted(m.line()))], // STRING
  [0x56, (m) => m.push(m.line())], // UNICODE
  [0x54, (m) => m.push(latin(m.take(m.take(4).readUInt32LE())))], // BINSTRING
  [0x55, (m) => m.push(latin(m.take(m.take(1)[0])))], // SHORT_BINSTRING
  [0x58, (m) => m.push(text(m.take(m.take(4).readUInt32LE())))], // BINUNICODE
  [0x8c, (m) => m.push(text(m.take(m.take(1)[0])))], // SHORT_BINUNICODE
  [0x8d, (m) => m.push(text(m.take(long8(m.take(8)))))], // BINUNICODE8
  [0x42, (m) => m.push(copy(m.take(m.take(4).readUInt32LE())))], // BINBYTES
  [0x43, (m) => m.push(copy(m.take(m.take(1)[0])))], // SHORT_BINBYTES
  [0x8e, (m) => m.push(copy(m.take(long8(m.take(8)))))], // BINBYTES8
];

const collections: readonly [number, Action][] = [
  [0x28, (m) => m.mark()], // MARK
  [0x30, (m) => m.popItem()], // POP
  [0x31, (m) => void m.popMark()], // POP_MARK
  [0x29, (m) => m.push([])], // EMPTY_TUPLE
  [0x5d, (m) => m.push(new List())], // EMPTY_LIST
  [0x7d, (m) => m.push(new Map())], // EMPTY_DICT
  [0x74, (m) => m.push(m.popMark())], // TUPLE
  [0x6c, (m) => m.push(listOf(m.popMark()))], // LIST
  [0x64, (m) => m.push(mapOf(m.popMark()))], // DICT
  [0x85, (m) => m.push([m.pop()])], // TUPLE1
  [
    0x86, // TUPLE2
    (m) => {
      const [second, first] = [m.pop(), m.pop()];
      m.push([first, second]);
    },
  ],
  [
    0x87, // TUPLE3
    (m) => {
      const [third, second, first] = [m.pop(), m.pop(), m.pop()];
      m.push([first, second, third]);
    },
  ],
  [
    0x61, // APPEND
    (m) => {
      const item = m.pop();
      append(m.peek(), [item]);
    },
  ],
  [
    0x65, // APPENDS
    (m) => {
      const items = m.popMark();
      append(m.peek(), items);
    },
  ],
  [
    0x73, // SETITEM
    (m) => {
      const [value, key] = [m.pop(), m.pop()];
      setItems(m.peek(), [key, value]);
    },
  ],
  [
    0x75, // SETITEMS
    (m) => {
      const items = m.popMark();
      setItems(m.peek(), items);
    },
  ],
];

const references: readonly [number, Action][] = [
  [0x80, (m) => void m.take(1)], // PROTO
  [0x95, (m) => void m.take(8)], // FRAME
  [0x67, (m) => m.get(numberOf(m.line()))], // GET
  [0x68, (m) => m.get(m.take(1)[0])], // BINGET
  [0x6a, (m) => m.get(m.take(4).readUInt32LE())], // LONG_BINGET
  [0x70, (m) => m.put(numberOf(m.line()))], // PUT
  [0x71, (m) => m.put(m.take(1)[0])], // BINPUT
  [0x72, (m) => m.put(m.take(4).readUInt32LE())], // LONG_BINPUT
  [0x94, (m) => m.memoize()], // MEMOIZE
  [0x63, (m) => m.global(m.line(), m.line())], // GLOBAL
  [
    0x93, // STACK_GLOBAL
    (m) => {
      const [name, module] = [m.pop(), m.pop()];
      m.global(String(module), String(name));
    },
  ],
  [
    0x52, // REDUCE
    (m) => {
      const [args, target] = [m.pop(), m.pop()];
      m.push(m.call(target, args) as Item);
    },
  ],
  [
    0x81, // NEWOBJ
    (m) => {
      const [args, target] = [m.pop(), m.pop()];
      m.push(m.call(target, args) as Item);
    },
  ],
  [0x62, (m) => m.build()], // BUILD
  [0x51, (m) => m.push(m.persistent(m.pop()) as Item)], // BINPERSID
];

const OPCODES = new Map<number, Action>([...literals, ...collections, ...references]);
