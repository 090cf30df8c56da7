/** How slow a connection may be, how many there may be, and what is said to whoever is refused. */

import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { uploadsFolder } from '../../main/host/uploads';
import { connectionLimits, watchPace, type ConnectionLimits } from '../../main/server/connections';
import { openHost, type ServerHost } from '../../main/server/host';
import { serveApp, type Serving } from '../../main/server/serve';
import { ask, get, handshake, statusOf } from '../support/served';

process.env['ISOCURVE_CONFIG'] = mkdtempSync(join(tmpdir(), 'isocurve-config-'));
process.env['ISOCURVE_CACHE'] = mkdtempSync(join(tmpdir(), 'isocurve-cache-'));

let host: ServerHost;
const open: Serving[] = [];

beforeAll(() => {
  const workspace = mkdtempSync(join(tmpdir(), 'isocurve-workspace-'));
  host = openHost(workspace, 'wasm', [], { file: 2e6, all: 1e9, reserve: 0 });
});

afterEach(async () => {
  for (const serving of open.splice(0)) await serving.close();
});

afterAll(() => host.close());

async function serve(limits: Partial<ConnectionLimits>) {
  const serving = await serveApp(host, { port: 0, limits: { ...connectionLimits, ...limits } });
  open.push(serving);
  const { port } = serving;
  const token = new URL(serving.address).searchParams.get('token');
  return { port, cookie: `Cookie: isocurve-${port}=${token}\r\n` };
}

const origin = (port: number) => `Origin: http://127.0.0.1:${port}\r\n`;

/** Sends `start`, and after it a byte again and again until the other end closes. */
function trickle(port: number, start: string): Promise<void> {
  return new Promise((closed) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(start));
    // eslint-disable-next-line no-restricted-syntax -- it sends slowly, and waits for nothing
    const timer = setInterval(() => socket.write('x'), 20);
    socket.on('error', () => undefined);
    socket.resume();
    socket.on('close', () => {
      clearInterval(timer);
      closed();
    });
  });
}

describe('a client that sends a byte now and then, for ever', () => {
  // Each of them waits for ever if the server does.
  const impatient = { headers: 500, pace: { bytes: 10_000, milliseconds: 500 }, linger: 500 };
  const starts = ({ port, cookie }: { port: number; cookie: string }) => [
    ['in its request', `GET / HTTP/1.1\r\nX: `],
    ['in a file', putOf(port, cookie, 1e6)],
    ['in a file that was refused', putOf(port, '', 1e6)],
    ['in the body of a page', get('/', port, `${cookie}Content-Length: 1000000\r\n`)],
  ];

  test('is let go, 200 of them, and nothing of what they sent stays', async () => {
    const served = await serve(impatient);
    const slow = starts(served).flatMap(([, start]) =>
      Array.from({ length: 50 }, () => trickle(served.port, start)),
    );
    await Promise.all(slow);
    expect(statusOf(await ask(served.port, get('/', served.port, served.cookie)))).toBe(200);
    expect(existsSync(uploadsFolder()) ? readdirSync(uploadsFolder()) : []).toEqual([]);
  });
});

function putOf(port: number, cookie: string, length: number): string {
  return `PUT /upload/${crypto.randomUUID()}?name=w HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${origin(port)}${cookie}Content-Length: ${length}\r\n\r\n`;
}

/** A request that is watched, whose socket moves when it is told to. */
function watched() {
  const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0, destroyed: false };
  const destroy = vi.fn(() => (socket.destroyed = true));
  const request = Object.assign(new EventEmitter(), {
    socket: Object.assign(socket, { destroy }),
    readableLength: 0,
    complete: false,
  });
  const response = Object.assign(new EventEmitter(), { writableFinished: false });
  watchPace(
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse,
    connectionLimits,
  );
  return { socket, request, response };
}

describe('the pace of a request', () => {
  const { bytes, milliseconds } = connectionLimits.pace;
  afterEach(() => vi.useRealTimers());

  test('is all that counts: a file over a thin line takes a week', () => {
    vi.useFakeTimers();
    const { socket } = watched();
    for (let i = 0; i < (7 * 24 * 3600 * 1000) / milliseconds; i++) {
      socket.bytesRead += bytes;
      vi.advanceTimersByTime(milliseconds);
    }
    expect(socket.destroyed).toBe(false);
  });

  test('may lag for a period, when a machine slept, and not for two', () => {
    vi.useFakeTimers();
    const { socket } = watched();
    for (const moved of [0, bytes, bytes - 1, bytes, 0]) {
      socket.bytesRead += moved;
      vi.advanceTimersByTime(milliseconds);
      expect(socket.destroyed).toBe(false);
    }
    socket.bytesRead += bytes - 1;
    vi.advanceTimersByTime(milliseconds);
    expect(socket.destroyed).toBe(true);
  });

  test('counts what was sent, and not what only waits to be', () => {
    vi.useFakeTimers();
    const { socket } = watched();
    socket.bytesWritten += bytes;
    vi.advanceTimersByTime(milliseconds);
    socket.bytesWritten += 9 * bytes;
    socket.writableLength += 9 * bytes;
    vi.advanceTimersByTime(2 * milliseconds);
    expect(socket.destroyed).toBe(true);
  });

  test('is not held against a client whose bytes wait for our disk', () => {
    vi.useFakeTimers();
    const { socket, request } = watched();
    request.readableLength = 1;
    vi.advanceTimersByTime(100 * milliseconds);
    expect(socket.destroyed).toBe(false);
  });

  test('of one that was answered and sends on is over soon, of one that ended never', () => {
    vi.useFakeTimers();
    const [goesOn, ended] = [watched(), watched()];
    ended.request.complete = true;
    for (const { response, socket } of [goesOn, ended]) {
      socket.bytesRead += 1e9;
      response.writableFinished = true;
      response.emit('finish');
    }
    vi.advanceTimersByTime(connectionLimits.linger);
    expect(goesOn.socket.destroyed).toBe(true);
    vi.advanceTimersByTime(100 * milliseconds);
    expect(ended.socket.destroyed).toBe(false);
  });
});

describe('connections', () => {
  const idle = (port: number): Promise<{ socket: Socket; closed: Promise<void> }> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      const closed = new Promise<void>((done) => socket.on('close', () => done()));
      socket.on('error', () => undefined).resume();
      socket.on('connect', () => resolve({ socket, closed }));
    });

  test('are so many at a time: the oldest that was never let in makes room', async () => {
    const { port, cookie } = await serve({ count: 8 });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/wire`, {
      headers: { Cookie: cookie.slice(8, -2), Origin: `http://127.0.0.1:${port}` },
    });
    await new Promise((opened) => socket.once('open', opened));
    const strangers = [];
    for (let i = 0; i < 40; i++) strangers.push(await idle(port));
    await Promise.all(strangers.slice(0, 33).map(({ closed }) => closed));
    expect(statusOf(await ask(port, get('/', port, cookie)))).toBe(200);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  test('of windows never make room for anybody', async () => {
    const { port, cookie } = await serve({ count: 3 });
    const headers = { Cookie: cookie.slice(8, -2), Origin: `http://127.0.0.1:${port}` };
    const windows = await Promise.all(
      [0, 1, 2].map(async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/wire`, { headers });
        await new Promise((opened) => socket.once('open', opened));
        return socket;
      }),
    );
    expect(await ask(port, get('/', port, cookie))).toBe('');
    expect(windows.map(({ readyState }) => readyState)).toEqual([1, 1, 1]);
    for (const socket of windows) socket.terminate();
  });

  test('that were refused an upgrade are closed by the server, also when the client is not', async () => {
    const { port } = await serve({});
    const { socket, closed } = await idle(port);
    socket.write(handshake(port, ''));
    await closed;
  });
});

/** Sends bytes and keeps its end open; resolves with the answer once it has come to its end. */
const askAndStay = (port: number, ...parts: readonly (string | Buffer)[]): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      if (!answer.includes('}')) return;
      socket.destroy();
      resolve(answer);
    });
    for (const part of parts) socket.write(part);
  });

test('a file that is refused is answered at once, whether its length is known or not', async () => {
  const { port, cookie } = await serve({});
  const start = putOf(port, cookie, 1e9);
  const chunk = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`;
  const chunked = start.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');
  for (const answer of [
    await askAndStay(port, start, Buffer.alloc(1000)),
    await askAndStay(port, chunked, chunk.repeat(50)),
  ]) {
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain('"code":"storage","message":"w is refused: one file may have 2 MB');
    expect(answer).toMatch(/Cache-Control: no-store/i);
  }
  expect(readdirSync(uploadsFolder())).toEqual([]);
});
