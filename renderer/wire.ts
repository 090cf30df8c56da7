/**
 * The wire to the host, whichever it is: a port that Electron's preload passes on, or a WebSocket
 * to
 * the server that gave this page. Nothing else in the interface knows the difference.
 */

import { decodeFrame, encodeFrame } from '../shared/codec';
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

const socketWire = (): Promise<Wire> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}/wire`);
    socket.binaryType = 'arraybuffer';
    const wire: Wire = {
      send: (frame) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(encodeFrame(frame));
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
