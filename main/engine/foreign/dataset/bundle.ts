/**
 * Whatever files of a dataset come in, as named entries: a folder, an archive, or one file. Nothing
 * is ever unpacked to disk, so no name in an archive can lead anywhere.
 */

import { createReadStream, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createGunzip, gunzipSync } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { Fault } from '../../../../shared/fault';
import { isNpz } from '../npy';
import { FileSource } from '../source';
import { readZip } from '../zip';

export interface Entry {
  /** Its path within the bundle, with slashes. */
  readonly name: string;
  readonly size: number;
  /** Where it lies on disk by itself; null: in an archive. */
  readonly path: string | null;
  /** All of its bytes. */
  read(): Buffer;
}

export type Bundle = readonly Entry[];

/** Bytes of an archive that are held in memory at once, unpacked. */
const MOST_BYTES = 2 ** 30;
const MOST_ENTRIES = 5_000_000;
const GZIP = Buffer.from([0x1f, 0x8b]);
const USTAR_AT = 257;

const damaged = (name: string, reason: string): Fault =>
  new Fault('damaged', `${name} cannot be read as a dataset: ${reason}`);

export const baseName = (entry: Entry): string => entry.name.slice(entry.name.lastIndexOf('/') + 1);

/** The files under a folder, in the order of their names; links are left alone. */
function inFolder(root: string): Entry[] {
  const entries: Entry[] = [];
  const walk = (folder: string, prefix: string) => {
    for (const name of readdirSync(folder).sort()) {
      if (name.startsWith('.')) continue;
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) walk(path, `${prefix}${name}/`);
      if (!stat.isFile()) continue;
      entries.push({ name: prefix + name, size: stat.size, path, read: () => readFileSync(path) });
      if (entries.length > MOST_ENTRIES) {
        throw damaged(basename(root), `it holds more than ${MOST_ENTRIES} files`);
      }
    }
  };
  walk(root, '');
  return entries;
}

/** The files of a tar archive, in memory: they come once, in the archive's order. */
async function inTar(path: string, isZipped: boolean): Promise<Entry[]> {
  const name = basename(path);
  const entries: Entry[] = [];
  let held = 0;
  const tar = extract();
  const unpacked = pipeline([createReadStream(path), ...(isZipped ? [createGunzip()] : []), tar]);
  unpacked.catch(() => undefined); // told by the loop below, too
  try {
    for await (const entry of tar) {
      const { type, name: inside, size = 0 } = entry.header;
      held += size;
      if (held > MOST_BYTES) {
        throw damaged(name, 'it holds more than 1 GiB; unpack it and give the folder');
      }
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      if (type !== 'file') continue;
      const bytes = Buffer.concat(chunks);
      entries.push({ name: inside, size: bytes.length, path: null, read: () => bytes });
    }
    await unpacked;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw damaged(name, `its archive is not whole (${(error as Error).message}); fetch it again`);
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a gzip file holds a tar archive: by the mark in its first block. */
async function holdsTar(path: string): Promise<boolean> {
  const chunks: Buffer[] = [];
  const unzipped = createReadStream(path, { end: 65_535 }).pipe(createGunzip());
  try {
    for await (const chunk of unzipped) {
      chunks.push(chunk as Buffer);
      break;
    }
  } catch {
    return false;
  }
  return isTar(Buffer.concat(chunks));
}

const isTar = (head: Buffer): boolean =>
  head.toString('latin1', USTAR_AT, USTAR_AT + 5) === 'ustar';

const single = (path: string, size: number): Entry => ({
  name: basename(path),
  size,
  path,
  read: () => readFileSync(path),
});

/** The entries of the folder or file at `path`. @throws Fault 'damaged' */
export async function openBundle(path: string): Promise<Bundle> {
  const stat = lstatSync(path);
  if (stat.isDirectory()) return inFolder(path);
  const source = new FileSource(path);
  try {
    const head = source.read(0, Math.min(source.size, 512));
    if (head.subarray(0, 2).equals(GZIP)) {
      return (await holdsTar(path)) ? await inTar(path, true) : [single(path, stat.size)];
    }
    if (isTar(head)) return await inTar(path, false);
    if (head.toString('latin1', 0, 2) !== 'PK') return [single(path, stat.size)];
    const zip = readZip(source);
    if (isNpz(zip)) return [single(path, stat.size)];
    const held = [...zip.values()].filter(({ name }) => !name.endsWith('/'));
    // The archive stays open as long as this process lives.
    const archive = new FileSource(path);
    const entries = readZip(archive);
    return held.map(({ name, size }) => ({
      name,
      size,
      path: null,
      read: () => entries.get(name)!.read(),
    }));
  } finally {
    source.close();
  }
}

/** The bytes of an entry, unpacked where they are gzip. @throws Fault 'damaged' */
export function contentOf(entry: Entry): Buffer {
  const bytes = entry.read();
  if (!bytes.subarray(0, 2).equals(GZIP)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw damaged(
      entry.name,
      `its gzip is not whole (${(error as Error).message}); fetch it again`,
    );
  }
}
