/** A WebSocket as a wire. Frames are MessagePack; what is not ends the connection with a reason. */

import type { WebSocket } from 'ws';
import { decodeFrame, encodeFrame } from '../../shared/codec';
import type { Wire } from '../../shared/rpc';

/** Bytes waiting to be sent from which on a client reads too slowly. */
const CONGESTED = 8 * 2 ** 20;
/** WebSocket close code: the data was not understood. */
const BAD_DATA = 1007;

/** `most`: bytes of memory that a frame of so many bytes may take; left out: any. */
export function socketWire(
  socket: WebSocket,
  most: (length: number) => number = () => Infinity,
): Wire {
  socket.binaryType = 'nodebuffer';
  const congested = () => socket.bufferedAmount > CONGESTED;
  const sent = () => {
    if (socket.isPaused && !congested()) socket.resume();
  };
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(encodeFrame(frame), sent);
    },
    congested,
    onFrame: (listener) =>
      void socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (!isBinary) return socket.close(BAD_DATA, 'frames are binary');
        let frame: unknown;
        try {
          frame = decodeFrame(data, most(data.length));
        } catch {
          return socket.close(BAD_DATA, 'this frame cannot be read');
        }
        // Whoever asks without reading the answers is heard again when they were read.
        if (congested()) socket.pause();
        listener(frame);
      }),
    onClose: (listener) =>
      void socket.on('close', (code) => listener(`the connection closed (${code})`)),
  };
}
