/**
 * Checks files whose hash nobody recorded: by their own checksums, and a surface's tables by the
 * journal that they were made from.
 */

import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Fault } from '../../../shared/fault';
import type { RunResult, SurfaceResult } from '../../../shared/spec/results';
import type { Surface } from '../../../shared/spec/surface';
import { parseOwn, readManifest } from '../files';
import { readHeader } from '../foreign/safetensors';
import { FileSource } from '../foreign/source';
import { isJournalSound } from '../surface/journal';
import { hashFile, MISSING, type Trouble } from './inventory';
import { checkpointIn } from './kept-checkpoints';
import { filesOf, readSurface, table } from './surface-files';

/** The manifest of a run or of a surface. */
export type PartManifest = Pick<RunResult, 'id'> & Partial<RunResult & SurfaceResult>;

/** Bytes of a table that is held against its journal; that takes some times as many in memory. */
const MOST = 2 ** 26;

const CUT: Trouble = { trouble: 'cut', what: 'is cut' };

const damaged = (what: string): Trouble => ({ trouble: 'changed', what });

/** Files that a finished part of an earlier version has at least. */
export function filesExpected(part: string, manifest: PartManifest): string[] {
  const { id, checkpoints, origin } = manifest;
  if (part.startsWith('runs/')) return (checkpoints ?? []).map((step) => checkpointIn(id, step));
  // The first versions wrote no head.
  return filesOf(id, origin === undefined).filter((path) => !path.endsWith('/head.json'));
}

/** The tensors of our own files follow each other in the order of their hash. */
async function checkTensors(path: string, signal: AbortSignal): Promise<Trouble | null> {
  const source = new FileSource(path);
  let header: ReturnType<typeof readHeader>;
  try {
    header = readHeader(source);
  } finally {
    source.close();
  }
  const known = header.metadata.get('sha256');
  const start = Math.min(...header.stored.map(({ from }) => from), source.size);
  if (known === undefined || (await hashFile(path, start, signal)).sha256 === known) return null;
  return damaged('has changed: its numbers do not match its own checksum');
}

async function checkLines(path: string, signal: AbortSignal): Promise<Trouble | null> {
  const { size } = await stat(path);
  if (size === 0) return null;
  const file = await open(path, 'r');
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1).finally(() => file.close());
  if (last[0] !== 10) return { trouble: 'cut', what: 'is cut: its last line has no end' };
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(path, { signal }) })) {
    count++;
    try {
      parseOwn(line);
    } catch {
      return damaged(`has changed: its line ${count} cannot be read`);
    }
  }
  return null;
}

/** Bytes of a superblock of HDF5, of the versions that are written. */
const SUPERBLOCK = 48;
/** Where a superblock has the end of the file (format specification 3.0, II.A), by version. */
const END_AT = new Map([
  [0, 40],
  [2, 28],
  [3, 28],
]);

/** Whether an HDF5 file of `size` bytes that begins with `head` is there to its end. */
function isWholeHdf5(head: Buffer, size: number): boolean {
  const at = head.length < SUPERBLOCK ? undefined : END_AT.get(head[8]);
  return at !== undefined && head.readBigUInt64LE(at) <= BigInt(size);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

/** Whether a file in HDF5 holds these numbers, which ours have in one piece each. */
const holds = (file: Buffer, { losses, accuracies, standardErrors }: Surface): boolean =>
  [losses, accuracies.map((share) => 100 * share), standardErrors].every((values) =>
    file.includes(bytesOf(values)),
  );

async function checkTable(path: string, manifest: PartManifest): Promise<Trouble | null> {
  if ((await stat(path)).size > MOST || manifest.x === undefined || manifest.y === undefined) {
    return null;
  }
  const bytes = await readFile(path);
  const isHdf5 = path.endsWith('.h5');
  if (isHdf5 && !isWholeHdf5(bytes, bytes.length)) return CUT;
  const surface = readSurface(dirname(path), { x: manifest.x, y: manifest.y });
  if (surface.measured.includes(0)) return null;
  const isSame = isHdf5 ? holds(bytes, surface) : bytes.toString() === table(surface);
  return isSame ? null : damaged('does not hold what the journal beside it holds');
}

async function checkDirections(path: string): Promise<Trouble | null> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(SUPERBLOCK);
    const { bytesRead } = await file.read(head, 0, SUPERBLOCK, 0);
    const { size } = await file.stat();
    return isWholeHdf5(head.subarray(0, bytesRead), size) ? null : CUT;
  } finally {
    await file.close();
  }
}

async function checkKind(
  place: string,
  name: string,
  manifest: PartManifest | null,
  signal: AbortSignal,
): Promise<Trouble | null> {
  if (name.endsWith('.safetensors')) return checkTensors(place, signal);
  if (name.endsWith('.jsonl') && manifest !== null) return checkLines(place, signal);
  if (name.endsWith('.json')) {
    readManifest(place);
    return null;
  }
  if (name === 'directions.h5') return checkDirections(place);
  if (name === 'journal.bin') {
    const { x, y, origin } = manifest ?? {};
    // What was measured elsewhere may have gaps.
    const isFull = x !== undefined && origin === undefined;
    const cells = isFull ? x.length * (y?.length ?? 1) : null;
    const isSound = await isJournalSound(place, cells, signal);
    return isSound ? null : damaged('has changed: its cells do not match their checksums');
  }
  const isTable = name === 'surface.h5' || name === 'surface.csv';
  return isTable && manifest !== null ? checkTable(place, manifest) : null;
}

/**
 * What is wrong with the file at `path`, from the study's folder; null: nothing that can be seen.
 * `manifest` is that of its part; null: it has none that can be believed, as while it is made.
 */
export async function checkByItself(
  folder: string,
  path: string,
  manifest: PartManifest | null,
  signal: AbortSignal,
): Promise<Trouble | null> {
  try {
    return await checkKind(join(folder, path), path.split('/').pop() ?? '', manifest, signal);
  } catch (error) {
    if (error instanceof Fault) return damaged('cannot be read as what it is');
    const { code } = error as { code?: unknown };
    // What is being made meanwhile may go.
    if (code === 'ENOENT') return manifest === null ? null : MISSING;
    if (signal.aborted || typeof code !== 'string') throw error;
    return { trouble: 'unreadable', what: `cannot be read (${code})` };
  }
}
