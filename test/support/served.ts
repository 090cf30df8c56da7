/** `isocurve serve` in a process of its own, so that its end is seen, and raw sockets to it. */

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Megabytes of heap that the server is given: what it wastes ends it. */
const HEAP_MB = 192;
const PAGE_BYTES = 4096;

export const freshFolder = (name: string): string =>
  mkdtempSync(join(tmpdir(), `isocurve-${name}-`));

export interface Served {
  readonly port: number;
  readonly token: string;
  /** The header that lets in. */
  readonly cookie: string;
  readonly process: ChildProcess;
  /** Folder of its logs and uploads. */
  readonly cache: string;
  readonly workspace: string;
  /** What it said on its terminal. */
  said(): string;
  /** Megabytes in its main memory; null where this system does not say. */
  memory(): number | null;
  /** Asks for the start page. @throws Error when it is not given */
  page(): Promise<void>;
  stop(): Promise<number | null>;
}

export interface ServedOptions {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export async function startServed({ flags = [], env = {} }: ServedOptions = {}): Promise<Served> {
  const [workspace, cache] = [freshFolder('workspace'), freshFolder('cache')];
  const child = spawn(
    process.execPath,
    [
      ...[`--max-old-space-size=${HEAP_MB}`, '--import', './test/support/faults-on-request.mjs'],
      ...['dist/cli.js', 'serve', '--backend', 'wasm', '--workspace', workspace, ...flags],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        ISOCURVE_CONFIG: freshFolder('config'),
        ISOCURVE_CACHE: cache,
        ...env,
      },
    },
  );
  let text = '';
  const address = await new Promise<URL>((resolve, reject) => {
    const hear = (data: Buffer) => {
      text += data.toString();
      const found = /Isocurve: (\S+)[^]*Ctrl-C/.exec(text);
      if (found !== null) resolve(new URL(found[1]));
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  const port = Number(address.port);
  const token = address.searchParams.get('token')!;
  const cookie = `Cookie: isocurve-${port}=${token}\r\n`;
  return {
    ...{ port, token, cookie, process: child, cache, workspace },
    said: () => text,
    memory() {
      const path = `/proc/${child.pid}/statm`;
      if (!existsSync(path)) return null;
      return (Number(readFileSync(path, 'utf8').split(' ')[1]) * PAGE_BYTES) / 2 ** 20;
    },
    async page() {
      const answer = await ask(port, get('/', port, cookie));
      if (statusOf(answer) !== 200) throw new Error(`no page; ${text}${answer.slice(0, 200)}`);
    },
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
        child.once('exit', resolve);
        child.kill('SIGINT');
      }),
  };
}

/** A request as it goes over the line; `headers` end with a line end each. */
export const get = (target: string, port: number, headers = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}Connection: close\r\n\r\n`;

/** The request that makes a connection one of frames. */
export const handshake = (port: number, headers: string, target = '/wire'): string =>
  `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\n` +
  `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: ${Buffer.alloc(16, 7).toString('base64')}\r\n${headers}\r\n`;

/** Sends bytes and closes its own end; resolves with all that comes until the other end closes. */
export function ask(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString('latin1')));
    // Who is refused may be reset: what came before that is the answer.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    for (const part of parts) socket.write(part);
    socket.end();
  });
}

/** Of the first answer; 0: the connection was closed without one. */
export const statusOf = (answer: string): number =>
  Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

const MASK = Buffer.from([0x5a, 0x17, 0xc3, 0x81]);

/** A masked frame of a client (RFC 6455, 5.2). */
export function frame(payload: Uint8Array, first = 0x82): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
  head[0] = first;
  head[1] = 0x80 | (length < 126 ? length : length < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, MASK, payload.map((byte, i) => byte ^ MASK[i % 4])]);
}

/** The code of the frame that closes, among what followed a handshake; null: there is none. */
export function closeCodeOf(answer: string): number | null {
  const bytes = Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1');
  for (let at = 0; at + 2 <= bytes.length;) {
    const short = bytes[at + 1] & 0x7f;
    const size =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    if ((bytes[at] & 0x0f) === 8) return size >= 2 ? bytes.readUInt16BE(start) : 1005;
    at = start + size;
  }
  return null;
}
