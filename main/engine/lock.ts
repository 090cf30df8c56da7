/**
 * A lock that belongs to a process, and goes with it: that of a process which has ended is taken
 * over, however it ended. A process that cannot be asked (on another machine, in another container)
 * is watched for a while; it touches its locks as long as it lives.
 *
 * Taking a lock over, and giving one back, is done alone: by whoever holds the lock's claim, a lock
 * itself, named by what the lock holds. So two never both find it stale and both win.
 */

import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../shared/fault';
import { self, standingOf, standingOfNumber, type Standing } from '../native/liveness';
import { removedMeanwhile } from './folders';
import { BEAT_MS, beat } from './heartbeat';
import {
  claimOf,
  markOf,
  moveAside,
  ownText,
  putLock,
  readLock,
  removeLock,
  type Found,
  type Owner,
} from './lock-file';

/** How long a lock is waited for, in milliseconds. */
export const patience = {
  /** Between two looks. */
  every: 100,
  /** Somebody lives and works: it may have been killed just now. */
  busy: 1000,
  /** Whoever it works for is gone: it has been told to end, and finishes its step first. */
  orphaned: 25_000,
  /** It cannot be asked, and has not touched its lock since: five beats missed. */
  silent: 5 * BEAT_MS,
  /** The lock says nothing: its writer may be about to. */
  unsaid: 1000,
} as const;

type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

const nap: Pause = (milliseconds, signal) =>
  sleep(milliseconds, undefined, signal === undefined ? {} : { signal });

export interface LockOptions {
  /** What is locked, in words. */
  readonly what: string;
  /** A file that lies beside the lock as long as its folder is what was locked. */
  readonly anchor?: string;
  /** Hears why it takes long. */
  readonly onWait?: (text: string) => void;
  readonly signal?: AbortSignal;
  readonly pause?: Pause;
}

export interface Held {
  /** Gives it back. @throws Fault 'storage' */
  release(): void;
  /** @throws Fault 'conflict' when another has it by now, 'storage' when its folder is gone */
  check(): void;
  /** Raised, with that fault, when it is found while the process works. */
  readonly lost: AbortSignal;
}

/** Tokens of what this process holds; a lock that it failed to remove is not among them. */
const tokens = new Set<string>();

function standingOfLock({ owner, beat: wrote }: Found): Standing {
  if (owner === null) return 'unknown';
  const { pid, host, token, identity } = owner;
  const me = self();
  if (token !== undefined && tokens.has(token)) return 'alive';
  // The number is this process's own: whoever wrote that has ended, or has let the lock go.
  const isMine = identity?.boot === me.boot && identity.namespace === me.namespace;
  if (pid === me.pid && host === me.host && (isMine || identity === undefined)) return 'dead';
  if (identity === undefined) return host === me.host ? standingOfNumber(pid, wrote) : 'unknown';
  return standingOf({ pid, host, ...identity });
}

/** Whether whoever `owner` works for has ended, so that it is about to end as well. */
function isOrphan({ host, identity, parent }: Owner): boolean {
  if (identity === undefined || parent == null) return false;
  return standingOf({ host, ...identity, ...parent }) === 'dead';
}

const momentOf = ({ owner, beat: wrote }: Found): string =>
  new Date(owner?.since ?? wrote).toLocaleString('sv').slice(0, 16);

const nameOf = ({ pid, host }: Owner): string => `process ${pid} on ${host}`;

const busy = (found: Found, what: string): Fault =>
  new Fault(
    'conflict',
    found.owner === null
      ? `another process is at work on ${what}; wait until it ends`
      : `${nameOf(found.owner)} is at work on ${what} since ${momentOf(found)}; wait until it ends, or stop it there`,
  );

/** How long to wait for the owner of `found`, and whether the lock may be taken after that. */
function termsOf(found: Found): { wait: number; yields: boolean; because: string } {
  const { owner } = found;
  if (owner === null) return { wait: patience.unsaid, yields: true, because: '' };
  const standing = standingOfLock(found);
  switch (standing) {
    case 'dead':
      return { wait: 0, yields: true, because: '' };
    case 'unknown': {
      const because = `${nameOf(owner)} has it since ${momentOf(found)} and cannot be asked; watching for ${patience.silent / 1000} seconds whether it is still at work`;
      return { wait: patience.silent, yields: true, because };
    }
    case 'alive': {
      if (!isOrphan(owner)) return { wait: patience.busy, yields: false, because: '' };
      const because = `waiting for ${nameOf(owner)} to end, whose window or terminal is gone`;
      return { wait: patience.orphaned, yields: false, because };
    }
    default:
      return standing satisfies never;
  }
}

/**
 * Waits until `found` may be taken over, or has gone (null), or is another's (null).
 * @throws Fault 'conflict' when its owner lives on
 */
async function untilStale(
  path: string,
  found: Found,
  { what, signal, onWait, pause = nap }: LockOptions,
): Promise<Found | null> {
  let told = '';
  // Looks are counted, not the clock: a machine that slept meanwhile has not watched.
  for (let waited = 0; ; waited += patience.every) {
    const { wait, yields, because } = termsOf(found);
    if (waited >= wait) {
      if (yields) return found;
      throw busy(found, what);
    }
    if (because !== '' && because !== told) onWait?.(`${what}: ${(told = because)}`);
    await pause(patience.every, signal);
    const now = readLock(path);
    if (now === null || now.mark !== found.mark) return null;
    if (now.beat !== found.beat && standingOfLock(now) === 'unknown') throw busy(now, what);
  }
}

/** Removes claims to locks that this one has replaced, left by owners that have ended. */
function sweepClaims(path: string, own: string): void {
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    const rest = name.slice(start.length);
    const isClaim = name.startsWith(start) && /^([0-9a-f]{16}|odd)(\.|$)/.test(rest);
    if (isClaim && !rest.startsWith(own)) removeLock(join(dirname(path), name));
  }
}

/** @throws Fault when the lock of `text` is not at `path` any more, and cannot be put back */
function checkHeld(path: string, text: string, { what, anchor }: LockOptions): void {
  const now = readLock(path);
  if (now?.mark === markOf(text)) return;
  if (now !== null) {
    const by = now.owner === null ? 'another process' : nameOf(now.owner);
    throw new Fault(
      'conflict',
      `${by} has taken over ${what}, because this process did not answer for a while; go on there`,
    );
  }
  if (!existsSync(anchor ?? dirname(path))) throw removedMeanwhile(what);
  // Somebody removed this file alone.
  if (!putLock(path, text, false)) checkHeld(path, text, { what });
}

/** Removes the lock of `text` at `path`, unless somebody is taking it over this moment. */
function giveBack(path: string, text: string): void {
  const mark = markOf(text);
  if (readLock(path)?.mark !== mark) return;
  const claim = claimOf(path, mark);
  if (!putLock(claim, text, false)) return;
  try {
    if (readLock(path)?.mark === mark) removeLock(path);
  } finally {
    removeLock(claim);
  }
}

/** A lock of this process, kept alive. */
function hold(path: string, text: string, token: string, options: LockOptions): Held {
  const abort = new AbortController();
  const check = () => checkHeld(path, text, options);
  const stop = beat(path, text, () => {
    try {
      check();
    } catch (error) {
      abort.abort(error);
    }
  });
  return {
    lost: abort.signal,
    check,
    release() {
      stop();
      tokens.delete(token);
      giveBack(path, text);
    },
  };
}

/** Replaces the stale lock `found` by `text`; false: somebody else was faster. */
async function replace(
  path: string,
  found: Found,
  text: string,
  options: LockOptions,
): Promise<boolean> {
  const claim = claimOf(path, found.mark);
  await obtain(claim, text, options);
  try {
    if (readLock(path)?.mark !== found.mark) return false;
    if (found.mark !== 'odd') return putLock(path, text, true);
    moveAside(path);
    return putLock(path, text, false);
  } finally {
    if (readLock(claim)?.mark === markOf(text)) removeLock(claim);
  }
}

/** Brings `text` to `path`, alone. */
async function obtain(path: string, text: string, options: LockOptions): Promise<void> {
  for (;;) {
    options.signal?.throwIfAborted();
    if (putLock(path, text, false)) return;
    const found = readLock(path);
    if (found === null) {
      await (options.pause ?? nap)(1, options.signal); // it has just been given back
      continue;
    }
    const stale = await untilStale(path, found, options);
    if (stale !== null && (await replace(path, stale, text, options))) return;
  }
}

/**
 * Takes the lock at `path`. One whose process has ended is taken over.
 * @throws Fault 'conflict' when somebody else works on it, 'storage' when the disk does not let it
 */
export async function takeLock(path: string, options: LockOptions): Promise<Held> {
  const { text, token } = ownText();
  tokens.add(token);
  try {
    await obtain(path, text, options);
  } catch (error) {
    tokens.delete(token);
    throw error;
  }
  sweepClaims(path, markOf(text));
  return hold(path, text, token, options);
}
