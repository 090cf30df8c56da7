/**
 * Lists of files with their lengths and hashes: taken when a part of a study is finished, and held
 * against what lies there later. Files pass through piece by piece. Knows no part by name.
 */

import { createHash } from 'node:crypto';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { FileRecord, type FileTrouble } from '../../../shared/spec/inventory';

/** Bytes read at a time: between two pieces the engine answers its other calls. */
const PIECE = 2 ** 20;

/** The pieces of the file at `path` from `offset` on, each valid until the next is asked for. */
export async function* piecesOf(
  path: string,
  offset = 0,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const buffer = new Uint8Array(PIECE);
    for (let position = offset; ;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, PIECE, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The SHA-256 of a file from `offset` on, and how many bytes that were. */
export async function hashFile(path: string, offset = 0, signal?: AbortSignal) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of piecesOf(path, offset, signal)) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** The files of `folder` at `paths`, which have slashes, as they are now. */
export async function recordFiles(folder: string, paths: readonly string[]): Promise<FileRecord[]> {
  const records: FileRecord[] = [];
  for (const path of paths) records.push({ path, ...(await hashFile(join(folder, path))) });
  return records;
}

/** The list in a manifest; null where it has none, as those of earlier versions. */
export function recordsIn(manifest: object): readonly FileRecord[] | null {
  const { files } = manifest as { files?: unknown };
  if (files === undefined) return null;
  const parsed = v.safeParse(v.array(FileRecord), files);
  return parsed.success ? parsed.output : null;
}

export interface Trouble {
  readonly trouble: FileTrouble;
  /** To follow the name of the file. */
  readonly what: string;
}

const count = (bytes: number): string => bytes.toLocaleString('en');

export const MISSING: Trouble = { trouble: 'missing', what: 'is missing' };

/** How the file of `record` in `folder` differs from it; null: not at all. */
export async function troubleWith(
  folder: string,
  { path, bytes, sha256 }: FileRecord,
  signal?: AbortSignal,
): Promise<Trouble | null> {
  const place = join(folder, path);
  try {
    const stat = await lstat(place);
    if (!stat.isFile()) return { trouble: 'changed', what: 'is not a file any more' };
    if (stat.size < bytes) {
      return { trouble: 'cut', what: `is cut: ${count(stat.size)} of ${count(bytes)} bytes` };
    }
    if (stat.size > bytes) {
      const what = `has changed: ${count(stat.size)} bytes instead of ${count(bytes)}`;
      return { trouble: 'changed', what };
    }
    const found = await hashFile(place, 0, signal);
    if (found.sha256 === sha256) return null;
    return { trouble: 'changed', what: 'has changed: its bytes are not those that were written' };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR') return MISSING;
    // A cancelled read has a code too.
    if (signal?.aborted === true || typeof code !== 'string') throw error;
    return { trouble: 'unreadable', what: `cannot be read (${code})` };
  }
}
