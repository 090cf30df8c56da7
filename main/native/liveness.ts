/**
 * Who a process is, so that another can tell later whether it still lives. Its number alone does
 * not say: it is given again after a restart, in every container, and in time to anybody.
 *
 * Linux tells all of it (/proc). macOS and the BSDs tell when a process started (`ps`) and have one
 * namespace. Windows tells only whether a number is in use, so there a living number is 'unknown',
 * and whoever asks has to watch what that process leaves on disk.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Identity {
  readonly pid: number;
  readonly host: string;
  /** One start of one machine; null: the system names none. */
  readonly boot: string | null;
  /** Within which its number means this process; null: there is only one such space. */
  readonly namespace: string | null;
  /** When it started, in the system's words; null: the system does not say. */
  readonly started: string | null;
}

/** 'unknown': it lives elsewhere, or the system does not say. */
export type Standing = 'alive' | 'dead' | 'unknown';

/** What the system says of a number: nothing has it, or when what has it started. */
type Found = 'gone' | { readonly started: string | null };

/** Clock ticks per second in /proc, the same on every architecture that Node is built for. */
const TICKS = 100;
/** Milliseconds by which the clocks of a file system and of the machine may differ. */
const SLACK_MS = 2000;
/** A name that many machines have tells none of them. */
const isCommonName = (host: string): boolean => host === '' || /^localhost(\.|$)/.test(host);

function textOf(read: () => string): string | null {
  try {
    return read().trim() || null;
  } catch {
    return null; // not this system, or not to be seen by this user
  }
}

/** State and start of a process from the text of /proc/PID/stat. */
export function parseStat(text: string): { readonly state: string; readonly started: string } {
  // The name comes second, in parentheses, and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], started: fields[19] };
}

/** Whether any process has this number, be it dead and not yet waited for. */
function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

function findOnLinux(pid: number): Found {
  const text = textOf(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === null) return isTaken(pid) ? { started: null } : 'gone';
  const { state, started } = parseStat(text);
  // A zombie has ended; in a container without an init nobody ever waits for it.
  return state === 'Z' || state === 'X' ? 'gone' : { started };
}

function findByPs(pid: number): Found {
  if (!isTaken(pid)) return 'gone';
  const line = textOf(() =>
    execFileSync('ps', ['-p', String(pid), '-o', 'stat=', '-o', 'lstart='], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const match = line === null ? null : /^(\S+)\s+(.+)$/.exec(line);
  if (match === null) return { started: null };
  return match[1].startsWith('Z') ? 'gone' : { started: match[2].replaceAll(/\s+/g, ' ') };
}

function find(pid: number): Found {
  if (process.platform === 'linux') return findOnLinux(pid);
  if (process.platform === 'win32') return isTaken(pid) ? { started: null } : 'gone';
  return findByPs(pid);
}

function bootOf(): string | null {
  if (process.platform === 'linux') {
    return textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  }
  if (process.platform !== 'darwin') return null;
  return textOf(() =>
    execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
}

/** What all processes beside this one have in common; it never changes. */
let here: Pick<Identity, 'host' | 'boot' | 'namespace'> | null = null;

function place(): Pick<Identity, 'host' | 'boot' | 'namespace'> {
  const namespace =
    process.platform === 'linux' ? textOf(() => readlinkSync('/proc/self/ns/pid')) : null;
  here ??= { host: hostname(), boot: bootOf(), namespace };
  return here;
}

/** The identity of a living process beside this one. */
export function identify(pid: number): Identity {
  const found = find(pid);
  return { pid, ...place(), started: found === 'gone' ? null : found.started };
}

let own: Identity | null = null;

/** This process. */
export const self = (): Identity => (own ??= identify(process.pid));

/** `encode` is what was done to the texts of an identity before it was kept. */
type Encode = (text: string | null) => string | null;

/**
 * Whether the process that `owner` was still lives. Whoever shares boot and namespace with this
 * process can be asked; a machine of the same name that has been started since has lost all its
 * processes; of others nothing is known.
 */
export function standingOf(owner: Identity, encode: Encode = (text) => text): Standing {
  const { host, boot, namespace } = place();
  const sameHost = encode(host) === owner.host && !isCommonName(host);
  if (owner.boot !== encode(boot)) {
    return sameHost && owner.boot !== null && boot !== null ? 'dead' : 'unknown';
  }
  if (owner.namespace !== encode(namespace) || (boot === null && !sameHost)) return 'unknown';
  const found = find(owner.pid);
  if (found === 'gone') return 'dead';
  if (found.started === null || owner.started === null) return 'unknown';
  return encode(found.started) === owner.started ? 'alive' : 'dead';
}

/** When a process started, in milliseconds since 1970; null: the system does not say. */
function startOf(started: string): number | null {
  if (process.platform !== 'linux') {
    const moment = Date.parse(`${started} UTC`);
    return Number.isNaN(moment) ? null : moment;
  }
  const text = textOf(() => readFileSync('/proc/stat', 'utf8')) ?? '';
  const booted = /^btime (\d+)$/m.exec(text);
  return booted === null ? null : 1000 * (Number(booted[1]) + Number(started) / TICKS);
}

/**
 * The same for a process of which only the number was kept, in a file of this machine that it
 * wrote at `wrote` (milliseconds since 1970): what started later is another process.
 */
export function standingOfNumber(pid: number, wrote: number): Standing {
  const found = find(pid);
  if (found === 'gone') return 'dead';
  const start = found.started === null ? null : startOf(found.started);
  if (start === null) return 'unknown';
  return start > wrote + SLACK_MS ? 'dead' : 'alive';
}
