/** What no request, frame or mistake ends: a real `isocurve serve` with little memory. */

import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { socketWire } from '../../main/server/socket';
import { encodeFrame } from '../../shared/codec';
import { connect as connectClient } from '../../shared/rpc';
import {
  ask,
  closeCodeOf,
  frame,
  get,
  handshake,
  startServed,
  statusOf,
  type Served,
} from '../support/served';

let served: Served;

const isDead = (): boolean =>
  served.process.exitCode !== null || served.process.signalCode !== null;

beforeAll(async () => {
  served = await startServed();
});

// What ends it is found once, and not again by every test that follows.
beforeEach(async () => {
  if (isDead()) served = await startServed();
});

afterAll(() => served.stop());

/** Fails when the server is not the one that was started. */
async function expectAlive(): Promise<void> {
  expect(isDead(), served.said()).toBe(false);
  await served.page();
}

const TARGETS = [
  ...['//', '/\\', '\\', 'http://[', 'http://[::1', '//[', '/?', '/?token', '?', '*', '#', '/%'],
  ...['/%ff', '/%00', '/index.html/', '/index.html/x', `/${'a'.repeat(300)}.js`, '/.js', '/..'],
  ...[`/${'a/'.repeat(4000)}x.js`, `/${'%2e%2e%2f'.repeat(900)}x.js`, '/upload/', '/upload//'],
  ...['///////', '/;', '/@', 'http://127.0.0.1:1@x/', 'x:', '/?token=%', '/a?token=%ff&token=%'],
];

describe('a request', () => {
  test.each(TARGETS.map((target) => [target.slice(0, 24), target]))(
    'for %s is refused, with and without the token, and the next is answered',
    async (_name, target) => {
      const { port, cookie } = served;
      const picture = 'Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: cross-site\r\n';
      const stranger = statusOf(await ask(port, get(target, port, picture)));
      expect([400, 401]).toContain(stranger);
      const known = statusOf(await ask(port, get(target, port, cookie)));
      // The start page has a query as well as none.
      expect(target.startsWith('/?') ? [200] : [400, 404]).toContain(known);
      await expectAlive();
    },
  );

  test('that breaks off, or is none, ends its own connection', async () => {
    const { port, cookie } = served;
    const pieces = ['GET', 'GET / HTTP/1.1\r\n', '\0\0\0', 'GET / HTTP/9.9\r\n\r\n', '\r\n\r\n'];
    const lines = ['Content-Length: -1', 'Content-Length: 9e9', 'Transfer-Encoding: x', 'Host: y'];
    for (const piece of pieces) await ask(port, piece);
    for (const line of lines) await ask(port, get('/', port, `${cookie}${line}\r\n`));
    await ask(port, get('/', port, `${cookie}X: ${'y'.repeat(100_000)}\r\n`));
    await expectAlive();
  });
});

describe('an upgrade', () => {
  test.each([
    ['without the token', ''],
    ['with the token, to nowhere', 'elsewhere'],
    ['with the token, and no such version', 'version'],
  ])('that is reset %s ends nothing but itself, 200 times', async (_name, how) => {
    const { port, cookie } = served;
    const plain = handshake(port, how === '' ? '' : cookie, how === 'elsewhere' ? '/x' : '/wire');
    const request = how === 'version' ? plain.replace('Version: 13', 'Version: 99') : plain;
    for (let i = 0; i < 200; i++) {
      await new Promise<void>((done) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.on('close', () => done());
        socket.write(request, () => socket.resetAndDestroy());
      });
    }
    await expectAlive();
  });

  test('is refused whatever its target is', async () => {
    const { port, cookie } = served;
    for (const target of TARGETS) {
      const status = statusOf(await ask(port, handshake(port, cookie, target)));
      expect([400, 404]).toContain(status);
    }
    await expectAlive();
  });
});

/** Containers within containers, each of which claims `length` values (MessagePack: array 32). */
function nested(depth: number, length: number): Buffer {
  const bytes = Buffer.alloc(5 * depth);
  for (let i = 0; i < depth; i++) {
    bytes[5 * i] = 0xdd;
    bytes.writeUInt32BE(length, 5 * i + 1);
  }
  return bytes;
}

const filled = (length: number, head: readonly number[], rest: number) => {
  const bytes = Buffer.alloc(length, rest);
  bytes.set(head);
  return bytes;
};

/** An object whose only key is an index, for which V8 makes room up to it: 7 bytes for 12 kB. */
const sparse = Buffer.from([0x81, 0xa4, 0x31, 0x30, 0x32, 0x33, 0xc0]);
const MEGA = 2 ** 20;

describe('a frame of a client that has the token', () => {
  test.each([
    ['15 bytes that claim 750 MB', nested(3, 33_000_000)],
    ['500 bytes that claim 26 GB', nested(100, 33_000_000)],
    ['arrays in arrays, each of what a frame can hold', nested(200, 1000)],
    ['a megabyte of arrays in arrays', Buffer.alloc(MEGA, 0x91)],
    ['a megabyte of objects in objects', Buffer.alloc(MEGA, Buffer.from([0x81, 0xa1, 0x61]))],
    ['a map that claims four billion entries', Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff])],
    ['text that claims four gigabytes', Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff, 0x61])],
    ['sixteen million empty objects', filled(16 * MEGA, [0xdd, 0, 0xff, 0xff, 0xfb], 0x80)],
    [
      'a megabyte of objects with an index for a key',
      Buffer.concat([nested(1, 150_000), ...Array.from({ length: 150_000 }, () => sparse)]),
    ],
    ['nothing', Buffer.alloc(0)],
    ['a byte that begins nothing', Buffer.from([0xc1])],
  ])('%s: closed with a reason, and the memory stays', async (_name, payload) => {
    const { port, cookie } = served;
    const answer = await ask(port, handshake(port, cookie), frame(payload));
    expect(statusOf(answer)).toBe(101);
    expect(closeCodeOf(answer)).toBe(1007);
    await expectAlive();
  });

  test('that is longer than any of ours is refused by its length', async () => {
    const { port, cookie } = served;
    const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x02, 0, 0, 1, 1, 2, 3, 4]);
    const answer = await ask(port, handshake(port, cookie), head);
    expect(closeCodeOf(answer)).toBe(1009);
    await expectAlive();
  });

  test('with a million wrong values is one fault', async () => {
    const { port, token } = served;
    const headers = { Cookie: `isocurve-${port}=${token}`, Origin: `http://127.0.0.1:${port}` };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/wire`, { headers });
    await new Promise((opened) => socket.once('open', opened));
    const client = connectClient(socketWire(socket));
    const wrong = Array.from({ length: 1_000_000 }, () => NaN);
    const args = { folder: 'x', surface: 'x', at: wrong };
    await expect(client.call('cell/open', args)).rejects.toMatchObject({ code: 'bad-value' });
    socket.terminate();
    await expectAlive();
  });

  test('reaches the server as before: a call is answered', async () => {
    const { port, cookie } = served;
    const call = encodeFrame({ kind: 'call', id: 7, name: 'host/settings', args: {} });
    const answer = await ask(port, handshake(port, cookie), frame(call));
    expect(answer).toContain('theme');
  });
});

describe('a mistake that nobody catches', () => {
  test.each([
    ['throw', 'a mistake that a test makes'],
    ['reject', 'a promise that a test breaks'],
  ])('%s: is logged, said on the terminal and in windows, and ends nothing', async (kind, text) => {
    const { port, token, cache } = served;
    const headers = { Cookie: `isocurve-${port}=${token}`, Origin: `http://127.0.0.1:${port}` };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/wire`, { headers });
    await new Promise((opened) => socket.once('open', opened));
    const client = connectClient(socketWire(socket));
    const heard = new Promise<string>((hear) => {
      client.on('host/accident', ({ message }) => hear(message));
    });
    served.process.send(kind);
    expect(await Promise.race([heard, client.closed])).toContain(`Error: ${text}`);
    const log = readFileSync(join(cache, 'host.log'), 'utf8');
    expect(log).toMatch(new RegExp(`${text}\\n +at `));
    await expect.poll(() => served.said(), { timeout: 60_000 }).toContain(text);
    expect((await client.call('host/log', {})).tail).toContain(text);
    socket.terminate();
    await expectAlive();
  });
});
