/** `serve` and `start`: the app in a browser, for this machine or through SSH. */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { ChooseOptions } from '../../native/choose';
import { openHost } from '../../server/host';
import { serveApp } from '../../server/serve';
import { say } from '../print';

export interface ServeFlags {
  port: string;
  open?: boolean;
  bind?: string;
  workspace: string;
  data?: string[];
  backend?: ChooseOptions['build'];
}

/** Programs that open an address in the user's own browser. */
const OPENERS = new Map<string, readonly [string, ...string[]]>([
  ['linux', ['xdg-open']],
  ['darwin', ['open']],
  ['win32', ['cmd', '/c', 'start', '""']],
]);

/** Whether there is a screen to open a window on. */
const hasDisplay = (): boolean =>
  process.platform !== 'linux' ||
  process.env['DISPLAY'] !== undefined ||
  process.env['WAYLAND_DISPLAY'] !== undefined;

/** Opens `address` in the default browser; false where that cannot be done. */
function openBrowser(address: string): Promise<boolean> {
  const opener = OPENERS.get(process.platform);
  if (opener === undefined || !hasDisplay()) return Promise.resolve(false);
  return new Promise((done) => {
    const child = spawn(opener[0], [...opener.slice(1), address], { stdio: 'ignore' });
    child.once('error', () => done(false));
    child.once('spawn', () => done(true));
    child.unref();
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new Fault('bad-value', `--port must be a whole number from 0 to 65535; got '${text}'`);
}

/** `isocurve serve` */
export async function serve(flags: ServeFlags): Promise<number> {
  const port = portOf(flags.port);
  const host = openHost(flags.workspace, flags.backend, flags.data);
  const serving = await serveApp(host, { port, bind: flags.bind }).catch(async (error: unknown) => {
    await host.close();
    throw error;
  });
  if (flags.bind !== undefined) {
    say(`warning: everybody who reaches ${flags.bind} and has the token can use this server`);
  }
  say(`studies: ${resolve(flags.workspace)}`);
  say(`Isocurve: ${serving.address}`);
  const opened = flags.open === true && (await openBrowser(serving.address));
  if (flags.open === true && !opened) say('no browser could be opened here; open that address');
  say(`from another machine: ssh -L ${serving.port}:127.0.0.1:${serving.port} THIS-HOST`);
  say('Ctrl-C stops; running studies can be resumed');
  await new Promise<void>((stop) => {
    process.once('SIGINT', () => stop());
    process.once('SIGTERM', () => stop());
  });
  if (host.supervisor.busy) say('stopping the running studies where they can be resumed…');
  await host.close();
  await serving.close();
  return 0;
}
