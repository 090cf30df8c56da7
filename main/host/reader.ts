/**
 * Has a file of others read in a process of its own: with a deadline, a cap on its memory, and,
 * under Node's permission model, no sight of any other file. Whatever happens to that process, this
 * one lives and says what happened.
 */

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { totalmem } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { Fault } from '../../shared/fault';
import type { TakenWeights } from '../../shared/foreign/imported';
import type { StoredDataset, TakeOptions } from '../../shared/spec/dataset';
import type {
  FileReport,
  ReaderFrame,
  ReaderRequest,
  ReaderResults,
  ReaderTask,
} from '../../shared/spec/foreign';
import type { GuardedPath } from '../../shared/spec/place';
import { bytesAt, bytesWithin } from '../native/bytes';
import { importsFolder, packageRoot, storeFolder } from '../native/places';
import { forkEngine, type EngineProcess, type Spawn } from './engine-process';

/** What a file is given: time by its length, and memory over twice its length. */
const DEADLINE_MS = 5_000;
const START_MS = 20_000;
const BYTES_PER_MS = 20_000;
const MEMORY = 512 * 2 ** 20;
/** A dataset's archive is unpacked in memory, up to this. */
const MOST_ARCHIVE = 2 * 2 ** 30;
const DATASET_MS = 30_000;
const DATASET_BYTES_PER_MS = 200;
const WATCH_MS = 50;
const PAGE = 4096;

/** How files begin that name others beside them: JSON, and the graph of a SavedModel. */
const NAMING = [Buffer.from('{'), Buffer.from([0x08, 0x01, 0x12])];
/** How the index of a TensorFlow checkpoint ends. */
const INDEX_END = Buffer.from('57fb808b247547db', 'hex');

/** Whether a file may name others, which must lie beside it. */
function mayNameOthers(path: string): boolean {
  const { size } = statSync(path);
  const file = openSync(path, 'r');
  try {
    const [head, tail] = [Buffer.alloc(3), Buffer.alloc(INDEX_END.length)];
    readSync(file, head, 0, head.length, 0);
    readSync(file, tail, 0, tail.length, Math.max(0, size - tail.length));
    return (
      tail.equals(INDEX_END) || NAMING.some((start) => head.subarray(0, start.length).equals(start))
    );
  } finally {
    closeSync(file);
  }
}

/** What a reader may see of the disk: a folder whole; of a file, itself and what it may name. */
function reachOf(path: string): string {
  if (statSync(path).isDirectory()) return join(path, '*');
  return mayNameOthers(path) ? join(dirname(path), '*') : path;
}

/**
 * Flags under which Node lets a process see no files but these. Electron's Node has no such ones.
 */
function permissions(path: string, writes: string | null): string[] {
  if (process.versions['electron'] !== undefined) return [];
  const flag =
    Number(process.versions.node.split('.')[0]) < 22 ? '--experimental-permission' : '--permission';
  const reads = [
    join(packageRoot(), '*'),
    reachOf(path),
    ...(writes === null ? [] : [join(writes, '*')]),
  ];
  return [
    flag,
    '--no-warnings',
    ...reads.map((place) => `--allow-fs-read=${place}`),
    ...(writes === null ? [] : [`--allow-fs-write=${join(writes, '*')}`]),
  ];
}

/** Resident bytes of a process; null where this system does not say. */
function memoryOf(pid: number): number | null {
  const path = `/proc/${pid}/statm`;
  if (!existsSync(path)) return null;
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[1]) * PAGE;
  } catch {
    return null; // it has just ended
  }
}

/** What a reader is given: time, once it has started, and memory. */
interface Limits {
  readonly milliseconds: number;
  readonly bytes: number;
}

/** Ends a process that takes too long or too much. */
function watch(child: EngineProcess, limits: Limits, refuse: (reason: string) => void) {
  let deadline = START_MS;
  let began = performance.now();
  const timer = setInterval(() => {
    const memory = memoryOf(child.pid) ?? 0;
    const isLate = performance.now() - began > deadline;
    if (!isLate && memory <= limits.bytes) return;
    child.kill();
    refuse(isLate ? 'it takes too long to read' : 'it takes too much memory to read');
  }, WATCH_MS);
  return {
    /** The process has started: from now on it reads. */
    reads: () => ([began, deadline] = [performance.now(), limits.milliseconds]),
    stop: () => clearInterval(timer),
  };
}

/** Bytes that a reader of `path` may come to read. */
function reachedBytes(path: string): number {
  if (statSync(path).isDirectory() || !mayNameOthers(path)) return bytesAt(path);
  const variables = join(dirname(path), 'variables');
  return bytesWithin(dirname(path)) + (existsSync(variables) ? bytesWithin(variables) : 0);
}

function limitsOf({ task, path }: ReaderRequest): Limits {
  const size = reachedBytes(path);
  if (task !== 'dataset') {
    const bytes = MEMORY + Math.min(2 * size, totalmem() / 2);
    return { milliseconds: DEADLINE_MS + size / BYTES_PER_MS, bytes };
  }
  // Pictures take longer to unpack; a folder is never held whole, so its size gives no memory.
  const isFolder = statSync(path).isDirectory();
  const bytes = isFolder ? 2 * MEMORY : MEMORY + Math.min(2 * size, MOST_ARCHIVE);
  return { milliseconds: DATASET_MS + size / DATASET_BYTES_PER_MS, bytes };
}

/** The words of a process, for when it ends without an answer. */
function listener(): { log: Writable; words: string[] } {
  const words: string[] = [];
  const log = new Writable({
    write(chunk: Buffer, _encoding, done) {
      words.push(chunk.toString());
      done();
    },
  });
  return { log, words };
}

/** How far a reader is, from 0 to 1. */
export type Tell = (share: number) => void;

/**
 * What a process of its own answers to `request`.
 * @throws Fault its own, or 'damaged' when it was ended
 */
function ask<Task extends ReaderTask>(
  request: ReaderRequest & { readonly task: Task },
  spawn: Spawn,
  tell: Tell = () => undefined,
): Promise<ReaderResults[Task]> {
  const { path } = request;
  const limits = limitsOf(request);
  const folder = 'folder' in request ? request.folder : null;
  if (folder !== null) mkdirSync(folder, { recursive: true });
  const { log, words } = listener();
  const heap = Math.max(400, Math.floor(limits.bytes / 2 ** 20) - 112);
  const flags = [`--max-old-space-size=${heap}`, ...permissions(path, folder)];
  const entry = join(packageRoot(), 'dist', 'reader.js');
  const child = spawn(entry, { PATH: process.env['PATH'] }, log, flags);
  return new Promise((done, fail) => {
    const refuse = (reason: string) =>
      fail(new Fault('damaged', `${basename(path)} was given up: ${reason}`));
    const { reads, stop } = watch(child, limits, refuse);
    const end = () => {
      stop();
      child.disconnect();
    };
    child.onMessage((message) => {
      const frame = message as ReaderFrame;
      switch (frame.kind) {
        case 'ready':
          reads();
          return child.send(request);
        case 'progress':
          return tell(frame.share);
        case 'result':
          end();
          return done(frame.result as ReaderResults[Task]);
        case 'fault':
          end();
          return fail(new Fault(frame.code, frame.message));
        default:
          return frame satisfies never;
      }
    });
    child.onExit((how) => {
      stop();
      const said = words
        .join('')
        .split('\n')
        .find((line) => /error/i.test(line));
      refuse(`its reader ended (${how}${said === undefined ? '' : `: ${said.trim()}`})`);
    });
  });
}

/** The path of a file, or of a folder where one may be. @throws Fault */
function located(path: GuardedPath, mayBeFolder: boolean): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new Fault('not-found', `cannot read ${path}: there is no such file`);
  }
  if (stat.isFile() || (mayBeFolder && stat.isDirectory())) return path;
  const what = stat.isDirectory() ? 'a folder, not a file' : 'neither a file nor a folder';
  throw new Fault('bad-value', `${path} is ${what}`);
}

/** What the file or folder at `path` is. @throws Fault 'not-found', 'damaged' or 'bad-value' */
export const inspectFile = async (
  path: GuardedPath,
  spawn: Spawn = forkEngine,
): Promise<FileReport> => ask({ task: 'inspect', path: located(path, true) }, spawn);

/** Takes the weights out of the file at `path`. @throws Fault as `inspectFile` */
export const takeWeights = async (
  path: GuardedPath,
  spawn: Spawn = forkEngine,
): Promise<TakenWeights> =>
  ask({ task: 'weights', path: located(path, true), folder: importsFolder() }, spawn);

/** Takes directions out of the file at `path`. @throws Fault as `inspectFile` */
export const takeDirections = async (
  path: GuardedPath,
  spawn: Spawn = forkEngine,
): Promise<TakenWeights> =>
  ask({ task: 'directions', path: located(path, false), folder: importsFolder() }, spawn);

/** Takes the surface out of the file at `path`. @throws Fault as `inspectFile` */
export const takeSurface = async (
  path: GuardedPath,
  spawn: Spawn = forkEngine,
): Promise<TakenWeights> =>
  ask({ task: 'surface', path: located(path, false), folder: importsFolder() }, spawn);

/** Takes the dataset at `path`, a file or a folder, into the user's store. @throws Fault */
export const takeDataset = async (
  path: GuardedPath,
  options: TakeOptions,
  { spawn = forkEngine, tell }: { spawn?: Spawn; tell?: Tell } = {},
): Promise<StoredDataset> =>
  ask({ task: 'dataset', path: located(path, true), folder: storeFolder(), options }, spawn, tell);
