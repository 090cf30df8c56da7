/** The local server: the interface as pages, the contract over a WebSocket, for one user. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createProbe, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { MOST_SENT } from '../../shared/codec';
import { Fault } from '../../shared/fault';
import { fairCost } from '../../shared/frame';
import { serveHost, type Host } from '../host/host-calls';
import { findPage } from '../host/pages';
import { parseTarget } from '../host/target';
import { packageRoot } from '../native/places';
import { sendCookie, sendMessage, sendPage } from './answers';
import { connectionLimits, Connections, watchPace, type ConnectionLimits } from './connections';
import { Gate, isRefusal } from './gate';
import { socketWire } from './socket';
import { isUpload, takeUpload } from './upload';

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];
/** In an address that a file leads to. */
export const FROM_FILE = 'from-file';
/** Most windows at a time; each costs a queue. */
const MAX_CLIENTS = 32;

export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Left out: loopback only. */
  readonly bind?: string | undefined;
  readonly limits?: ConnectionLimits;
  /** Called when a browser comes with the token in its address. */
  readonly entered?: () => void;
}

export interface Serving {
  /** With its token: whoever has it is in. */
  readonly address: string;
  readonly port: number;
  readonly clients: () => number;
  close(): Promise<void>;
}

/** What every request and every socket is served with. */
interface Desk {
  readonly gate: Gate;
  readonly root: string;
  readonly host: Host;
  readonly sockets: WebSocketServer;
  readonly connections: Connections;
  readonly limits: ConnectionLimits;
  readonly entered: () => void;
}

async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse) {
  const { gate, root, host, connections, entered } = desk;
  const target = parseTarget(request.url);
  const admission = gate.check(request, target, false);
  if (isRefusal(admission)) {
    return sendMessage(response, admission.status, 'Not let in', admission.message);
  }
  connections.admit(request.socket);
  if (target !== null && isUpload(request.method, target)) {
    return takeUpload(request, response, target, host.uploads);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendMessage(response, 405, 'Not done', 'this server only gives pages');
  }
  if (admission.fresh) {
    entered();
    const isLedHere =
      request.headers['sec-fetch-site'] === 'cross-site' || target?.query.has(FROM_FILE) === true;
    return sendCookie(response, gate.setCookie, isLedHere);
  }
  const page = findPage(root, target);
  if (page === null) {
    return sendMessage(response, 404, 'Not here', 'this server has no such page');
  }
  sendPage(request, response, page);
}

/** Answers a request whatever it is; what goes wrong here is reported and ends this one alone. */
function handle(desk: Desk, request: IncomingMessage, response: ServerResponse): void {
  response.on('error', () => response.destroy()); // nobody is left to be answered
  watchPace(request, response, desk.limits);
  answer(desk, request, response).catch((error: unknown) => {
    desk.host.accidents.report(error);
    if (response.headersSent) response.destroy();
    else sendMessage(response, 500, 'Not done', 'something went wrong here; its log says more');
  });
}

function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\n\r\n${message}\n`);
}

function upgrade(desk: Desk, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { gate, host, sockets, connections } = desk;
  const target = parseTarget(request.url);
  const admission = gate.check(request, target, true);
  if (isRefusal(admission)) return refuseUpgrade(socket, admission.status, admission.message);
  connections.admit(socket);
  if (target?.path !== '/wire') return refuseUpgrade(socket, 404, 'no such socket');
  if (sockets.clients.size >= MAX_CLIENTS) {
    return refuseUpgrade(socket, 503, `${MAX_CLIENTS} windows are open already; close one`);
  }
  sockets.handleUpgrade(request, socket, head, (opened) => {
    opened.on('error', () => opened.terminate()); // an oversized or malformed frame
    serveHost(socketWire(opened, fairCost), host);
  });
}

function build(desk: Desk): Server {
  const { headers, pace } = desk.limits;
  const server = createServer(
    {
      headersTimeout: headers,
      requestTimeout: 0, // a large file over a thin line takes as long as it takes
      connectionsCheckingInterval: Math.min(headers, pace.milliseconds) / 2,
      keepAlive: true, // a window that vanished without a word frees its place some time
    },
    (request, response) => handle(desk, request, response),
  );
  server.on('connection', (socket) => desk.connections.add(socket));
  server.on('upgrade', (request, socket, head) => {
    // From here on the socket is nobody's: without this, a reset would end the process.
    socket.on('error', () => socket.destroy());
    try {
      upgrade(desk, request, socket, head);
    } catch (error) {
      desk.host.accidents.report(error);
      socket.destroy();
    }
  });
  return server;
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
  const limits = options.limits ?? connectionLimits;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_SENT });
  const desk: Desk = {
    gate,
    root: join(packageRoot(), 'dist', 'renderer'),
    host,
    sockets,
    connections: new Connections(limits.count),
    limits,
    entered: options.entered ?? (() => undefined),
  };
  const port = options.port === 0 ? await freePort() : options.port;
  const names = options.bind === undefined ? LOOPBACK : [...LOOPBACK, options.bind];
  gate.open(names, port);
  const servers = [build(desk)];
  await listen(servers[0], port, options.bind ?? '127.0.0.1');
  if (options.bind === undefined) {
    const second = build(desk);
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
      const ends = servers.map(
        (server) => new Promise<void>((done) => void server.close(() => done())),
      );
      for (const server of servers) server.closeAllConnections();
      await Promise.all(ends);
    },
  };
}
