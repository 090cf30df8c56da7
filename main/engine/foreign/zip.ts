/**
 * Zip archives, for reading only. Refused are archives that lie about themselves: entries that
 * overlap, names, sizes and checksums that differ between the two headers, names that lead out of
 * the archive, anything encrypted, and contents far larger than the archive (the class of zip
 * bombs; CVE-2019-13232). Format: PKWARE's APPNOTE 6.3.
 */

import { crc32, inflateRawSync } from 'node:zlib';
import type { Source } from './source';

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly isStored: boolean;
  /** Where its bytes lie in the archive. */
  readonly offset: number;
  /** Its content, checked against its checksum. */
  read(): Buffer;
}

const FORMAT = 'a zip archive';
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const ENCRYPTED = 1;
/** Sizes and checksum stand behind the content; its own header may leave them out, as zero. */
const DESCRIBED_BEHIND = 8;
const STORED = 0;
const DEFLATED = 8;
/** Entries that an archive may have. */
const MOST_ENTRIES = 100_000;
/** Times that compressed content may be larger than what it is packed in. */
const MOST_RATIO = 200;
/** Bytes that all compressed entries may have together. */
const MOST_BYTES = 8 * 2 ** 30;

interface Raw {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly header: number;
}

/** Where the central directory lies. */
function directoryOf(source: Source): { offset: number; size: number; count: number } {
  const tail = source.read(Math.max(0, source.size - 65_557), Math.min(source.size, 65_557));
  const from = source.size - tail.length;
  for (let i = tail.length - 22; i >= 0; i--) {
    if (tail.readUInt32LE(i) !== END) continue;
    if (i + 22 + tail.readUInt16LE(i + 20) !== tail.length) continue;
    const directory = {
      count: tail.readUInt16LE(i + 10),
      size: tail.readUInt32LE(i + 12),
      offset: tail.readUInt32LE(i + 16),
    };
    const has64 = i >= 20 && tail.readUInt32LE(i - 20) === LOCATOR_64;
    if (!has64) return directory;
    const at = Number(tail.readBigUInt64LE(i - 12));
    const end = source.read(at, 56);
    if (end.readUInt32LE(0) !== END_64) {
      throw source.refuse(FORMAT, from + i - 20, 'its 64-bit directory is not where it should be');
    }
    const [count, size, offset] = [32, 40, 48].map((place) => Number(end.readBigUInt64LE(place)));
    if (![count, size, offset].every(Number.isSafeInteger)) {
      throw source.refuse(FORMAT, at, 'its directory claims more bytes than a file can have');
    }
    return { count, size, offset };
  }
  throw source.refuse(FORMAT, source.size, 'its directory is missing; the file is not whole');
}

/** 64-bit sizes stand in an extra field, in this order, only where the short ones are full. */
function widen(extra: Buffer, short: { size: number; packed: number; header: number }) {
  const wide = { ...short };
  for (let i = 0; i + 4 <= extra.length;) {
    const [kind, length] = [extra.readUInt16LE(i), extra.readUInt16LE(i + 2)];
    if (kind === 1 && i + 4 + length <= extra.length) {
      let at = i + 4;
      for (const key of ['size', 'packed', 'header'] as const) {
        if (short[key] !== 0xffffffff || at + 8 > i + 4 + length) continue;
        wide[key] = Number(extra.readBigUInt64LE(at));
        at += 8;
      }
    }
    i += 4 + length;
  }
  return wide;
}

function centralEntries(source: Source): Raw[] {
  const { offset, size, count } = directoryOf(source);
  if (count > MOST_ENTRIES) throw source.refuse(FORMAT, offset, `it claims ${count} entries`);
  const directory = source.read(offset, size);
  const entries: Raw[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const refuse = (reason: string) => source.refuse(FORMAT, offset + at, reason);
    if (at + 46 > size || directory.readUInt32LE(at) !== CENTRAL) {
      throw refuse(`entry ${i} of its directory is malformed`);
    }
    const lengths = [28, 30, 32].map((place) => directory.readUInt16LE(at + place));
    const end = at + 46 + lengths[0] + lengths[1] + lengths[2];
    if (end > size) throw refuse(`entry ${i} of its directory is cut off`);
    const nameBytes = directory.subarray(at + 46, at + 46 + lengths[0]);
    const name = nameBytes.toString('utf8');
    if ((directory.readUInt16LE(at + 8) & ENCRYPTED) !== 0) throw refuse(`'${name}' is encrypted`);
    const extra = directory.subarray(at + 46 + lengths[0], at + 46 + lengths[0] + lengths[1]);
    const wide = widen(extra, {
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      header: directory.readUInt32LE(at + 42),
    });
    if (![wide.packed, wide.size, wide.header].every(Number.isSafeInteger)) {
      throw refuse(`'${name}' claims more bytes than a file can have`);
    }
    entries.push({
      name,
      nameBytes,
      method: directory.readUInt16LE(at + 10),
      checksum: directory.readUInt32LE(at + 16),
      ...wide,
    });
    at = end;
  }
  return entries;
}

const leadsOut = (name: string): boolean =>
  name.includes('\0') ||
  name.includes('\\') ||
  /^([a-z]:|\/)/i.test(name) ||
  name.split('/').includes('..');

/** What an entry's own header says otherwise than the directory. */
function differences(entry: Raw, local: Buffer, extra: Buffer): string[] {
  const isBehind = (local.readUInt16LE(6) & DESCRIBED_BEHIND) !== 0;
  const sizes = { packed: local.readUInt32LE(18), size: local.readUInt32LE(22), header: 0 };
  const { packed, size } = widen(extra, sizes);
  const said = [
    ['checksum', local.readUInt32LE(14), entry.checksum],
    ['packed size', packed, entry.packed],
    ['size', size, entry.size],
  ] as const;
  return said.flatMap(([what, own, listed]) =>
    own === listed || (isBehind && own === 0) ? [] : [what],
  );
}

/** Where the bytes of an entry begin; its own header must agree with the directory. */
function contentOffset(source: Source, entry: Raw): number {
  const refuse = (reason: string) => source.refuse(FORMAT, entry.header, reason);
  const local = source.read(entry.header, 30);
  if (local.readUInt32LE(0) !== LOCAL) throw refuse(`'${entry.name}' is not where it should be`);
  const [nameLength, extraLength] = [local.readUInt16LE(26), local.readUInt16LE(28)];
  const tail = source.read(entry.header + 30, nameLength + extraLength);
  const nameBytes = tail.subarray(0, nameLength);
  const { name } = entry;
  // Bytes, not letters: what is no UTF-8 reads alike.
  if (!nameBytes.equals(entry.nameBytes)) {
    throw refuse(`'${name}' calls itself '${nameBytes.toString('utf8')}'`);
  }
  if (local.readUInt16LE(8) !== entry.method) throw refuse(`'${name}' is packed in two ways`);
  if ((local.readUInt16LE(6) & ENCRYPTED) !== 0) throw refuse(`'${name}' is encrypted`);
  const unlike = differences(entry, local, tail.subarray(nameLength));
  if (unlike.length > 0)
    throw refuse(`the two headers of '${name}' differ in ${unlike.join(', ')}`);
  return entry.header + 30 + nameLength + extraLength;
}

function checkSizes(source: Source, { name, method, packed, size, header }: Raw): void {
  const refuse = (reason: string) => source.refuse(FORMAT, header, reason);
  if (method !== STORED && method !== DEFLATED) {
    throw refuse(`'${name}' is packed by method ${method}; pack it by deflate or not at all`);
  }
  if (method === STORED && packed !== size) throw refuse(`'${name}' has two sizes`);
  if (method === DEFLATED && size > MOST_RATIO * packed + 1024) {
    throw refuse(`'${name}' claims ${size} bytes packed in ${packed}`);
  }
}

function contentOf(source: Source, entry: Raw, offset: number): Buffer {
  const refuse = (reason: string) => source.refuse(FORMAT, offset, `'${entry.name}' ${reason}`);
  const packed = source.read(offset, entry.packed);
  let content = packed;
  if (entry.method === DEFLATED) {
    try {
      content = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
    } catch (error) {
      throw refuse(`cannot be unpacked (${(error as Error).message})`);
    }
  }
  if (content.length !== entry.size) throw refuse(`has ${content.length} bytes, not ${entry.size}`);
  if (crc32(content) !== entry.checksum)
    throw refuse('does not match its checksum; fetch it again');
  return content;
}

/** The entries of an archive, by name. @throws Fault 'damaged' */
export function readZip(source: Source): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  const spans: { from: number; to: number; name: string }[] = [];
  let unpacked = 0;
  for (const raw of centralEntries(source)) {
    const refuse = (reason: string) => source.refuse(FORMAT, raw.header, reason);
    if (leadsOut(raw.name)) throw refuse(`the name ${JSON.stringify(raw.name)} leads out of it`);
    if (entries.has(raw.name)) throw refuse(`it holds '${raw.name}' twice`);
    checkSizes(source, raw);
    if (raw.method === DEFLATED) unpacked += raw.size;
    if (unpacked > MOST_BYTES) throw refuse(`it claims more than ${MOST_BYTES} bytes`);
    const offset = contentOffset(source, raw);
    if (offset + raw.packed > source.size) throw refuse(`'${raw.name}' is cut off`);
    spans.push({ from: raw.header, to: offset + raw.packed, name: raw.name });
    entries.set(raw.name, {
      name: raw.name,
      size: raw.size,
      isStored: raw.method === STORED,
      offset,
      read: () => contentOf(source, raw, offset),
    });
  }
  spans.sort((a, b) => a.from - b.from);
  spans.forEach(({ to, name }, i) => {
    const next = spans[i + 1];
    if (next === undefined || to <= next.from) return;
    throw source.refuse(FORMAT, next.from, `'${name}' and '${next.name}' overlap`);
  });
  return entries;
}
