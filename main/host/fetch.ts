/**
 * Downloads files from the internet: goes on where it stopped, and believes nothing but the
 * checksum. Asks for nothing by itself; whoever calls has the user's consent.
 */

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../../shared/fault';

export interface Remote {
  readonly url: string;
  /** As it was when this was written; the checksum decides. */
  readonly bytes: number;
  readonly md5: string;
}

/** Bytes that have come so far of a file. */
export type TellBytes = (bytes: number) => void;

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const hostOf = (url: string): string => new URL(url).host;
const megabytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1e6))} MB`;

/** Why a download ended, and what to do without one. */
function unreachable({ url, bytes, md5 }: Remote, path: string, reason: string): Fault {
  return new Fault(
    'offline',
    `cannot fetch ${basename(path)} from ${hostOf(url)}: ${reason}; run it again to go on where it stopped, or bring ${url} (${megabytes(bytes)}, MD5 ${md5}) from elsewhere and put it at ${path}`,
  );
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

/** The rest of `remote` from `have` bytes on, appended to `part`. */
async function append(
  remote: Remote,
  part: string,
  have: number,
  tell: TellBytes,
  signal: AbortSignal,
): Promise<void> {
  const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
  const response = await fetch(remote.url, { headers, signal });
  if (response.status === 416) return; // nothing is left to send: the checksum will tell
  if (!response.ok || response.body === null) throw new Error(`it answers ${response.status}`);
  // A server that cannot go on sends the whole: then it is written from the start.
  const goesOn = response.status === 206;
  let come = goesOn ? have : 0;
  const file = await open(part, goesOn ? 'a' : 'w');
  try {
    // Written before the next is awaited: what has been told is there when the rest never comes.
    for await (const chunk of response.body) {
      await file.appendFile(chunk);
      come += chunk.length;
      tell(come);
    }
  } finally {
    await file.close();
  }
}

/**
 * Brings `remote` to `path`; what lies there already with the right checksum is kept.
 * @throws Fault 'offline' when it cannot be had, 'damaged' when it is another file
 */
export async function fetchFile(
  remote: Remote,
  path: string,
  tell: TellBytes = () => undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  if (existsSync(path) && (await md5Of(path)) === remote.md5) return tell(statSync(path).size);
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.part`;
  const have = statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  try {
    await append(remote, part, have, tell, signal);
  } catch (error) {
    if (signal.aborted) throw new Fault('cancelled', `fetching ${basename(path)} was cancelled`);
    throw unreachable(remote, path, reasonOf(error));
  }
  const found = await md5Of(part);
  if (found === remote.md5) return renameSync(part, path);
  rmSync(part);
  throw new Fault(
    'damaged',
    `${remote.url} gave another file than was expected (MD5 ${found}, not ${remote.md5}); run it again, or bring the file from elsewhere`,
  );
}
