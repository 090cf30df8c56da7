/**
 * 20,000 request targets, headers and frames that nobody would send, from a stream of chance that
 * is the same every time, to a real `isocurve serve`: it answers a page after each hundred, and its
 * memory stays.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { stream, type Stream } from '../../main/engine/backend/random';
import { encodeFrame } from '../../shared/codec';
import { ask, frame, get, handshake, startServed, type Served } from '../support/served';

const HUNDREDS = 200;
/** Connections at a time. */
const AT_ONCE = 10;
/** Megabytes of main memory; it begins with some 90. */
const MOST_MEMORY = 200;

let served: Served;

beforeAll(async () => {
  served = await startServed();
});

afterAll(() => served.stop());

const pick = <T>(chance: Stream, items: readonly T[]): T => items[chance.below(items.length)];

const several = <T>(chance: Stream, most: number, make: () => T): T[] =>
  Array.from({ length: 1 + chance.below(most) }, make);

/** Any bytes, as Latin-1. */
const noise = (chance: Stream, most: number): string =>
  String.fromCharCode(...several(chance, most, () => chance.below(256)));

const PIECES = [
  ...['/', '//', '\\', '..', '.', '%', '%2e', '%2f', '%5c', '%00', '%ff', '%c0%af', '?', '#', '&'],
  ...['=', ':', '@', '[', ']', ';', '*', '~', 'http://', 'file:', 'index.html', 'app.js', '.css'],
  ...['wire', 'upload', 'token', 'token=', 'name=', '?token=0', 'a'.repeat(300), '%61'.repeat(100)],
];

/** A target of pieces that mean something somewhere, at times with any signs between them. */
function targetOf(chance: Stream): string {
  const start = chance.below(8) === 0 ? '' : '/';
  const parts = several(chance, 8, () =>
    chance.below(12) === 0
      ? noise(chance, 6).replaceAll(/[\s\0-\x1f\x7f-\xff]/g, '_')
      : pick(chance, PIECES),
  );
  return `${start}${parts.join('')}` || '/';
}

const NAMES = [
  ...['Host', 'Origin', 'Cookie', 'Authorization', 'Content-Length', 'Transfer-Encoding'],
  ...['Expect', 'Connection', 'Upgrade', 'Range', 'If-None-Match', 'Accept-Encoding', 'TE'],
  ...['Sec-Fetch-Site', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Trailer', '__proto__'],
];
const VALUES = [
  ...[
    '',
    '0',
    '-1',
    '1',
    '9'.repeat(30),
    'chunked',
    'chunked, chunked',
    'gzip',
    'upgrade',
    'close',
  ],
  ...['websocket', '100-continue', '127.0.0.1', 'localhost', 'null', 'http://[', 'Bearer ', '13'],
  ...['=', ';;;=;', 'a=b; '.repeat(500), 'x'.repeat(20_000), '\xff\xfe', '"', 'bytes=0-'],
];
const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'PRI'];
const VERSIONS = ['1.1', '1.1', '1.1', '1.1', '1.0', '0.9', '2.0', '11.1'];

/** A request whose headers are wrong in some way, and its body. */
function requestOf(chance: Stream, port: number, cookie: string): string {
  const target =
    chance.below(3) === 0 ? targetOf(chance) : pick(chance, ['/', '/wire', '/upload/']);
  const lines = several(chance, 6, () => {
    if (chance.below(12) === 0) return `${noise(chance, 30)}\r\n`;
    const value = chance.below(6) === 0 ? noise(chance, 20) : pick(chance, VALUES);
    return `${pick(chance, NAMES)}: ${value}\r\n`;
  });
  const own = chance.below(3) === 0 ? '' : `Host: 127.0.0.1:${port}\r\n${cookie}`;
  const start = `${pick(chance, METHODS)} ${target} HTTP/${pick(chance, VERSIONS)}\r\n`;
  const body = chance.below(2) === 0 ? '' : noise(chance, 200);
  const whole = `${start}${own}${lines.join('')}\r\n${body}`;
  return chance.below(10) === 0 ? whole.slice(0, chance.below(whole.length)) : whole;
}

/** Calls that only look, so that what is sound of the frames changes nothing. */
const CALLS: readonly unknown[] = [
  { kind: 'call', id: 1, name: 'host/info', args: {} },
  { kind: 'call', id: 2, name: 'host/settings', args: {} },
  { kind: 'call', id: 3, name: 'study/open', args: { folder: '../x' } },
  { kind: 'call', id: 4, name: 'cell/open', args: { folder: 'x', surface: 'x', at: [0, 1] } },
  { kind: 'event', name: 'host/behind', data: { frames: 1 } },
  { kind: 'result', id: 1, value: new Float32Array(9) },
  { kind: 'call', id: 5, name: '__proto__', args: [{ a: new Uint8Array(40) }, null, 'x'] },
];
const HEADS = [0xdd, 0xdc, 0xdf, 0xde, 0xdb, 0xc6, 0xc9, 0x9f, 0x8f, 0xbf, 0xc1, 0xd8, 0xff, 0x00];

/** A frame's content: a call of ours with some bytes changed, or a heap of beginnings. */
function contentOf(chance: Stream): Buffer {
  if (chance.below(4) === 0) {
    return Buffer.from(several(chance, 400, () => pick(chance, HEADS)));
  }
  const bytes = Buffer.from(encodeFrame(pick(chance, CALLS)));
  for (let i = chance.below(5); i > 0; i--) {
    bytes[chance.below(bytes.length)] =
      chance.below(2) === 0 ? pick(chance, HEADS) : chance.below(256);
  }
  return chance.below(6) === 0 ? bytes.subarray(0, chance.below(bytes.length)) : bytes;
}

/** Frames of a connection; some say wrongly what they are, or how long. */
function framesOf(chance: Stream, count: number): Buffer {
  const made = Array.from({ length: count }, () => {
    const first = chance.below(6) === 0 ? chance.below(256) : 0x82;
    const sent = frame(contentOf(chance), first);
    if (chance.below(12) === 0) sent[1] = chance.below(256);
    return sent;
  });
  return Buffer.concat(made);
}

/** What is sent over one connection, and how many things that is. */
interface Sent {
  readonly count: number;
  readonly parts: readonly (string | Buffer)[];
}

function somethingOf(chance: Stream, left: number): Sent {
  const { port, cookie } = served;
  const lets = chance.below(2) === 0 ? cookie : '';
  const kind = chance.below(3);
  if (kind === 0)
    return { count: 1, parts: [Buffer.from(requestOf(chance, port, lets), 'latin1')] };
  const count = Math.min(left, 1 + chance.below(5));
  if (kind === 1) {
    const requests = Array.from({ length: count }, () =>
      get(targetOf(chance), port, lets).replace('Connection: close\r\n', ''),
    );
    return { count, parts: requests };
  }
  // Without the token these meet the end of a connection that was refused.
  const enters = chance.below(4) === 0 ? '' : cookie;
  return { count, parts: [handshake(port, enters), framesOf(chance, count)] };
}

test('20,000 targets, headers and frames end nothing and fill nothing', async () => {
  const chance = stream(1, 'what a server is sent');
  let sent = 0;
  let most = 0;
  for (let hundred = 0; hundred < HUNDREDS; hundred++) {
    const batch: Sent[] = [];
    for (let left = 100; left > 0; left -= batch.at(-1)!.count) {
      batch.push(somethingOf(chance, left));
    }
    const { port } = served;
    const next = batch.values();
    const send = async () => {
      for (const { count, parts } of next) {
        await ask(port, ...parts);
        sent += count;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    await served.page();
    most = Math.max(most, served.memory() ?? 0);
    expect(most).toBeLessThan(MOST_MEMORY);
  }
  expect(sent).toBe(20_000);
  expect([served.process.exitCode, served.process.signalCode]).toEqual([null, null]);
  expect(served.said()).not.toContain('went wrong');
  process.stdout.write(`sent ${sent}, failed 0, at most ${most.toFixed(0)} MB\n`);
}, 600_000);
