/** The window: its options, what it may do, and the place it had the last time. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BrowserWindow, BrowserWindowConstructorOptions, Session } from 'electron';
import * as v from 'valibot';
import { whole } from '../../shared/spec/check';
import { configFolder, packageRoot } from '../native/places';
import type { Electron } from './electron';
import { isOwnPage, mayHave, mayOpenOutside, START_PAGE } from './policies';

const Place = v.object({
  x: v.optional(whole(-100_000, 100_000)),
  y: v.optional(whole(-100_000, 100_000)),
  width: whole(900, 20_000),
  height: whole(500, 20_000),
  maximised: v.boolean(),
});
type Place = v.InferOutput<typeof Place>;

const FIRST_PLACE: Place = { width: 1440, height: 900, maximised: false };

export const placeFile = (): string => join(configFolder(), 'window.json');

/** Where the window was; the first place where that cannot be read. */
export function readPlace(): Place {
  if (!existsSync(placeFile())) return FIRST_PLACE;
  try {
    return v.parse(Place, JSON.parse(readFileSync(placeFile(), 'utf8')));
  } catch {
    return FIRST_PLACE;
  }
}

function keepPlace(window: BrowserWindow): void {
  const place: Place = { ...window.getNormalBounds(), maximised: window.isMaximized() };
  mkdirSync(dirname(placeFile()), { recursive: true });
  writeFileSync(placeFile(), JSON.stringify(place));
}

/** What every window of the app is made with; pages know nothing of Node. */
export const webPreferences = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const;

export const windowOptions = (place: Place): BrowserWindowConstructorOptions => ({
  ...(place.x === undefined || place.y === undefined ? {} : { x: place.x, y: place.y }),
  width: place.width,
  height: place.height,
  minWidth: 900,
  minHeight: 500,
  show: false,
  backgroundColor: '#fbfbfa',
  title: 'Isocurve',
  webPreferences: { ...webPreferences, preload: join(packageRoot(), 'dist', 'preload.cjs') },
});

/** Denies every permission but writing to the clipboard, and every request that leaves the app. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(mayHave(permission, requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => mayHave(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const inside = isOwnPage(url) || /^(blob|data|devtools):/.test(url);
    answer({ cancel: !inside });
  });
}

/** Keeps a window on its own pages and from opening others. */
export function guardWindow({ shell }: Electron, window: BrowserWindow): void {
  const { webContents } = window;
  webContents.setWindowOpenHandler(({ url }) => {
    if (mayOpenOutside(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
  const stay = (event: { preventDefault(): void }, url: string) => {
    if (!isOwnPage(url)) event.preventDefault();
  };
  webContents.on('will-navigate', stay);
  webContents.on('will-redirect', stay);
  webContents.on('will-attach-webview', (event) => event.preventDefault());
}

/** Opens the window where it was; `mayClose` is asked first. */
export function openWindow(electron: Electron, mayClose: () => boolean): BrowserWindow {
  const place = readPlace();
  const window = new electron.BrowserWindow(windowOptions(place));
  guardWindow(electron, window);
  if (place.maximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    keepPlace(window);
    if (!mayClose()) event.preventDefault();
  });
  void window.loadURL(START_PAGE);
  return window;
}
