/**
 * Runs before the page, in a world of its own: passes the port on and shows the page nothing else.
 * `renderer/wire.ts` is its other end.
 */

import { ipcRenderer } from 'electron';

window.addEventListener('message', (event) => {
  if (event.source === window && event.data === 'isocurve-ready') {
    ipcRenderer.send('isocurve/connect');
  }
});

ipcRenderer.on('isocurve/port', (event) => {
  window.postMessage('isocurve-port', location.origin, [...event.ports]);
});
