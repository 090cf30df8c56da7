/**
 * What was read of a workspace, kept for the next start: a file per workspace in the user's cache.
 * A file that is damaged, of another version or too large is no cache at all.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { StudyItem } from '../../../shared/spec/library';
import { version } from '../../native/version';
import { writeAtomically } from '../files';
import type { KnownRow } from './row';

/** What is remembered of one study. */
export interface Entry extends KnownRow {
  readonly items: readonly StudyItem[];
  /** By which the studies are sorted: when it was started, or else its folder's time. */
  readonly age: number;
  /** False: it is to be read again in any case. */
  readonly isSettled: boolean;
}

/** Changes with what is kept and how. */
const FORMAT = 1;
/** Bytes that one workspace may take. */
const MOST_BYTES = 64 * 2 ** 20;
/** Workspaces that are kept; of more, the ones longest unchanged go. */
const MOST_FILES = 16;

const fileOf = (folder: string, workspace: string): string =>
  join(folder, `${createHash('sha256').update(workspace).digest('hex').slice(0, 32)}.json`);

/** The first line: which Isocurve wrote the rest, for which workspace, and its checksum. */
const headerOf = (workspace: string, body: Buffer): string =>
  JSON.stringify({ format: FORMAT, version, workspace, checksum: crc32(body) });

const toBase64 = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** A copy of the bytes, aligned for any typed array. */
const fromBase64 = (text: string): ArrayBuffer =>
  new Uint8Array(Buffer.from(text, 'base64')).buffer;

function encode({ summary, watched, ...rest }: Entry) {
  const thumbnails = summary.thumbnails.map((one) => ({ ...one, heights: toBase64(one.heights) }));
  return {
    ...rest,
    summary: { ...summary, thumbnails },
    watched: { ...watched, stats: toBase64(watched.stats) },
  };
}

function decode({ summary, watched, ...rest }: ReturnType<typeof encode>): Entry {
  const thumbnails = summary.thumbnails.map((one) => ({
    ...one,
    heights: new Float32Array(fromBase64(one.heights)),
  }));
  return {
    ...rest,
    summary: { ...summary, thumbnails },
    watched: { ...watched, stats: new BigInt64Array(fromBase64(watched.stats)) },
  };
}

/** What is kept of `workspace`: nothing where the file is not whole. */
export function loadEntries(folder: string, workspace: string): Map<string, Entry> {
  try {
    const path = fileOf(folder, workspace);
    if (statSync(path).size > MOST_BYTES) return new Map();
    const bytes = readFileSync(path);
    const end = bytes.indexOf(10);
    const body = bytes.subarray(end + 1);
    if (bytes.toString('utf8', 0, end) !== headerOf(workspace, body)) return new Map();
    const kept = JSON.parse(body.toString('utf8')) as [string, ReturnType<typeof encode>][];
    return new Map(kept.map(([name, entry]) => [name, decode(entry)]));
  } catch {
    return new Map();
  }
}

/** Deletes all but the latest files of `folder`, drafts of writers that died among them. */
function prune(folder: string): void {
  const files = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  const old = files.sort((a, b) => b.time - a.time).slice(MOST_FILES);
  for (const { path } of old) rmSync(path, { force: true });
}

/**
 * Keeps what is settled. A cache that cannot be written is done without: the next start reads the
 * workspace again.
 */
export function saveEntries(
  folder: string,
  workspace: string,
  entries: ReadonlyMap<string, Entry>,
): void {
  try {
    const settled = [...entries].filter(([, { isSettled }]) => isSettled);
    const kept = settled.map(([name, entry]) => [name, encode(entry)]);
    const body = Buffer.from(JSON.stringify(kept));
    const content = Buffer.concat([Buffer.from(`${headerOf(workspace, body)}\n`), body]);
    if (content.length > MOST_BYTES) return;
    mkdirSync(folder, { recursive: true });
    writeAtomically(fileOf(folder, workspace), content);
    prune(folder);
  } catch {
    return;
  }
}
