/**
 * Has a file of others read in a process of its own: with a deadline, a cap on its memory, and,
 * under Node's permission model, no sight of any other file. Whatever happens to that process, this
 * one lives and says what happened.
 */

import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { Fault } from '../../shared/fault';
import type { TakenWeights } from '../../shared/foreign/imported';
import type { FileReport, ReaderAnswer } from '../../shared/spec/foreign';
import { cacheFolder, packageRoot } from '../native/places';
import { forkEngine, type EngineProcess, type Spawn } from './engine-process';

/** What a file is given: time by its length, and memory over twice its length. */
const DEADLINE_MS = 5_000;
const START_MS = 20_000;
const BYTES_PER_MS = 20_000;
const MEMORY = 512 * 2 ** 20;
const WATCH_MS = 50;
const PAGE = 4096;

/** Copies of the weights that were taken, by content. */
export const importsFolder = (): string => join(cacheFolder(), 'imports');

/** A file that begins as JSON may name others beside it. */
function reachOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const first = Buffer.alloc(1);
    readSync(file, first, 0, 1, 0);
    return first[0] === 0x7b ? join(dirname(path), '*') : path;
  } finally {
    closeSync(file);
  }
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

/** Ends a process that takes too long or too much. */
function watch(child: EngineProcess, size: number, refuse: (reason: string) => void) {
  let deadline = START_MS;
  let began = performance.now();
  const timer = setInterval(() => {
    const memory = memoryOf(child.pid) ?? 0;
    const isLate = performance.now() - began > deadline;
    if (!isLate && memory <= MEMORY + 2 * size) return;
    child.kill();
    refuse(isLate ? 'it takes too long to read' : 'it takes too much memory to read');
  }, WATCH_MS);
  return {
    /** The process has started: from now on it reads. */
    reads: () => ([began, deadline] = [performance.now(), DEADLINE_MS + size / BYTES_PER_MS]),
    stop: () => clearInterval(timer),
  };
}

function ask(path: string, folder: string | null, spawn: Spawn): Promise<ReaderAnswer> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new Fault('not-found', `cannot read ${path}: there is no such file`);
  }
  if (!stat.isFile()) throw new Fault('bad-value', `${path} is a folder, not a file`);
  const { size } = stat;
  const entry = join(packageRoot(), 'dist', 'reader.js');
  const words: string[] = [];
  const log = new Writable({
    write(chunk: Buffer, _encoding, done) {
      words.push(chunk.toString());
      done();
    },
  });
  const flags = ['--max-old-space-size=400', ...permissions(path, folder)];
  const child = spawn(entry, { PATH: process.env['PATH'] }, log, flags);
  return new Promise((done, fail) => {
    const refuse = (reason: string) =>
      fail(new Fault('damaged', `${basename(path)} was given up: ${reason}`));
    const { reads, stop } = watch(child, size, refuse);
    child.onMessage((frame) => {
      if ((frame as { kind?: string }).kind === 'ready') {
        reads();
        return child.send({ path, folder });
      }
      stop();
      child.disconnect();
      done(frame as ReaderAnswer);
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

async function answered(path: string, folder: string | null, spawn: Spawn) {
  const answer = await ask(resolve(path), folder, spawn);
  if ('fault' in answer) throw new Fault(answer.fault.code, answer.fault.message);
  return answer;
}

/** What the file at `path` is. @throws Fault 'not-found', 'damaged' or 'bad-value' */
export async function inspectFile(path: string, spawn: Spawn = forkEngine): Promise<FileReport> {
  return (await answered(path, null, spawn)).report;
}

/** Takes the weights out of the file at `path`. @throws Fault as `inspectFile` */
export async function takeWeights(path: string, spawn: Spawn = forkEngine): Promise<TakenWeights> {
  const answer = await answered(path, importsFolder(), spawn);
  return { report: answer.report, path: answer.path! };
}

/** Takes the weights out of a file that was dropped on a window: bytes that lie nowhere yet. */
export async function takeDropped(
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
  spawn: Spawn,
): Promise<TakenWeights> {
  const folder = mkdtempSync(join(tmpdir(), 'isocurve-dropped-'));
  try {
    const path = join(folder, basename(name.replaceAll('\\', '/')) || 'dropped');
    writeFileSync(path, bytes);
    return await takeWeights(path, spawn);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
