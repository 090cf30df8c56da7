/** Who is let in by the local server, and what it gives away: real connections to a real server. */

import { request, type IncomingMessage } from 'node:http';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openHost, type ServerHost } from '../../main/server/host';
import { serveApp, type Serving } from '../../main/server/serve';
import { socketWire } from '../../main/server/socket';
import { connect } from '../../shared/rpc';

const workspace = mkdtempSync(join(tmpdir(), 'isocurve-workspace-'));
process.env['ISOCURVE_CONFIG'] = mkdtempSync(join(tmpdir(), 'isocurve-config-'));

let host: ServerHost;
let serving: Serving;
let token: string;
let own: string;

beforeAll(async () => {
  host = openHost(workspace, 'wasm');
  serving = await serveApp(host, { port: 0 });
  token = new URL(serving.address).searchParams.get('token')!;
  own = `http://127.0.0.1:${serving.port}`;
});

afterAll(async () => {
  await host.close();
  await serving.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request with exactly these headers: fetch would set some by itself. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: serving.port, path, method, headers };
    request(options, (response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += data.toString('latin1')));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });

const cookie = () => ({ Cookie: `isocurve-${serving.port}=${token}` });

/** Resolves with 'open', or with the status that refused the upgrade. */
const upgrade = (headers: Record<string, string>, path = '/wire'): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${serving.port}${path}`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)));
    socket.on('error', () => undefined);
  });

describe('the token', () => {
  test('is 192 random bits, and is swapped for a cookie that pages cannot read', async () => {
    expect(token).toMatch(/^[0-9a-f]{48}$/);
    const { status, headers } = await ask(`/?token=${token}`);
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(headers['set-cookie']![0]).toMatch(/HttpOnly; SameSite=Strict/);
  });

  test.each([
    ['missing', '/', {}],
    ['wrong', `/?token=${'0'.repeat(48)}`, {}],
    ['empty', '/?token=', {}],
    ['half', '/?token=abc', {}],
  ])('%s: the page says what to do and nothing else', async (_name, path, headers) => {
    const { status, body } = await ask(path, headers);
    expect(status).toBe(401);
    expect(body).toContain('open the address that');
    expect(body).not.toContain(token);
    expect(body).not.toContain('<script');
  });

  test('a cookie or a bearer header lets in; a wrong one does not', async () => {
    expect((await ask('/', cookie())).status).toBe(200);
    expect((await ask('/', { Authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await ask('/', { Cookie: `isocurve-${serving.port}=x` })).status).toBe(401);
    expect((await ask('/', { Authorization: 'Bearer x' })).status).toBe(401);
  });
});

describe('hosts and origins', () => {
  test.each(['evil.example', 'evil.example:1', '127.0.0.1', 'localhost:1'])(
    'a request for the host %s is refused, token or not',
    async (name) => {
      const { status } = await ask('/', { ...cookie(), Host: name });
      expect(status).toBe(403);
    },
  );

  test('localhost and the other loopback names are known', async () => {
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      expect((await ask('/', { ...cookie(), Host: `${name}:${serving.port}` })).status).toBe(200);
    }
  });

  test('no other page may ask, and nothing is changed by a request', async () => {
    expect((await ask('/', { ...cookie(), Origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('/', { ...cookie(), Origin: 'null' })).status).toBe(403);
    expect((await ask('/', cookie(), 'POST')).status).toBe(403);
    expect((await ask('/', { ...cookie(), Origin: own }, 'POST')).status).toBe(405);
    const { headers } = await ask('/', cookie());
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('an upgrade needs our origin, our host and the cookie', async () => {
    expect(await upgrade({ ...cookie(), Origin: own })).toBe('open');
    expect(await upgrade(cookie())).toBe('403');
    expect(await upgrade({ ...cookie(), Origin: 'https://evil.example' })).toBe('403');
    expect(await upgrade({ Origin: own })).toBe('401');
    expect(await upgrade({ ...cookie(), Origin: own, Host: 'evil.example' })).toBe('403');
    expect(await upgrade({ ...cookie(), Origin: own }, '/elsewhere')).toBe('404');
    expect(await upgrade({ Origin: own }, `/wire?token=${token}`)).toBe('401');
  });
});

describe('pages', () => {
  test('come with a strict policy and no way out of their folder', async () => {
    const { headers } = await ask('/', cookie());
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    for (const path of [
      '/../cli.js',
      '/..%2fcli.js',
      '/%2e%2e/cli.js',
      '/....//cli.js',
      '/..\\cli.js',
      '//etc/passwd',
      '/index.html%00',
      '/%',
      '/missing',
    ]) {
      expect((await ask(path, cookie())).status).toBe(404);
    }
  });
});

describe('calls', () => {
  const open = (): Promise<WebSocket> =>
    new Promise((resolve) => {
      const headers = { ...cookie(), Origin: own };
      const socket = new WebSocket(`ws://127.0.0.1:${serving.port}/wire`, { headers });
      socket.on('error', () => undefined);
      socket.on('open', () => resolve(socket));
    });

  test('may name files of the workspace only, also within a study', async () => {
    const client = connect(socketWire(await open()));
    const outside = /lies outside of what this server may read/;
    for (const path of ['/etc/passwd', '../secret', '~/.ssh/id_rsa']) {
      await expect(client.call('host/inspect', { path })).rejects.toThrow(outside);
      await expect(client.call('host/take-dataset', { path, options: {} })).rejects.toThrow(
        outside,
      );
    }
    const study = { variants: [{ weights: { file: '/etc/passwd' } }] };
    await expect(client.call('plan/describe', { study })).rejects.toThrow(outside);
    const along = { scans: [{ directions: { kind: 'file', path: '/etc/passwd' } }] };
    await expect(client.call('plan/describe', { study: along })).rejects.toThrow(outside);
    const beside = { variants: [{ surface: { file: '/etc/passwd' } }] };
    await expect(client.call('plan/describe', { study: beside })).rejects.toThrow(outside);
  });

  test('sends a file in pieces, whatever it is called', async () => {
    const client = connect(socketWire(await open()));
    const bytes = readFileSync('test/oracle/foreign/resnet8.safetensors');
    const half = Math.floor(bytes.length / 2);
    const upload = crypto.randomUUID();
    const nothing = { upload, at: 0, bytes: bytes.subarray(0, 0) };
    for (const name of ['../../../etc/weights', '/etc/weights', 'a/../../b', 'a\\..\\b', 'a//b']) {
      await expect(client.call('host/upload', { ...nothing, name })).rejects.toThrow(
        /leads out of its folder/,
      );
    }
    const name = 'weights';
    await client.call('host/upload', { upload, name, at: 0, bytes: bytes.subarray(0, half) });
    const rest = { upload, name, at: half, bytes: bytes.subarray(half) };
    const { path } = await client.call('host/upload', rest);
    expect(path).toMatch(new RegExp(`uploads.${upload}.weights$`));
    const report = await client.call('host/inspect', { path });
    expect(report.verdict).toMatch(/ResNet-8 of width 2/);
    const { path: taken } = await client.call('host/take-weights', { path });
    expect(existsSync(taken)).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  test('sends a file by a request of its own, with the cookie and from its own page', async () => {
    const upload = crypto.randomUUID();
    const put = async (name: string, headers: Record<string, string>, id: string = upload) =>
      fetch(`${own}/upload/${id}?name=${encodeURIComponent(name)}`, {
        method: 'PUT',
        headers,
        body: readFileSync('test/oracle/foreign/resnet8.safetensors'),
      });
    const ours = { ...cookie(), Origin: own };
    expect((await put('w', { Origin: own })).status).toBe(401);
    expect((await put('w', { ...cookie(), Origin: 'http://elsewhere' })).status).toBe(403);
    for (const [name, id, reason] of [
      ['../../w', upload, /leads out of its folder/],
      ['w', '..%2f..%2fetc', /upload must be an id/],
      ['', upload, /name/],
    ] as const) {
      const refused = await put(name, ours, id);
      expect(refused.status).toBe(400);
      expect(((await refused.json()) as { message: string }).message).toMatch(reason);
    }
    const { path } = (await (await put('model/deep/w', ours)).json()) as { path: string };
    expect(path).toMatch(new RegExp(`uploads.${upload}.model$`));
    const client = connect(socketWire(await open()));
    const report = await client.call('host/inspect', { path: join(path, 'deep', 'w') });
    expect(report.verdict).toMatch(/ResNet-8 of width 2/);
  });

  test('may name folders of the workspace only, also through a link', async () => {
    const socket = await open();
    const client = connect(socketWire(socket));
    mkdirSync(join(workspace, 'inside'));
    symlinkSync('/etc', join(workspace, 'link'));
    await expect(client.call('study/open', { folder: join(workspace, 'inside') })).rejects.toThrow(
      /is not the folder of a study/,
    );
    for (const folder of [
      '/etc',
      `${workspace}/..`,
      join(workspace, 'link', 'x'),
      `${workspace}x`,
    ]) {
      await expect(client.call('study/open', { folder })).rejects.toThrow(
        /must lie in the workspace/,
      );
    }
    await expect(client.call('library/list', { workspace: '/' })).rejects.toThrow(/must lie in/);
    const escape = { folder: join(workspace, 'inside'), workspace, kind: 'runs' as const };
    await expect(client.call('item/remove', { ...escape, id: '../../x' })).rejects.toThrow(
      /a name without slashes/,
    );
    socket.terminate();
  });

  test('a frame that cannot be read ends the connection with a reason, and no other', async () => {
    const [bad, good] = [await open(), await open()];
    const closed = new Promise<number>((resolve) => bad.on('close', resolve));
    bad.send(Buffer.from([0xc1]));
    expect(await closed).toBe(1007);
    const text = await open();
    const ended = new Promise<number>((resolve) => text.on('close', resolve));
    text.send('{"kind":"call"}');
    expect(await ended).toBe(1007);
    const client = connect(socketWire(good));
    expect((await client.call('host/info', {})).kind).toBe('server');
    good.terminate();
  });

  test('settings are kept, and a damaged file never stops the app', async () => {
    const socket = await open();
    const client = connect(socketWire(socket));
    const settings = await client.call('host/settings', {});
    await client.call('host/save-settings', { settings: { ...settings, theme: 'dark' } });
    expect((await client.call('host/settings', {})).theme).toBe('dark');
    socket.terminate();
  });
});
