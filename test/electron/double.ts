/**
 * Electron as far as the shell uses it, typed by its own `electron.d.ts`. Windows are recorded and
 * never shown; ports are Node's; the utility process is a forked one, so the engine behind is real.
 */

import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type * as All from 'electron';
import type { Electron } from '../../main/electron/electron';

/** What a test looks at afterwards. */
export interface Recorded {
  readonly windows: FakeWindow[];
  readonly handlers: Map<string, (...args: never[]) => unknown>;
  readonly schemes: All.CustomScheme[];
  readonly outside: string[];
  readonly notifications: { title: string; body: string }[];
  readonly blockers: Set<number>;
  readonly menus: All.MenuItemConstructorOptions[][];
  readonly questions: string[];
  readonly recent: string[];
  sandboxed: boolean;
  quits: number;
  /** What the next question is answered with. */
  answer: number;
  savePath: string;
}

class FakeContents extends EventEmitter {
  openHandler: ((details: { url: string }) => { action: string }) | null = null;

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }

  executeJavaScript(): Promise<unknown> {
    return Promise.resolve(0);
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  url = '';
  focused = true;
  progress = -1;
  destroyed = false;

  constructor(readonly options: All.BrowserWindowConstructorOptions) {
    super();
  }

  loadURL(url: string): Promise<void> {
    this.url = url;
    queueMicrotask(() => this.emit('ready-to-show'));
    return Promise.resolve();
  }

  show(): void {}

  focus(): void {
    this.focused = true;
  }

  maximize(): void {}

  isFocused(): boolean {
    return this.focused;
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  isMaximized(): boolean {
    return false;
  }

  getNormalBounds(): All.Rectangle {
    return { x: 12, y: 34, width: 1200, height: 800 };
  }

  setProgressBar(share: number): void {
    this.progress = share;
  }

  destroy(): void {
    this.destroyed = true;
  }

  /** Closes as a user would; true when nothing kept it open. */
  close(): boolean {
    let prevented = false;
    this.emit('close', { preventDefault: () => (prevented = true) });
    if (!prevented) this.emit('closed');
    return !prevented;
  }
}

/** Node's port with the names of Electron's. */
export class FakePort extends EventEmitter {
  constructor(private readonly port: MessagePort) {
    super();
    port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }));
    port.on('close', () => this.emit('close'));
  }

  postMessage(frame: unknown): void {
    this.port.postMessage(frame);
  }

  start(): void {
    this.port.start();
  }

  close(): void {
    this.port.close();
  }
}

export class FakeChannel {
  readonly port1: FakePort;
  readonly port2: FakePort;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new FakePort(port1);
    this.port2 = new FakePort(port2);
  }
}

function forkUtility(entry: string, _args: string[], options: All.ForkOptions) {
  const child = fork(entry, [], {
    serialization: 'advanced',
    env: options.env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const emitter = new EventEmitter();
  child.on('message', (frame) => emitter.emit('message', frame));
  child.on('exit', (code) => emitter.emit('exit', code ?? 0));
  child.on('spawn', () => emitter.emit('spawn'));
  return Object.assign(emitter, {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    // Electron's parent says goodbye by a message; Node's by closing the channel.
    postMessage: (frame: { kind?: string }) => {
      if (frame.kind === 'bye') child.disconnect();
      else if (child.connected) child.send(frame);
    },
    kill: () => child.kill('SIGKILL'),
  });
}

/** A fresh Electron whose documents lie in `documents`. */
export function buildDouble(documents: string): { electron: Electron; seen: Recorded } {
  const seen: Recorded = {
    windows: [],
    handlers: new Map(),
    schemes: [],
    outside: [],
    notifications: [],
    blockers: new Set(),
    menus: [],
    questions: [],
    recent: [],
    sandboxed: false,
    quits: 0,
    answer: 0,
    savePath: '',
  };
  const keep = (name: string) => (handler: (...args: never[]) => unknown) =>
    void seen.handlers.set(name, handler);
  class RecordedWindow extends FakeWindow {
    constructor(options: All.BrowserWindowConstructorOptions) {
      super(options);
      seen.windows.push(this);
    }
  }
  class FakeNotification extends EventEmitter {
    static isSupported(): boolean {
      return true;
    }

    constructor(private readonly options: { title: string; body: string }) {
      super();
    }

    show(): void {
      seen.notifications.push(this.options);
    }
  }
  let blocker = 0;
  const app = Object.assign(new EventEmitter(), {
    getPath: () => documents,
    getAppPath: () => process.cwd(),
    requestSingleInstanceLock: () => true,
    enableSandbox: () => void (seen.sandboxed = true),
    whenReady: () => Promise.resolve(),
    addRecentDocument: (path: string) => void seen.recent.push(path),
    quit: () => void seen.quits++,
    exit: () => void seen.quits++,
  });
  const electron = {
    app,
    BrowserWindow: RecordedWindow,
    Menu: {
      buildFromTemplate: (template: All.MenuItemConstructorOptions[]) => template,
      setApplicationMenu: (menu: All.MenuItemConstructorOptions[]) => void seen.menus.push(menu),
    },
    MessageChannelMain: FakeChannel,
    Notification: FakeNotification,
    dialog: {
      showMessageBoxSync: ({ message }: All.MessageBoxSyncOptions) => {
        seen.questions.push(message);
        return seen.answer;
      },
      showErrorBox: (title: string, text: string) => void seen.questions.push(`${title}: ${text}`),
      showSaveDialog: () =>
        Promise.resolve({ canceled: seen.savePath === '', filePath: seen.savePath }),
      showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }),
    },
    ipcMain: new EventEmitter(),
    powerSaveBlocker: {
      start: () => {
        seen.blockers.add(++blocker);
        return blocker;
      },
      stop: (id: number) => seen.blockers.delete(id),
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: All.CustomScheme[]) =>
        void seen.schemes.push(...schemes),
      handle: (scheme: string, handler: (request: Request) => Response) =>
        keep(`protocol ${scheme}`)(handler as never),
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: keep('permission request'),
        setPermissionCheckHandler: keep('permission check'),
        setDevicePermissionHandler: keep('device'),
        webRequest: { onBeforeRequest: keep('request') },
      },
    },
    shell: { openExternal: (url: string) => Promise.resolve(void seen.outside.push(url)) },
    utilityProcess: { fork: forkUtility },
  };
  return { electron: electron as unknown as Electron, seen };
}
