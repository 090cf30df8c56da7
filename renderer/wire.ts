/**
 * The wire to the host, whichever it is: a port that Electron's preload passes on, or a WebSocket
 * to
 * the server that gave this page. Nothing else in the interface knows the difference.
 */

import { decodeFrame, encodeFrame, MOST_SENT } from '../shared/codec';
import { Fault } from '../shared/fault';
import type { Wire } from '../shared/rpc';

/** What the preload posts together with the port. */
const PORT_MESSAGE = 'isocurve-port';

function portWire(port: MessagePort): Wire {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => {
      port.onmessage = ({ data }) => listener(data);
    },
    onClose: (listener) => port.addEventListener('close', () => listener('the app is closing')),
  };
}

/** Resolves with the port that the preload posts to this window. */
const waitForPort = (): Promise<Wire> =>
  new Promise((resolve) => {
    const receive = (event: MessageEvent) => {
      if (event.source !== window || event.data !== PORT_MESSAGE) return;
      window.removeEventListener('message', receive);
      resolve(portWire(event.ports[0]));
    };
    window.addEventListener('message', receive);
    window.postMessage('isocurve-ready', location.origin);
  });

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

const tooLarge = (bytes: number): Fault =>
  new Fault(
    'bad-value',
    `this takes ${megabytes(bytes)}, and a browser can send ${megabytes(MOST_SENT)} at a time; draw fewer variants, or a surface of fewer points`,
  );

const socketWire = (): Promise<Wire> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}/wire`);
    socket.binaryType = 'arraybuffer';
    const wire: Wire = {
      send: (frame) => {
        if (socket.readyState !== WebSocket.OPEN) return;
        const bytes = encodeFrame(frame);
        if (bytes.length > MOST_SENT) throw tooLarge(bytes.length);
        socket.send(bytes);
      },
      onFrame: (listener) => {
        socket.onmessage = ({ data }) => listener(decodeFrame(new Uint8Array(data as ArrayBuffer)));
      },
      onClose: (listener) =>
        socket.addEventListener('close', ({ reason }) =>
          listener(reason === '' ? 'the server is gone' : reason),
        ),
    };
    socket.onopen = () => resolve(wire);
    socket.onerror = () => reject(new Error('the server cannot be reached'));
  });

/** Opens a connection to the host. @throws Error when there is none */
export const openWire = (): Promise<Wire> =>
  location.protocol === 'app:' ? waitForPort() : socketWire();
