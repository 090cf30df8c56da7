/** `start`: the app in Electron where its binary is or can be fetched, else in a browser. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Fault } from '../../../shared/fault';
import { cacheFolder, packageRoot } from '../../native/places';
import { say } from '../print';
import { serve, type ServeFlags } from './serve';

const require = createRequire(import.meta.url);

/** Hours before a fetch that failed is tried again: the app is not to wait at every start. */
const RETRY_HOURS = 24;
/** Milliseconds that a fetch may take before the browser is opened instead. */
const PATIENCE = 180_000;

const failedFetch = () => join(cacheFolder(), 'electron-not-fetched');

/** The folder of Electron's npm package; null where it was not installed. */
function electronPackage(): string | null {
  try {
    return dirname(require.resolve('electron/package.json'));
  } catch {
    return null;
  }
}

/** The binary that is there; null where there is none. */
export function findElectron(folder: string): string | null {
  const names = new Map<NodeJS.Platform, string>([
    ['darwin', 'Electron.app/Contents/MacOS/Electron'],
    ['win32', 'electron.exe'],
  ]);
  const name = names.get(process.platform) ?? 'electron';
  const given = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const binary = join(given ?? join(folder, 'dist'), name);
  return existsSync(binary) ? binary : null;
}

/** Runs a program to its end; the last line it wrote where it failed, else null. */
function run(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE });
    let text = '';
    const keep = (data: Buffer) => (text += data.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', ({ message }) => done(message));
    child.once('close', (code) => done(code === 0 ? null : reasonIn(text)));
  });
}

/** The line of an error's output that says what went wrong. */
const reasonIn = (text: string): string =>
  /^(?:\w*Error|RequestError): (.+)$/m.exec(text)?.[1] ?? 'the download failed';

/** Fetches the binary once; null when it is there, else why it is not. */
async function fetchElectron(folder: string): Promise<string | null> {
  const mark = failedFetch();
  const hours = existsSync(mark) ? (Date.now() - statSync(mark).mtimeMs) / 3_600_000 : Infinity;
  if (hours < RETRY_HOURS) return readFileSync(mark, 'utf8');
  say('fetching Electron, once…');
  const reason = await run(process.execPath, [join(folder, 'install.js')]);
  if (reason !== null) {
    mkdirSync(dirname(mark), { recursive: true });
    writeFileSync(mark, reason);
  }
  return reason;
}

export type StartFlags = Pick<ServeFlags, 'workspace' | 'backend'>;

/** `isocurve start [PATH…]` @throws Fault 'not-found' when there is nothing at a path */
export async function start(paths: readonly string[], flags: StartFlags): Promise<number> {
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new Fault('not-found', `cannot open ${missing}: there is no such file or folder`);
  }
  const folder = electronPackage();
  let why = 'its package is not installed';
  if (folder !== null) {
    if (findElectron(folder) === null) why = (await fetchElectron(folder)) ?? '';
    const binary = findElectron(folder);
    if (binary !== null) return runElectron(binary, paths, flags);
  }
  say(`Electron is not here (${why}); the same app opens in the browser`);
  for (const path of paths) say(`to look at ${resolve(path)} there, press o and name it`);
  return serve({ ...flags, port: '0', open: true, data: [homedir()] });
}

function runElectron(
  binary: string,
  paths: readonly string[],
  { workspace, backend }: StartFlags,
): Promise<number> {
  const env = { ...process.env, ...(backend === undefined ? {} : { ISOCURVE_BACKEND: backend }) };
  const args = [packageRoot(), '--workspace', workspace, ...paths];
  return new Promise((done, fail) => {
    const child = spawn(binary, args, { stdio: 'inherit', env });
    child.once('error', fail);
    child.once('close', (code) => done(code ?? 1));
  });
}
