/** A WebSocket as a wire. Frames are MessagePack; what is not ends the connection with a reason. */

import type { WebSocket } from 'ws';
import { decodeFrame, encodeFrame } from '../../shared/codec';
import type { Wire } from '../../shared/rpc';

/** Bytes waiting to be sent from which on a client reads too slowly. */
const CONGESTED = 8 * 2 ** 20;
/** WebSocket close code: the data was not understood. */
const BAD_DATA = 1007;

export const MAX_FRAME = 64 * 2 ** 20;

export function socketWire(socket: WebSocket): Wire {
  socket.binaryType = 'nodebuffer';
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(encodeFrame(frame));
    },
    congested: () => socket.bufferedAmount > CONGESTED,
    onFrame: (listener) =>
      void socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (!isBinary) return socket.close(BAD_DATA, 'frames are binary');
        let frame: unknown;
        try {
          frame = decodeFrame(data);
        } catch {
          return socket.close(BAD_DATA, 'this frame cannot be read');
        }
        listener(frame);
      }),
    onClose: (listener) =>
      void socket.on('close', (code) => listener(`the connection closed (${code})`)),
  };
}
