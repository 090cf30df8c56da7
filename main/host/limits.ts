/**
 * What a process that reads a file of others is given, and its end where it takes more. Time is
 * that of the processor, so that a busy machine gives nothing up.
 */

import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { ReaderTask } from '../../shared/spec/foreign';
import type { EngineProcess } from './engine-process';

const START_MS = 20_000;
const DEADLINE_MS = 5_000;
const BYTES_PER_MS = 20_000;
const MEMORY = 512 * 2 ** 20;
/** A dataset's archive is unpacked in memory, up to this. */
const MOST_ARCHIVE = 2 * 2 ** 30;
const DATASET_MS = 30_000;
const DATASET_BYTES_PER_MS = 200;

/** Times its limit that a process may last which computes nothing: its disk may hang. */
const IDLE_FACTOR = 12;
/**
 * Times its limit that a process may last where this system does not say how long it computed. A
 * process that hangs cannot say it either, so outside of Linux it is the clock that counts.
 */
const BLIND_FACTOR = 4;
const WATCH_MS = 50;
/** Looks in a row at which it must have taken too much: what it says comes in between. */
const LOOKS = 2;
const PAGE = 4096;
/** A tick of the kernel's counts: its USER_HZ is 100. */
const TICK_MS = 10;

export interface Limits {
  /** Milliseconds of processor time. */
  readonly milliseconds: number;
  /** Of memory. */
  readonly bytes: number;
}

/** Time by the length of what is read, and memory over twice its length. */
export function limitsOf(task: ReaderTask, size: number, isFolder: boolean): Limits {
  if (task !== 'dataset') {
    const bytes = MEMORY + Math.min(2 * size, totalmem() / 2);
    return { milliseconds: DEADLINE_MS + size / BYTES_PER_MS, bytes };
  }
  // Pictures take longer to unpack; a folder is never held whole, so its size gives no memory.
  const bytes = isFolder ? 2 * MEMORY : MEMORY + Math.min(2 * size, MOST_ARCHIVE);
  return { milliseconds: DATASET_MS + size / DATASET_BYTES_PER_MS, bytes };
}

/** What a process has taken; null: this system does not say, or the process has just ended. */
export interface Taken {
  /** Milliseconds of processor time, of all its threads. */
  readonly processor: number | null;
  /** Bytes of resident memory. */
  readonly memory: number | null;
}

function procText(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return null;
  }
}

/** What a process has taken, by Linux' /proc (proc(5): fields 14 and 15 of `stat`). */
export function takenBy(pid: number): Taken {
  const [stat, pages] = [procText(pid, 'stat'), procText(pid, 'statm')];
  // A program's name may hold spaces and brackets: fields are counted from behind it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    processor: fields === undefined ? null : TICK_MS * (Number(fields[11]) + Number(fields[12])),
    memory: pages === null ? null : PAGE * Number(pages.split(' ')[1]),
  };
}

/** Why a process is ended that took so much and lasted `lasted` milliseconds; null: it is not. */
export function excessOf(
  { processor, memory }: Taken,
  lasted: number,
  { milliseconds, bytes }: Limits,
): string | null {
  if (memory !== null && memory > bytes) return 'it takes too much memory to read';
  const isLate =
    processor === null
      ? lasted > BLIND_FACTOR * milliseconds
      : processor > milliseconds || lasted > IDLE_FACTOR * milliseconds;
  return isLate ? 'it takes too long to read' : null;
}

/** Ends `child` where it takes more than `limits` gives, which may grow while it reads. */
export function watch(
  child: Pick<EngineProcess, 'pid' | 'kill'>,
  limits: () => Limits,
  refuse: (reason: string) => void,
  look: (pid: number) => Taken = takenBy,
) {
  let began = performance.now();
  let before = 0;
  let hasStarted = false;
  let looks = 0;
  const timer = setInterval(() => {
    const { processor, memory } = look(child.pid);
    const given = hasStarted ? limits() : { ...limits(), milliseconds: START_MS };
    const taken = { processor: processor === null ? null : processor - before, memory };
    const reason = excessOf(taken, performance.now() - began, given);
    looks = reason === null ? 0 : looks + 1;
    if (reason === null || looks < LOOKS) return;
    child.kill();
    refuse(reason);
  }, WATCH_MS);
  return {
    /** The process has started: from now on it reads. */
    reads(): void {
      [began, before] = [performance.now(), look(child.pid).processor ?? 0];
      hasStarted = true;
    },
    stop: (): void => clearInterval(timer),
  };
}
