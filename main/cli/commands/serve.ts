/** `serve` and `start`: the app in a browser, for this machine or through SSH. */

import { resolve } from 'node:path';
import { Fault } from '../../../shared/fault';
import { catchAll } from '../../host/accidents';
import type { ChooseOptions } from '../../native/choose';
import { openHost } from '../../server/host';
import { serveApp, type Serving } from '../../server/serve';
import { say } from '../print';
import { openBrowser, writeRedirect, type RedirectFile } from './open-browser';

export interface ServeFlags {
  port: string;
  open?: boolean;
  bind?: string;
  workspace: string;
  data?: string[];
  backend?: ChooseOptions['build'];
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new Fault('bad-value', `--port must be a whole number from 0 to 65535; got '${text}'`);
}

/** Says the address, and opens it where that is asked for and can be done. */
async function openServed(
  { address }: Serving,
  { open, workspace }: ServeFlags,
): Promise<RedirectFile | null> {
  say(`studies: ${resolve(workspace)}`);
  say(`Isocurve: ${address}`);
  if (open !== true) return null;
  const file = writeRedirect(address, workspace);
  if (await openBrowser(file.path)) return file;
  file.remove();
  say('no browser could be opened here; open that address');
  return null;
}

/** `isocurve serve` */
export async function serve(flags: ServeFlags): Promise<number> {
  const port = portOf(flags.port);
  const host = openHost(flags.workspace, flags.backend, flags.data);
  // Who stops it while it starts leaves nothing behind either.
  const stopped = new Promise<void>((stop) => {
    process.once('SIGINT', () => stop());
    process.once('SIGTERM', () => stop());
  });
  let file: RedirectFile | null = null;
  const options = { port, bind: flags.bind, entered: () => file?.remove() };
  const serving = await serveApp(host, options).catch(async (error: unknown) => {
    await host.close();
    throw error;
  });
  const stopCatching = catchAll(process, host.accidents);
  if (flags.bind !== undefined) {
    say(`warning: everybody who reaches ${flags.bind} and has the token can use this server`);
  }
  file = await openServed(serving, flags);
  say(`from another machine: ssh -L ${serving.port}:127.0.0.1:${serving.port} THIS-HOST`);
  say('Ctrl-C stops; running studies can be resumed');
  await stopped;
  if (host.supervisor.busy) say('stopping the running studies where they can be resumed…');
  file?.remove();
  await host.close();
  await serving.close();
  stopCatching();
  return 0;
}
