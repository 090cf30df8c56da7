/**
 * Has a file of others read in a process of its own: with a cap on its time and its memory, and,
 * under Node's permission model, no sight of any other file. Whatever happens to that process, this
 * one lives and says what happened.
 */

import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { Fault, onDisk } from '../../shared/fault';
import type { TakenWeights } from '../../shared/foreign/imported';
import type { StoredDataset, TakeOptions } from '../../shared/spec/dataset';
import type {
  FileReport,
  ReaderFrame,
  ReaderRequest,
  ReaderResults,
  ReaderTask,
  SentRequest,
} from '../../shared/spec/foreign';
import type { GuardedPath } from '../../shared/spec/place';
import { bytesAt } from '../native/bytes';
import { draftTag, sweepDrafts } from '../native/drafts';
import { makeFolders } from '../native/folders';
import { importsFolder, packageRoot, storeFolder } from '../native/places';
import { checkKind } from '../native/readable';
import { forkEngine, type Spawn } from './engine-process';
import { limitsOf, watch } from './limits';

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
 * Flags under which Node lets a process see no files but these. Electron's utility processes pass
 * over them (they make Node's environment and never parse its options), so a reader there is a
 * process of its own with a cap on time and, on Linux, on memory, but sees what its user sees.
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

/** Makes the folder that a reader writes into, without what earlier ones left half-written. */
function prepare(folder: string): void {
  onDisk('write', folder, () => makeFolders(folder));
  sweepDrafts(folder);
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
  const { path, task } = request;
  const isFolder = statSync(path).isDirectory();
  // A folder counts whole; of a file that names others, those that it has opened.
  let size = bytesAt(realpathSync(path));
  const limits = () => limitsOf(task, size, isFolder);
  const folder = 'folder' in request ? request.folder : null;
  if (folder !== null) prepare(folder);
  const { log, words } = listener();
  const heap = Math.max(400, Math.floor(limits().bytes / 2 ** 20) - 112);
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
          return child.send({ ...request, draft: draftTag(child.pid) } satisfies SentRequest);
        case 'opened':
          size = Math.max(size, frame.bytes);
          return;
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
      // Its own drafts too, if it was ended: nobody else will.
      if (folder !== null) sweepDrafts(folder);
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
  checkKind(path, mayBeFolder);
  return path;
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
