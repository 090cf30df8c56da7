/** Electron's message port as a wire, and the one door through which a window gets one. */

import type { IpcMainEvent, MessagePortMain } from 'electron';
import type { Wire } from '../../shared/rpc';
import type { Electron } from './electron';
import { isOwnPage } from './policies';

/** Names of the two messages that are not frames; the preload has them too. */
export const CONNECT = 'isocurve/connect';
export const PORT = 'isocurve/port';

export function portWire(port: MessagePortMain): Wire {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => {
      port.on('message', ({ data }) => listener(data as unknown));
      port.start();
    },
    onClose: (listener) => void port.on('close', () => listener('the window closed')),
  };
}

/** Gives a port to each of our own top frames that asks, and to nobody else. */
export function listenForWindows(
  { ipcMain, MessageChannelMain }: Electron,
  serve: (wire: Wire) => void,
): void {
  ipcMain.on(CONNECT, (event: IpcMainEvent) => {
    const frame = event.senderFrame;
    if (frame === null || frame.parent !== null || !isOwnPage(frame.url)) return;
    const { port1, port2 } = new MessageChannelMain();
    serve(portWire(port1));
    frame.postMessage(PORT, null, [port2]);
  });
}
