/**
 * The built preload in a world of its own: what it listens to, what it passes on, what it shows.
 */

import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

function load() {
  const heard = new Map<string, (event: object) => void>();
  const sent: unknown[][] = [];
  const posted: unknown[][] = [];
  const window = {
    addEventListener: (name: string, listener: (event: object) => void) =>
      void heard.set(`window ${name}`, listener),
    postMessage: (...args: unknown[]) => void posted.push(args),
  };
  const electron = {
    ipcRenderer: {
      send: (...args: unknown[]) => void sent.push(args),
      on: (name: string, listener: (event: object) => void) =>
        void heard.set(`ipc ${name}`, listener),
    },
  };
  const asked: string[] = [];
  const require = (name: string) => {
    asked.push(name);
    return electron;
  };
  const world = {
    window,
    location: { origin: 'app://isocurve' },
    require,
    module: { exports: {} },
  };
  runInNewContext(readFileSync('dist/preload.cjs', 'utf8'), world);
  return { heard, sent, posted, asked, window, names: Object.keys(world.window) };
}

test('it asks for a port only when its own page is ready, and passes on that port alone', () => {
  const { heard, sent, posted, asked, window, names } = load();
  expect(asked).toEqual(['electron']);
  expect([...heard.keys()].sort()).toEqual(['ipc isocurve/port', 'window message']);
  expect(names).toEqual(['addEventListener', 'postMessage']);

  heard.get('window message')!({ source: {}, data: 'isocurve-ready' });
  heard.get('window message')!({ source: window, data: 'something else' });
  expect(sent).toEqual([]);
  heard.get('window message')!({ source: window, data: 'isocurve-ready' });
  expect(sent).toEqual([['isocurve/connect']]);

  const port = {};
  heard.get('ipc isocurve/port')!({ ports: [port] });
  expect(posted).toEqual([['isocurve-port', 'app://isocurve', [port]]]);
});
