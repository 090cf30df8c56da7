/** The host behind the local server: an engine kept alive, drawing by a headless browser. */

import { mkdirSync } from 'node:fs';
import { Fault } from '../../shared/fault';
import { Drawer, drawFile } from '../host/draw';
import { forkEngine, startEngine } from '../host/engine-process';
import type { Host } from '../host/host-calls';
import { Provisioner } from '../host/provisioner';
import { SettingsFile } from '../host/settings-file';
import { Supervisor } from '../host/supervisor';
import { chooseBackend, type ChooseOptions } from '../native/choose';
import { realPathOf } from '../native/paths';
import { version } from '../native/version';

export interface ServerHost extends Host {
  /** Stops jobs where they can be resumed, then the engine. */
  close(): Promise<void>;
}

/** Milliseconds for which an idle browser is kept for the next drawing. */
const KEEP_BROWSER_MS = 60_000;

/** One browser for all drawings, closed when nobody has drawn for a while. */
class SharedDrawer {
  private drawer: Promise<Drawer> | null = null;
  private timer: NodeJS.Timeout | null = null;

  async use<T>(work: (drawer: Drawer) => Promise<T>): Promise<T> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.drawer ??= Drawer.open();
    try {
      return await work(await this.drawer);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      this.timer = setTimeout(() => void this.close(), KEEP_BROWSER_MS);
      this.timer.unref();
    }
  }

  async close(): Promise<void> {
    const drawer = this.drawer;
    this.drawer = null;
    await drawer?.then((open) => open.close()).catch(() => undefined);
  }
}

/** `data`: folders whose files may be named, besides those of the workspace. */
export function openHost(
  workspace: string,
  build: ChooseOptions['build'],
  data: readonly string[] = [],
): ServerHost {
  mkdirSync(workspace, { recursive: true });
  // The engine is given real paths, and windows know studies by them.
  const root = realPathOf(workspace);
  const roots = data.map((folder) => realPathOf(folder));
  let provisioner: Provisioner | null = null;
  const supervisor = new Supervisor(async () => {
    const onProgress: ChooseOptions['onProgress'] = (progress) =>
      provisioner?.report({ ...progress, message: null });
    const choice = await chooseBackend({ build, onProgress });
    provisioner?.report({ step: 'done', share: 1, message: null });
    return startEngine(choice, forkEngine, roots);
  });
  provisioner = new Provisioner(() => supervisor.restart());
  const drawers = new SharedDrawer();
  return {
    info: {
      kind: 'server',
      version,
      platform: process.platform,
      workspace: root,
      dialogs: false,
    },
    supervisor,
    settings: new SettingsFile(),
    provisioner,
    roots,
    spawn: forkEngine,
    draw: (request) => drawFile(request, (work) => drawers.use(work)),
    save: async () => {
      throw new Fault('bad-value', 'a browser saves files itself; use its download');
    },
    async close() {
      await drawers.close();
      await supervisor.stop();
    },
  };
}
