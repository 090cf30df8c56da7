import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchFile } from '../../main/host/fetch';
import { findPublic, publicDatasets } from '../../main/host/public-datasets';

const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31) % 251));
const MD5 = createHash('md5').update(CONTENT).digest('hex');

let server: Server;
let ranges: (string | undefined)[];
/** Bytes that the server sends before it waits to be broken off; null: it sends all. */
let breaksAfter: number | null;
let knowsRanges: boolean;

beforeEach(async () => {
  ranges = [];
  breaksAfter = null;
  knowsRanges = true;
  server = createServer((request, response) => {
    const { range } = request.headers;
    ranges.push(range);
    const from = knowsRanges && range !== undefined ? Number(/\d+/.exec(range)![0]) : 0;
    if (from >= CONTENT.length) return void response.writeHead(416).end();
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': CONTENT.length - from });
    if (breaksAfter === null) return void response.end(CONTENT.subarray(from));
    response.write(CONTENT.subarray(from, from + breaksAfter));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
});
afterEach(() => new Promise((done) => server.close(done)));

const remote = (md5 = MD5) => ({
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.bin`,
  bytes: CONTENT.length,
  md5,
});
/** Breaks the connection off as soon as bytes have come. */
const breakOff = () => server.closeAllConnections();
const place = () => join(mkdtempSync(join(tmpdir(), 'isocurve-fetch-')), 'in', 'data.bin');

test('a file arrives whole, and is not asked for again', async () => {
  const path = place();
  const told: number[] = [];
  await fetchFile(remote(), path, (bytes) => told.push(bytes));
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
  expect(told[told.length - 1]).toBe(CONTENT.length);
  await fetchFile(remote(), path);
  expect(ranges).toEqual([undefined]);
});

test('a download that broke off goes on where it stopped', async () => {
  const path = place();
  breaksAfter = 70_000;
  await expect(fetchFile(remote(), path, breakOff)).rejects.toThrow(
    /run it again to go on.*put it at .*in.data\.bin/,
  );
  expect(existsSync(path)).toBe(false);
  breaksAfter = null;
  await fetchFile(remote(), path);
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
  expect(Number(/\d+/.exec(ranges[1]!)![0])).toBeGreaterThan(0);
});

test('a server that cannot go on is read from the start', async () => {
  const path = place();
  breaksAfter = 70_000;
  await expect(fetchFile(remote(), path, breakOff)).rejects.toThrow();
  breaksAfter = null;
  knowsRanges = false;
  await fetchFile(remote(), path);
  expect(readFileSync(path).equals(CONTENT)).toBe(true);
});

test('a file of another checksum is not kept', async () => {
  const path = place();
  await expect(fetchFile(remote('0'.repeat(32)), path)).rejects.toThrow(/gave another file/);
  expect(existsSync(path)).toBe(false);
  expect(existsSync(`${path}.part`)).toBe(false);
});

test('what was put there by hand is taken, without a network', async () => {
  const path = place();
  await fetchFile(remote(), path);
  const port = remote();
  await new Promise((done) => server.close(done));
  await fetchFile(port, path);
  writeFileSync(path, 'another');
  await expect(fetchFile(port, path)).rejects.toThrow(/cannot fetch data\.bin.*ECONNREFUSED.*MD5/);
});

test('a download can be cancelled', async () => {
  await expect(fetchFile(remote(), place(), () => undefined, AbortSignal.abort())).rejects.toThrow(
    /was cancelled/,
  );
});

test('every public dataset has official addresses, sizes and checksums', () => {
  for (const { name, files } of publicDatasets()) {
    expect(findPublic(name).name).toBe(name);
    for (const { url, bytes, md5 } of files) {
      expect(new URL(url).pathname).toMatch(/\.(gz|zip)$/);
      expect(bytes).toBeGreaterThan(1000);
      expect(md5).toMatch(/^[0-9a-f]{32}$/);
    }
  }
  expect(() => findPublic('imagenet')).toThrow(/cifar10, cifar100, mnist/);
});
