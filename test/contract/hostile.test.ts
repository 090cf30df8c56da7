/**
 * Everything that can be asked of a server, asked by those who may not, and with places that nobody
 * opened: nothing outside is read, moved or written.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect as dial } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openHost, type ServerHost } from '../../main/server/host';
import { serveApp, type Serving } from '../../main/server/serve';
import { socketWire } from '../../main/server/socket';
import { encodeFrame } from '../../shared/codec';
import { callChecks, eventNames, hostChecks, type AllCalls } from '../../shared/contract';
import type { Fault } from '../../shared/fault';
import { connect, type Client } from '../../shared/rpc';
import { mapPlaces } from '../../shared/spec/place';
import { events, plays } from './plays';

type Name = keyof AllCalls;

const isWindows = process.platform === 'win32';
const root = realpathSync(mkdtempSync(join(tmpdir(), 'isocurve-hostile-')));
const workspace = join(root, 'workspace');
const outside = join(root, 'outside');
const cache = join(root, 'cache');
const before = { cwd: process.cwd(), environment: { ...process.env } };
/** What nobody may see: it stands in every file outside. */
const SECRET = 'zxquvkw';

/** A study with a run and a surface, all of which hold the secret. */
function plantStudy(folder: string): void {
  for (const part of ['runs/a-s1', 'surfaces/a-s1.plane-d1', 'checkpoints/a-s1']) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  const study = { name: SECRET, question: SECRET, variants: [{ name: 'a' }] };
  const head = { id: 'a-s1.plane-d1', variant: 'a', x: [0], y: [0], kind: 'random', scan: SECRET };
  const contents = {
    'study.json': study,
    'annotations.json': { note: SECRET, tags: [] },
    'results.json': { runs: [], surfaces: [], claims: [], complete: true, note: SECRET },
    'runs/a-s1/manifest.json': { id: SECRET },
    'surfaces/a-s1.plane-d1/head.json': head,
    'surfaces/a-s1.plane-d1/manifest.json': head,
  };
  for (const [name, content] of Object.entries(contents)) {
    writeFileSync(join(folder, name), JSON.stringify(content));
  }
  writeFileSync(join(folder, 'surfaces/a-s1.plane-d1/surface.csv'), SECRET);
}

/** Everything below a folder: kinds, sizes, times of change, contents. */
function treeOf(folder: string, under = ''): string[] {
  return readdirSync(join(folder, under))
    .sort()
    .flatMap((name) => {
      const path = join(folder, under, name);
      const stat = lstatSync(path);
      const entry = `${join(under, name)} ${stat.mode} ${stat.mtimeMs}`;
      if (stat.isDirectory()) return [entry, ...treeOf(folder, join(under, name))];
      if (!stat.isFile()) return [entry];
      return [`${entry} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
    });
}

let host: ServerHost;
let serving: Serving;
let token: string;
let own: string;
let canary: string[];
const reached: string[] = [];

beforeAll(async () => {
  mkdirSync(join(workspace, 'inside'), { recursive: true });
  writeFileSync(
    join(workspace, 'inside', 'study.json'),
    JSON.stringify({ name: 'inside', question: 'q', variants: [{ name: 'a' }] }),
  );
  writeFileSync(join(workspace, 'file.txt'), 'ours');
  plantStudy(join(outside, 'study'));
  const weights = readFileSync('test/oracle/foreign/resnet8.safetensors').toString('latin1');
  // Of the same length, so that the file is sound.
  writeFileSync(
    join(outside, 'canary.safetensors'),
    weights.replaceAll('"conv1.weight"', `"${SECRET}.wgt1"`),
    'latin1',
  );
  copyFileSync('test/oracle/surfaces/loss-landscape.h5', join(outside, 'surface.h5'));
  symlinkSync(outside, join(workspace, 'link'), 'junction');
  if (!isWindows) {
    symlinkSync(join(outside, 'canary.safetensors'), join(workspace, 'linked-file'));
    symlinkSync(join(workspace, 'circle'), join(workspace, 'circle'));
    symlinkSync(join(outside, 'not-yet'), join(workspace, 'dangling'));
    execFileSync('mkfifo', [join(workspace, 'pipe')]);
  }
  symlinkSync(join(outside, 'study'), join(workspace, 'linked-study'), 'junction');
  process.env['ISOCURVE_CACHE'] = cache;
  process.env['ISOCURVE_CONFIG'] = join(root, 'config');
  process.env[isWindows ? 'USERPROFILE' : 'HOME'] = outside;
  host = openHost(workspace, 'wasm');
  const { call } = host.supervisor;
  host.supervisor.call = (name, args) => {
    reached.push(name);
    return call.bind(host.supervisor)(name, args);
  };
  serving = await serveApp(host, { port: 0 });
  token = new URL(serving.address).searchParams.get('token')!;
  own = `http://127.0.0.1:${serving.port}`;
  process.chdir(outside);
  canary = treeOf(outside);
});

afterAll(async () => {
  process.chdir(before.cwd);
  Object.assign(process.env, before.environment);
  await host.close();
  await serving.close();
});

const cookie = (value: string) => ({ Cookie: `isocurve-${serving.port}=${value}` });

const opened: WebSocket[] = [];
afterEach(() => opened.splice(0).forEach((socket) => socket.terminate()));

const open = (): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const headers = { ...cookie(token), Origin: own };
    const socket = new WebSocket(`ws://127.0.0.1:${serving.port}/wire`, { headers });
    socket.on('error', reject);
    socket.on('open', () => (opened.push(socket), resolve(socket)));
  });

const harmless = () =>
  plays({
    workspace,
    folder: join(workspace, 'inside'),
    file: join(workspace, 'file.txt'),
    copies: join(cache, 'imports'),
  });

const checks = { ...callChecks, ...hostChecks };
const names = Object.keys(checks) as Name[];

/** Those who may not ask, by what they come with. */
const strangers = (): [who: string, headers: Record<string, string>][] => [
  ['nobody', { Origin: own }],
  ['a wrong token', { ...cookie('0'.repeat(token.length)), Origin: own }],
  ['another page', { ...cookie(token), Origin: 'https://elsewhere.example' }],
  ['a page without an origin', { ...cookie(token), Origin: 'null' }],
  ['no page', cookie(token)],
];

/** A frame as a browser sends it: binary, whole, masked by zeros. */
function masked(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.set([0x82, 0x80 | 126]);
  header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}

/** What a server says to an upgrade that does not wait for leave to send `frame`. */
const intrude = (headers: Record<string, string>, frame: Uint8Array): Promise<string> =>
  new Promise((resolve, reject) => {
    const lines = Object.entries({
      Host: `127.0.0.1:${serving.port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    }).map(([key, value]) => `${key}: ${value}\r\n`);
    const socket = dial(serving.port, '127.0.0.1');
    const said: Buffer[] = [];
    socket.on('data', (data) => said.push(data));
    socket.on('error', (error: { code?: string }) =>
      // Refused while it was still sending.
      error.code === 'ECONNRESET' ? resolve(Buffer.concat(said).toString('latin1')) : reject(error),
    );
    socket.on('close', () => resolve(Buffer.concat(said).toString('latin1')));
    socket.write(
      Buffer.concat([Buffer.from(`GET /wire HTTP/1.1\r\n${lines.join('')}\r\n`), masked(frame)]),
    );
  });

const get = (path: string, headers: Record<string, string>, method = 'GET') =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: serving.port, path, method, headers };
    httpRequest(options, (response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += data.toString('latin1')));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });

test('every call and every event of the contract is played', () => {
  expect(Object.keys(harmless()).sort()).toEqual([...names].sort());
  expect(Object.keys(events)).toEqual(expect.arrayContaining([...eventNames]));
});

describe('those who may not ask', () => {
  test.each(names)('%s is answered to none of them', async (name) => {
    const frame = encodeFrame({ kind: 'call', id: 1, name, args: harmless()[name] });
    for (const [who, headers] of strangers()) {
      const said = await intrude(headers, frame);
      expect([who, said.slice(0, 12)]).toEqual([
        who,
        expect.stringMatching(/^(HTTP.1.1 40[13])?$/),
      ]);
      expect(said).not.toContain(token);
    }
    expect(reached).toEqual([]);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/index.html'],
    ['GET', '/wire'],
    ['PUT', '/upload/an-upload-of-ours?name=x'],
  ])('%s %s is answered to none of them', async (method, path) => {
    for (const [who, headers] of strangers()) {
      // A browser names no origin where a page is opened.
      const opens = who === 'no page' && method === 'GET';
      const { status, body } = await get(path, headers, method);
      if (!opens) expect([who, status]).toEqual([who, expect.toBeOneOf([401, 403])]);
      expect(body).not.toContain(token);
    }
    expect(existsSync(join(cache, 'uploads'))).toBe(false);
  });
});

type Place = readonly [what: string, path: string, leads: 'out' | 'nowhere'];

const everywhere = (): Place[] => [
  ['a file outside', join(outside, 'canary.safetensors'), 'out'],
  ['a study outside', join(outside, 'study'), 'out'],
  ['the folder above', '..', 'out'],
  ['a way up and down again', '../outside/study', 'out'],
  ['a way out of a study', `${join(workspace, 'inside')}/../../outside/study`, 'out'],
  ['the home folder', '~', 'out'],
  ['a file at home', '~/canary.safetensors', 'out'],
  ['a study at home', '~/study', 'out'],
  ['a file where the server was started', 'canary.safetensors', 'nowhere'],
  ['a study where the server was started', './study', 'nowhere'],
  ['a way through a link', join(workspace, 'link', 'canary.safetensors'), 'out'],
  ['a study through a link', 'link/study', 'out'],
  ['a linked study', 'linked-study', 'out'],
  ['a null character', `file.txt\0${outside}`, 'out'],
  ['a name without end', 'n'.repeat(4000), 'out'],
  ['a path without end', 'n/'.repeat(4000), 'out'],
];

const onWindows: readonly Place[] = [
  ['a file server', '\\\\elsewhere.example\\share\\canary', 'out'],
  ['a file server, the other way', '//elsewhere.example/share/canary', 'out'],
  ['a device', '\\\\.\\pipe\\canary', 'out'],
];

const elsewhere: readonly Place[] = [
  ['a link to a file', 'linked-file', 'out'],
  ['a link to itself', 'circle', 'out'],
  ['a link to nothing', 'dangling', 'out'],
  ['what has no end', '/dev/zero', 'out'],
  ['a pipe', 'pipe', 'nowhere'],
];

/** Places that lead out of what was opened, and such as lead nowhere. */
const hostilePlaces = (): Place[] => [...everywhere(), ...(isWindows ? onWindows : elsewhere)];

/** `args` with the place number `number` being `path`; null when it has no so many places. */
function withPlace(name: Name, args: unknown, number: number, path: string): unknown {
  let seen = 0;
  const changed = mapPlaces(checks[name], args, (_role, old) => (seen++ === number ? path : old));
  return seen > number ? changed : null;
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    item instanceof Uint8Array ? Buffer.from(item).toString('latin1') : item,
  );

/** What came of a call: its answer or its fault, and the code of that. */
const outcome = (client: Client, name: Name, args: unknown) =>
  client.call(name, args as never).then(
    (value) => ({ code: null, text: textOf(value) }),
    ({ code, message }: Fault) => ({ code, text: message }),
  );

describe('places that nobody opened', () => {
  const placed = names.filter((name) => withPlace(name, harmless()[name], 0, '') !== null);

  test('are looked for in every argument that names one', () => {
    const among = (name: Name) =>
      Object.keys(harmless()[name]).filter((key) => /folder|workspace|path|file|study/.test(key));
    expect(placed).toEqual(names.filter((name) => among(name).length > 0));
  });

  test.each(placed)('%s reads none of them', async (name) => {
    const client = connect(socketWire(await open()));
    for (const [what, path, leads] of hostilePlaces()) {
      for (let number = 0; ; number++) {
        const args = withPlace(name, harmless()[name], number, path);
        if (args === null) break;
        const { code, text } = await outcome(client, name, args);
        if (leads === 'out') expect([what, number, code]).toEqual([what, number, 'bad-value']);
        expect(text).not.toContain(SECRET);
      }
    }
    expect(treeOf(outside)).toEqual(canary);
  });

  test('a file where the server was started is none of the workspace', async () => {
    const client = connect(socketWire(await open()));
    const study = harmless()['study/create'].study;
    const [, surface] = study.variants;
    const file = 'canary.safetensors';
    const named = { ...study, variants: [{ name: 'weights', weights: { file } }, surface] };
    await expect(client.call('study/create', { workspace, study: named })).rejects.toThrow(
      `cannot read ${join(workspace, file)}: there is no such file`,
    );
    const model = { family: 'resnet', depth: 8, width: 2 };
    const match = { ...harmless()['weights/match'], file, model };
    await expect(client.call('weights/match', match)).rejects.toThrow(/never added to Isocurve/);
    expect(relative(outside, process.cwd())).toBe('');
    expect(realpathSync(homedir())).toBe(outside);
  });

  test('the same file in the workspace is read: it would have been seen', async () => {
    const client = connect(socketWire(await open()));
    copyFileSync(join(outside, 'canary.safetensors'), join(workspace, 'ours.safetensors'));
    const report = await client.call('host/inspect', { path: 'ours.safetensors' });
    expect(report.tensors.map(({ name }) => name)).toContain(`${SECRET}.wgt1`);
  });
});

describe('a file that is sent', () => {
  /** All but what was sent. */
  const rest = () => treeOf(root).filter((entry) => !/^cache(.uploads|.engine.log| )/.test(entry));

  test.each([
    ['the way up', '../../../outside/x'],
    ['the way up to its upload', '../x'],
    ['a whole path', '/etc/x'],
    ['a way down and up', 'a/../../../x'],
    ['a way up as Windows writes it', 'a\\..\\..\\x'],
    ['a way from home', '~/../x'],
    ['a null character', 'a\0b'],
    ['a name without end', `${'n'.repeat(300)}/x`],
    ['a path without end', 'n'.repeat(5000)],
    ['a drive', 'C:\\x'],
    ['a file server', '\\\\elsewhere.example\\share\\x'],
    ['a way to itself', './x'],
    ['no name', ''],
  ])('as %s lies with what was sent, or nowhere', async (_what, name) => {
    const client = connect(socketWire(await open()));
    const before = rest();
    const upload = crypto.randomUUID();
    const ours = { ...cookie(token), Origin: own };
    await outcome(client, 'host/upload', { upload, name, at: 0, bytes: Buffer.from(SECRET) });
    await get(`/upload/${upload}?name=${encodeURIComponent(name)}`, ours, 'PUT');
    await get(`/upload/${encodeURIComponent(name)}?name=x`, ours, 'PUT');
    await get(`/upload/../../outside?name=${upload}`, ours, 'PUT');
    expect(rest()).toEqual(before);
    expect(treeOf(outside)).toEqual(canary);
  });
});

test.each(Object.keys(events))('the event %s comes from no client', async (name) => {
  const [forger, other] = [await open(), connect(socketWire(await open()))];
  const heard: unknown[] = [];
  other.on(name as never, (data) => void heard.push(data));
  const data = (events as Record<string, unknown>)[name];
  forger.send(encodeFrame({ kind: 'event', name, data }));
  const client = connect(socketWire(forger));
  expect((await client.call('host/info', {})).kind).toBe('server');
  await other.call('host/info', {});
  expect(JSON.stringify(heard)).not.toContain('forged');
  expect(JSON.stringify(heard)).not.toContain('-1');
});
