/**
 * The Electron shell against a typed double: the 20 points of Electron's security checklist first.
 */

import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathsIn } from '../../main/electron/opened';
import { startShell } from '../../main/electron/app';
import { answerPage } from '../../main/electron/pages';
import { isOwnPage, mayHave, mayOpenOutside, START_PAGE } from '../../main/electron/policies';
import { CONNECT, PORT } from '../../main/electron/port';
import { commands } from '../../shared/commands';
import { connect, type Client, type Wire } from '../../shared/rpc';
import { changed, ended, heard } from '../support/heard';
import { Hold } from '../support/hold/hold';
import { SMALL_STUDY } from '../support/small-study';
import { until } from '../support/until';
import { buildDouble, type FakePort } from './double';

const documents = mkdtempSync(join(tmpdir(), 'isocurve-documents-'));
process.env['ISOCURVE_CONFIG'] = mkdtempSync(join(tmpdir(), 'isocurve-config-'));
process.env['ISOCURVE_CACHE'] = mkdtempSync(join(tmpdir(), 'isocurve-cache-'));
process.env['ISOCURVE_BACKEND'] = 'wasm';
const hold = new Hold();
Object.assign(process.env, hold.env);
const { electron, seen } = buildDouble(documents);
/** Where Electron's process tells what nobody caught. */
const faults = new EventEmitter();

/** A frame that asks for a port, and the client of what it is given; null: it was given none. */
function ask(url: string, parent: object | null = null): Client | null {
  const given: FakePort[] = [];
  const senderFrame = {
    url,
    parent,
    postMessage: (name: string, _data: null, ports: FakePort[]) => {
      expect(name).toBe(PORT);
      given.push(...ports);
    },
  };
  electron.ipcMain.emit(CONNECT, { senderFrame } as never);
  if (given.length === 0) return null;
  const [port] = given;
  const wire: Wire = {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => {
      port.on('message', ({ data }: { data: unknown }) => listener(data));
      port.start();
    },
    onClose: (listener) => void port.on('close', () => listener('closed')),
  };
  return connect(wire);
}

let client: Client;
const preferences = () =>
  seen.windows[0].options.webPreferences as NonNullable<
    BrowserWindowConstructorOptions['webPreferences']
  >;

beforeAll(async () => {
  startShell(electron, ['isocurve'], faults);
  // The shell listens before its window loads the page.
  await until('a window loads the page', () => seen.windows[0]?.url === START_PAGE);
  client = ask(START_PAGE)!;
});

afterAll(async () => {
  seen.answer = 1;
  electron.app.emit('before-quit', { preventDefault: () => undefined } as never);
  await until('the shell quits', () => seen.quits === 1);
});

describe("Electron's security checklist", () => {
  const contents = () => seen.windows[0].webContents;
  const request = (url: string): boolean => {
    let cancelled = false;
    const handler = seen.handlers.get('request') as unknown as (
      details: { url: string },
      answer: (response: { cancel: boolean }) => void,
    ) => void;
    handler({ url }, ({ cancel }) => (cancelled = cancel));
    return cancelled;
  };

  test('1: nothing is loaded but the app itself', () => {
    expect(seen.windows[0].url).toBe(START_PAGE);
    for (const url of [
      'https://example.org/x.js',
      'http://localhost:1/',
      'file:///etc/passwd',
      'ws://x/',
    ]) {
      expect(request(url)).toBe(true);
    }
    expect(request(START_PAGE)).toBe(false);
  });

  test('2, 3, 4: no Node in pages, worlds apart, all of it in the sandbox', () => {
    expect(preferences()).toMatchObject({
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      contextIsolation: true,
      sandbox: true,
    });
    expect(seen.sandboxed).toBe(true);
  });

  test('5: every permission is denied but writing to the clipboard', () => {
    for (const name of [
      'media',
      'geolocation',
      'notifications',
      'openExternal',
      'hid',
      'fileSystem',
    ]) {
      expect(mayHave(name, START_PAGE)).toBe(false);
    }
    expect(mayHave('clipboard-sanitized-write', START_PAGE)).toBe(true);
    expect(mayHave('clipboard-sanitized-write', 'https://example.org')).toBe(false);
    expect(seen.handlers.has('permission request')).toBe(true);
    expect(seen.handlers.has('permission check')).toBe(true);
    expect((seen.handlers.get('device') as () => boolean)()).toBe(false);
  });

  test('6, 8, 9, 10, 11, 12: nothing of the web is loosened, and there are no webviews', () => {
    expect(preferences()).toMatchObject({
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
    });
    expect(preferences().enableBlinkFeatures).toBeUndefined();
    let prevented = false;
    contents().emit('will-attach-webview', { preventDefault: () => (prevented = true) });
    expect(prevented).toBe(true);
  });

  test('7: pages come with a strict policy that allows no evaluation', async () => {
    const policy = answerPage(START_PAGE).headers.get('Content-Security-Policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe-eval');
    expect(policy.replace("style-src 'self' 'unsafe-inline'", '')).not.toContain('unsafe');
  });

  test.each(['will-navigate', 'will-redirect'])('13: %s leads nowhere else', (name) => {
    const leaves = (url: string) => {
      let prevented = false;
      contents().emit(name, { preventDefault: () => (prevented = true) }, url);
      return !prevented;
    };
    expect(leaves(`${START_PAGE}#/system`)).toBe(true);
    for (const url of [
      'https://example.org',
      'file:///etc/passwd',
      'app://other/index.html',
      'javascript:alert(1)',
      'app:isocurve',
      '',
    ]) {
      expect(leaves(url)).toBe(false);
    }
  });

  test('14, 15: no window opens, and only a few sites open outside', () => {
    for (const url of [
      'https://arxiv.org/abs/1712.09913',
      'https://evil.example',
      'file:///etc/passwd',
      'https://arxiv.org@evil.example',
      'http://arxiv.org',
    ]) {
      expect(contents().openHandler!({ url })).toEqual({ action: 'deny' });
    }
    expect(seen.outside).toEqual(['https://arxiv.org/abs/1712.09913']);
    expect(mayOpenOutside('https://user:pass@arxiv.org')).toBe(false);
  });

  test('16: the Electron that is built with is a current one', () => {
    const { version } = JSON.parse(readFileSync('node_modules/electron/package.json', 'utf8')) as {
      version: string;
    };
    expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(45);
  });

  test('17: only our own top frame is given a port', () => {
    for (const url of ['https://example.org', 'app://other/', 'about:blank', 'data:text/html,x']) {
      expect(ask(url)).toBeNull();
    }
    expect(ask(START_PAGE, {})).toBeNull();
    electron.ipcMain.emit(CONNECT, { senderFrame: null } as never);
  });

  test('18: a protocol of its own, which leads out of its folder on no way', async () => {
    expect(seen.schemes).toMatchObject([{ scheme: 'app', privileges: { secure: true } }]);
    expect(seen.handlers.has('protocol app')).toBe(true);
    expect(answerPage(START_PAGE).status).toBe(200);
    for (const path of [
      '../engine.js',
      '..%2fengine.js',
      '%2e%2e/engine.js',
      '....//engine.js',
      '..\\engine.js',
      '..%5cengine.js',
      '/etc/passwd',
      'index.html%00.js',
      'missing.js',
      '%',
      'index.html/',
      `${'a'.repeat(300)}.js`,
      '/',
      '\\',
    ]) {
      expect(answerPage(`app://isocurve/${path}`).status).toBe(404);
    }
    expect(isOwnPage('app://isocurve.example/index.html')).toBe(false);
  });

  test('19: the packaged app turns its fuses off', () => {
    const config = readFileSync('electron-builder.yml', 'utf8');
    for (const fuse of [
      'runAsNode: false',
      'enableNodeOptionsEnvironmentVariable: false',
      'enableNodeCliInspectArguments: false',
      'enableEmbeddedAsarIntegrityValidation: true',
      'onlyLoadAppFromAsar: true',
      'grantFileProtocolExtraPrivileges: false',
    ]) {
      expect(config).toContain(fuse);
    }
  });

  test('20: the preload shows the page nothing', () => {
    const preload = readFileSync('main/electron/preload.ts', 'utf8');
    expect(preload).not.toContain('contextBridge');
    expect(preload).not.toContain('exposeInMainWorld');
  });
});

describe('the desktop', () => {
  test('says why it cannot start, and ends', async () => {
    const file = join(documents, 'a-file');
    writeFileSync(file, '');
    const { electron, seen } = buildDouble(file);
    startShell(electron, ['isocurve'], new EventEmitter());
    await expect.poll(() => seen.quits).toBe(1);
    expect(seen.questions).toEqual([
      expect.stringMatching(/^Isocurve cannot start: cannot write /),
    ]);
  });

  test('a window speaks to a real engine through its port', async () => {
    const info = await client.call('host/info', {});
    expect(info).toMatchObject({ kind: 'electron', dialogs: true });
    expect(info.workspace).toBe(join(documents, 'Isocurve'));
    expect((await client.call('engine/info', {})).backend.tier).toBe('wasm');
  });

  test('a mistake that nobody caught is logged and said in the window, and the app goes on', async () => {
    const heard = new Promise<string>((hear) => {
      client.on('host/accident', ({ message }) => hear(message));
    });
    const [one, other] = [new Error('a mistake of the shell'), new Error('a broken promise')];
    faults.emit('uncaughtException', one);
    faults.emit('unhandledRejection', other);
    expect(await heard).toMatch(/went wrong and was caught \(Error: a mistake of the shell\)/);
    const { tail } = await client.call('host/log', {});
    for (const { stack } of [one, other]) expect(tail).toContain(stack);
  });

  test('while a study runs the machine stays awake, the task bar shows it, and closing asks', async () => {
    const { workspace } = await client.call('host/info', {});
    const { folder } = await client.call('study/create', { study: SMALL_STUDY, workspace });
    const end = ended(client);
    hold.at('steps');
    const working = Promise.all([
      heard(client, 'steps'),
      changed(client, ({ share }) => share > 0),
    ]);
    await client.call('study/resume', { folder });
    await working;
    expect(seen.blockers.size).toBe(1);
    expect(seen.windows[0].progress).toBeGreaterThan(0);
    seen.answer = 0;
    expect(seen.windows[0].close()).toBe(false);
    expect(seen.questions).toContain('A study is running. Stop it and close?');
    seen.windows[0].focused = false;
    hold.letGo();
    expect((await end).state).toBe('done');
    expect(seen.blockers.size).toBe(0);
    expect(seen.windows[0].progress).toBe(-1);
    expect(seen.notifications).toEqual([{ title: 'Isocurve', body: 'small-digits is done' }]);
  });

  test('saving asks where, writes there, and may be thought better of', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await client.call('host/save', { name: 'f.pdf', bytes })).toBeNull();
    seen.savePath = join(documents, 'f.pdf');
    expect(await client.call('host/save', { name: 'f.pdf', bytes })).toEqual({
      path: seen.savePath,
    });
    expect(new Uint8Array(readFileSync(seen.savePath))).toEqual(bytes);
  });

  test('a double-clicked file or folder reaches the window; what is not there is said', async () => {
    const opened = new Promise((resolve) => client.on('host/opened', resolve));
    const path = join(documents, 'figure.svg');
    writeFileSync(path, '<svg/>');
    electron.app.emit('open-file', { preventDefault: () => undefined } as never, path);
    expect(await opened).toMatchObject({
      kind: 'path',
      path,
      bytes: new Uint8Array(Buffer.from('<svg/>')),
    });
    const folder = new Promise((resolve) => client.on('host/opened', resolve));
    electron.app.emit('open-file', { preventDefault: () => undefined } as never, documents);
    expect(await folder).toEqual({ kind: 'path', path: documents, bytes: null });
    const nowhere = join(documents, 'nowhere.pt');
    electron.app.emit('open-file', { preventDefault: () => undefined } as never, nowhere);
    expect(seen.questions.some((text) => text.includes('cannot open this'))).toBe(true);
  });

  test('the window comes back where it was', () => {
    const kept: unknown = JSON.parse(
      readFileSync(join(process.env['ISOCURVE_CONFIG']!, 'window.json'), 'utf8'),
    );
    expect(kept).toEqual({ x: 12, y: 34, width: 1200, height: 800, maximised: false });
  });

  test('the menu has every command of the registry, once', () => {
    const ids: string[] = [];
    const walk = (items: readonly MenuItemConstructorOptions[]) => {
      for (const { id, submenu } of items) {
        if (id !== undefined) ids.push(id);
        if (Array.isArray(submenu)) walk(submenu);
      }
    };
    walk(seen.menus[0]);
    expect(ids.sort()).toEqual(commands.map(({ id }) => id).sort());
  });
});

test('a command line names what is to be opened, not the app itself or the value of a flag', () => {
  const own = process.cwd();
  const argv = ['electron', own, '--workspace', 'docs', '--inspect', 'README.md', 'nowhere.pt'];
  expect(pathsIn(argv, own, own)).toEqual([join(own, 'README.md')]);
  expect(pathsIn(['isocurve', 'README.md'], join(own, 'docs'), own)).toEqual([]);
});
