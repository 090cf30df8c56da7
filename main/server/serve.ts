/** The local server: the interface as pages, the contract over a WebSocket, for one user. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createProbe, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { Fault } from '../../shared/fault';
import { serveHost, type Host } from '../host/host-calls';
import { packageRoot } from '../native/places';
import { Gate, isRefusal } from './gate';
import { findPage, SECURITY_HEADERS, type Page } from '../host/pages';
import { MAX_FRAME, socketWire } from './socket';
import { isUpload, takeUpload } from './upload';

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];
/** Most windows at a time; each costs a queue. */
const MAX_CLIENTS = 32;

export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Left out: loopback only. */
  readonly bind?: string | undefined;
}

export interface Serving {
  /** With its token: whoever has it is in. */
  readonly address: string;
  readonly port: number;
  readonly clients: () => number;
  close(): Promise<void>;
}

const bodyOf = (title: string, message: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<body style="font:14px system-ui;margin:3em"><h1 style="font-size:20px">${title}</h1><p>${message
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')}.</p></body></html>`;

const zipped = new Map<string, Buffer>();

/** Compressed once: pages do not change while the server runs. */
function compressed(page: Page): Buffer {
  const known = zipped.get(page.path);
  if (known !== undefined) return known;
  const made = gzipSync(page.content);
  zipped.set(page.path, made);
  return made;
}

function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): void {
  const zips = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const squeezes = zips && !page.type.startsWith('font/') && !page.type.startsWith('image/png');
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': page.type,
    'Cache-Control': page.immutable ? 'max-age=31536000, immutable' : 'no-cache',
    ...(squeezes ? { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : squeezes ? compressed(page) : page.content);
}

function sendMessage(response: ServerResponse, status: number, title: string, message: string) {
  response.writeHead(status, { ...SECURITY_HEADERS, 'Content-Type': 'text/html; charset=utf-8' });
  response.end(bodyOf(title, message));
}

function answer(gate: Gate, root: string, request: IncomingMessage, response: ServerResponse) {
  const admission = gate.check(request, false);
  if (isRefusal(admission)) {
    return sendMessage(response, admission.status, 'Not let in', admission.message);
  }
  if (isUpload(request)) return void takeUpload(request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendMessage(response, 405, 'Not done', 'this server only gives pages');
  }
  if (admission.fresh) {
    // The token leaves the address bar, the history and every referrer.
    response.writeHead(303, { ...SECURITY_HEADERS, 'Set-Cookie': gate.setCookie, Location: '/' });
    return response.end();
  }
  const page = findPage(root, request.url ?? '/');
  if (page === null) {
    return sendMessage(response, 404, 'Not here', 'this server has no such page');
  }
  sendPage(request, response, page);
}

function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\n\r\n${message}\n`);
}

/** @throws Fault 'conflict' when the port is taken, 'bad-value' when it may not be used */
function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: Error & { code?: string }) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Fault('conflict', `port ${port} of ${host} is taken; choose another with --port`)
          : new Fault('bad-value', `cannot listen on ${host}:${port}: ${error.message}`),
      ),
    );
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

/** A port that is free now, so that both loopback addresses can have the same. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createProbe().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** Serves `host` until it is closed. */
export async function serveApp(host: Host, options: ServeOptions): Promise<Serving> {
  const gate = new Gate();
  const root = join(packageRoot(), 'dist', 'renderer');
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME });
  const build = () => {
    const server = createServer((request, response) => answer(gate, root, request, response));
    server.requestTimeout = 0; // a large file over a thin line takes as long as it takes
    server.on('upgrade', (request, socket, head) => {
      const admission = gate.check(request, true);
      if (isRefusal(admission)) return refuseUpgrade(socket, admission.status, admission.message);
      if (request.url !== '/wire') return refuseUpgrade(socket, 404, 'no such socket');
      if (sockets.clients.size >= MAX_CLIENTS) {
        return refuseUpgrade(socket, 503, `${MAX_CLIENTS} windows are open already; close one`);
      }
      sockets.handleUpgrade(request, socket, head, (opened) => {
        opened.on('error', () => opened.terminate()); // an oversized or malformed frame
        serveHost(socketWire(opened), host);
      });
    });
    return server;
  };
  const port = options.port === 0 ? await freePort() : options.port;
  const names = options.bind === undefined ? LOOPBACK : [...LOOPBACK, options.bind];
  gate.open(names, port);
  const servers = [build()];
  await listen(servers[0], port, options.bind ?? '127.0.0.1');
  if (options.bind === undefined) {
    const second = build();
    // A machine without IPv6 is spoken to by IPv4 alone.
    await listen(second, port, '::1').then(
      () => servers.push(second),
      () => undefined,
    );
  }
  return {
    address: `http://${options.bind ?? '127.0.0.1'}:${port}/?token=${gate.token}`,
    port,
    clients: () => sockets.clients.size,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await Promise.all(
        servers.map((server) => new Promise<void>((done) => server.close(() => done()))),
      );
    },
  };
}
