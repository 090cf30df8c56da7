/** Every kind of wire that frames travel on, each as a pair of ends, for the conformance suite. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { WebSocket, WebSocketServer } from 'ws';
import { portWire } from '../../main/electron/port';
import { socketWire } from '../../main/server/socket';
import type { Wire } from '../../shared/rpc';
import { FakePort } from '../electron/double';

export interface Pair {
  readonly client: Wire;
  readonly server: Wire;
  /** Cuts the wire; both ends hear of it. */
  cut(): Promise<void>;
}

/** Frames in memory, cloned as a process boundary would. */
async function memoryPair(): Promise<Pair> {
  const listeners: [((frame: unknown) => void)[], ((frame: unknown) => void)[]] = [[], []];
  const closers: ((reason: string) => void)[] = [];
  const end = (mine: 0 | 1): Wire => ({
    send: (frame) => {
      const copy: unknown = structuredClone(frame);
      queueMicrotask(() => listeners[1 - mine].forEach((listener) => listener(copy)));
    },
    onFrame: (listener) => void listeners[mine].push(listener),
    onClose: (listener) => void closers.push(listener),
  });
  return {
    client: end(0),
    server: end(1),
    cut: async () => closers.forEach((close) => close('cut')),
  };
}

/** Node's message ports: the structured clone that Electron's have. */
async function portPair(): Promise<Pair> {
  const { port1, port2 } = new MessageChannel();
  const ports = [new FakePort(port1), new FakePort(port2)] as const;
  const [client, server] = ports.map((port) => portWire(port as never));
  return { client, server, cut: async () => ports[0].close() };
}

/** A real WebSocket over a real connection. */
async function socketPair(): Promise<Pair> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const accepted = new Promise<WebSocket>((resolve) => sockets.once('connection', resolve));
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve) => socket.once('open', resolve));
  const other = await accepted;
  return {
    client: socketWire(socket),
    server: socketWire(other),
    async cut() {
      other.terminate();
      socket.terminate();
      sockets.close();
      http.close();
    },
  };
}

export const wires = [
  ['memory', memoryPair],
  ['MessagePort', portPair],
  ['WebSocket', socketPair],
] as const;
