/**
 * Opens the app in the user's own browser without showing its token: what a program is started with
 * every user of a machine can list (`ps`), so it is started with a file that leads to the address
 * and that its owner alone can read.
 */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder } from '../../native/places';
import { FROM_FILE } from '../../server/serve';

/**
 * Programs that open a file in the user's own browser. On Windows no shell is asked, which would
 * read signs of the path as its own.
 */
const OPENERS = new Map<string, readonly [string, ...string[]]>([
  ['linux', ['xdg-open']],
  ['darwin', ['open']],
  ['win32', ['rundll32', 'url.dll,FileProtocolHandler']],
]);

const PREFIX = '.isocurve-open-';

/** Whether there is a screen to open a window on. */
const hasDisplay = (): boolean =>
  process.platform !== 'linux' ||
  process.env['DISPLAY'] !== undefined ||
  process.env['WAYLAND_DISPLAY'] !== undefined;

/**
 * The folder for the file. Browsers that are packed as snaps see nothing of `~/.cache` and `/tmp`,
 * so on Linux the workspace is better where it lies in the open part of the home. On Windows the
 * mode of a file says nothing; the cache lies in the profile, which other users cannot enter.
 */
function folderFor(workspace: string): string {
  const way = relative(homedir(), resolve(workspace));
  const isOpen = !isAbsolute(way) && !way.startsWith('.') && !way.split(sep).includes('..');
  return process.platform === 'linux' && way !== '' && isOpen ? resolve(workspace) : cacheFolder();
}

/** Removes files that lead to a server, also those of servers that died. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(PREFIX)) rmSync(join(folder, name), { force: true });
  }
}

export interface RedirectFile {
  readonly path: string;
  /** Once the browser has come, or the server ends. */
  remove(): void;
}

/** Writes a page that leads to `address`, which only this user can read. */
export function writeRedirect(address: string, workspace: string): RedirectFile {
  const folder = folderFor(workspace);
  mkdirSync(folder, { recursive: true });
  sweep(folder);
  const path = join(folder, `${PREFIX}${randomBytes(8).toString('hex')}.html`);
  const led = `${address}&${FROM_FILE}`.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const page = `<!doctype html>
<meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Isocurve</title>
<meta http-equiv="refresh" content="0;url=${led}">
<p><a href="${led}">Open Isocurve</a></p>
`;
  // 'wx': a file or link that lies there already is not written into.
  writeFileSync(path, page, { mode: 0o600, flag: 'wx' });
  return { path, remove: () => rmSync(path, { force: true }) };
}

/** Opens a file in the default browser; false where that cannot be done. */
export function openBrowser(path: string): Promise<boolean> {
  const opener = OPENERS.get(process.platform);
  if (opener === undefined || !hasDisplay()) return Promise.resolve(false);
  const [program, ...flags] = opener;
  return new Promise((done) => {
    const child = spawn(program, [...flags, pathToFileURL(path).href], { stdio: 'ignore' });
    child.once('error', () => done(false));
    child.once('spawn', () => done(true));
    child.unref();
  });
}
