/**
 * How many connections there are at a time, and how slow one may be. Knows sockets; knows nothing
 * of what is asked.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectionLimits {
  /** At a time, those of windows among them. */
  readonly count: number;
  /** Milliseconds in which a request has to have said what it wants. */
  readonly headers: number;
  /** A request that moves fewer bytes than `bytes` in two periods one after the other is ended. */
  readonly pace: { readonly bytes: number; readonly milliseconds: number };
  /** Milliseconds for which what a refused request still sends is read and thrown away. */
  readonly linger: number;
}

/**
 * A browser opens six connections and a socket for each of 32 windows. A line of 1 kB a second is
 * thinner than any that carries a page; a request has two periods, because a machine may have slept
 * through one. Whoever was refused has time to read why before the connection is reset.
 */
export const connectionLimits: ConnectionLimits = {
  count: 256,
  headers: 30_000,
  pace: { bytes: 32 * 1024, milliseconds: 30_000 },
  linger: 5_000,
};

/** All connections of a server; those that were never let in make room for new ones. */
export class Connections {
  private readonly all = new Set<Duplex>();
  /** In the order in which they came. */
  private readonly strangers = new Set<Duplex>();

  constructor(private readonly most: number) {}

  add(socket: Socket): void {
    if (this.all.size >= this.most) {
      const [oldest] = this.strangers;
      if (oldest === undefined) return void socket.destroy();
      this.remove(oldest);
      oldest.destroy();
    }
    this.all.add(socket);
    this.strangers.add(socket);
    socket.once('close', () => this.remove(socket));
  }

  /** A request over `socket` had the token. */
  admit(socket: Duplex): void {
    this.strangers.delete(socket);
  }

  private remove(socket: Duplex): void {
    this.all.delete(socket);
    this.strangers.delete(socket);
  }
}

/** Bytes that crossed in either direction; those that wait to be sent did not. */
const movedOver = ({ bytesRead, bytesWritten, writableLength }: Socket): number =>
  bytesRead + bytesWritten - writableLength;

/** Ends the connection of a request that hardly moves; how long it takes in all is not asked. */
export function watchPace(
  request: IncomingMessage,
  response: ServerResponse,
  { pace, linger }: ConnectionLimits,
): void {
  const { socket } = request;
  let moved = movedOver(socket);
  let slow = 0;
  const timer = setInterval(() => {
    const now = movedOver(socket);
    // What came and was not taken yet waits for this machine, not for the other.
    slow = now - moved < pace.bytes && request.readableLength === 0 ? slow + 1 : 0;
    moved = now;
    if (slow === 2) socket.destroy();
  }, pace.milliseconds);
  timer.unref();
  let lingering: NodeJS.Timeout | null = null;
  const isOver = () => response.writableFinished && request.complete;
  const stop = () => {
    if (!isOver() && !socket.destroyed) return;
    clearInterval(timer);
    if (lingering !== null) clearTimeout(lingering);
  };
  response.once('finish', () => {
    if (!request.complete) lingering = setTimeout(() => socket.destroy(), linger).unref();
    stop();
  });
  request.once('close', stop);
  response.once('close', stop);
}
