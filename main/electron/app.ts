/** The Electron shell: one window, one engine, and what only a desktop can do. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserWindow } from 'electron';
import type { AllEvents, HostEvents, JobStatus } from '../../shared/contract';
import { toFault } from '../../shared/fault';
import { Drawer, drawFile } from '../host/draw';
import { startEngine } from '../host/engine-process';
import { serveHost, type Host, type Tell } from '../host/host-calls';
import { Provisioner } from '../host/provisioner';
import { SettingsFile } from '../host/settings-file';
import { Supervisor } from '../host/supervisor';
import { chooseBackend } from '../native/choose';
import { realPathOf } from '../native/paths';
import { version } from '../native/version';
import { openElectronCanvas } from './canvas';
import type { Electron } from './electron';
import { menuTemplate } from './menu';
import { openPath, pathsIn } from './opened';
import { privileges, servePages } from './pages';
import { listenForWindows } from './port';
import { spawnUtility } from './spawn';
import { guardSession, openWindow } from './window';

/** `--workspace FOLDER`, else Isocurve in the user's documents. */
function workspaceOf({ app }: Electron, argv: readonly string[]): string {
  const flag = argv.indexOf('--workspace');
  const folder = flag < 0 ? join(app.getPath('documents'), 'Isocurve') : argv[flag + 1];
  mkdirSync(folder, { recursive: true });
  return realPathOf(folder);
}

const isOpen = ({ state }: JobStatus) => state === 'running' || state === 'paused';

export class Shell {
  private window: BrowserWindow | null = null;
  private readonly supervisor: Supervisor;
  private readonly host: Host;
  private readonly settings = new SettingsFile();
  private readonly listeners = new Set<Tell>();
  /** Paths to open as soon as there is a window. */
  private readonly waiting: string[];
  private drawer: Promise<Drawer> | null = null;
  private blocker: number | null = null;
  private quitting = false;

  constructor(
    private readonly electron: Electron,
    argv: readonly string[],
  ) {
    const workspace = workspaceOf(electron, argv);
    this.waiting = pathsIn(argv, process.cwd(), electron.app.getAppPath());
    const spawn = spawnUtility(electron);
    let provisioner: Provisioner | null = null;
    this.supervisor = new Supervisor(async () => {
      const choice = await chooseBackend({
        onProgress: (progress) => provisioner?.report({ ...progress, message: null }),
      });
      return startEngine(choice, spawn);
    });
    provisioner = new Provisioner(() => this.supervisor.restart());
    const { platform } = process;
    this.host = {
      info: { kind: 'electron', version, platform, workspace, dialogs: true },
      supervisor: this.supervisor,
      settings: this.settings,
      provisioner,
      spawn,
      // The window is its user's own, and so is this machine.
      roots: null,
      draw: (request) => drawFile(request, (work) => this.draw(work)),
      save: (file) => this.save(file),
    };
  }

  /** Called once the app is ready. */
  open(): void {
    const { app, protocol, session } = this.electron;
    servePages(protocol);
    guardSession(session.defaultSession);
    listenForWindows(this.electron, (wire) => {
      const tell = serveHost(wire, this.host);
      this.listeners.add(tell);
      wire.onClose(() => void this.listeners.delete(tell));
      for (const path of this.waiting.splice(0)) this.openFile(path);
    });
    this.supervisor.listen((name, data) => {
      if (name === 'job/changed') this.follow(data as JobStatus);
    });
    this.showWindow();
    app.on('activate', () => this.showWindow());
    app.on('second-instance', (_event, argv, folder) => {
      this.showWindow();
      for (const path of pathsIn(argv, folder, app.getAppPath())) this.openFile(path);
    });
    app.on('open-file', (event, path) => {
      event.preventDefault();
      this.openFile(path);
    });
    app.on('before-quit', (event) => {
      if (this.quitting) return;
      event.preventDefault();
      if (this.mayClose()) void this.quit();
    });
    app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit());
  }

  private showWindow(): void {
    if (this.window !== null && !this.window.isDestroyed()) {
      this.window.focus();
      return;
    }
    this.window = openWindow(this.electron, () => this.quitting || this.mayClose());
    this.window.on('closed', () => (this.window = null));
    this.buildMenu();
  }

  private buildMenu(): void {
    const { Menu } = this.electron;
    const template = menuTemplate(process.platform, this.settings.read().recent, {
      perform: (command) => this.tell('host/command', { command }),
      openFile: () => void this.chooseFile(),
      openRecent: (folder) => this.tell('host/opened', { kind: 'study', folder }),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  /** Asks when work would be cut short; it can be resumed in any case. */
  private mayClose(): boolean {
    if (!this.supervisor.busy) return true;
    const answer = this.electron.dialog.showMessageBoxSync({
      type: 'question',
      message: 'A study is running. Stop it and close?',
      detail: 'Everything measured is kept; the study can be resumed.',
      buttons: ['Keep running', 'Stop and close'],
      defaultId: 0,
      cancelId: 0,
    });
    if (answer === 1) void this.quit();
    return false;
  }

  private async quit(): Promise<void> {
    this.quitting = true;
    await this.drawer?.then((drawer) => drawer.close()).catch(() => undefined);
    await this.supervisor.stop();
    this.electron.app.quit();
  }

  /** Progress in the task bar, no sleep while work goes on, a word when it is done unseen. */
  private follow(status: JobStatus): void {
    const { powerSaveBlocker } = this.electron;
    const { busy } = this.supervisor;
    if (busy && this.blocker === null) {
      this.blocker = powerSaveBlocker.start('prevent-app-suspension');
    } else if (!busy && this.blocker !== null) {
      powerSaveBlocker.stop(this.blocker);
      this.blocker = null;
    }
    this.window?.setProgressBar(isOpen(status) ? status.share : -1);
    if (status.state === 'done') this.notify(status);
  }

  private notify({ folder }: JobStatus): void {
    const { Notification } = this.electron;
    const unseen = this.window === null || !this.window.isFocused();
    if (!unseen || !this.settings.read().notify || !Notification.isSupported()) return;
    const body = `${folder?.split(/[\\/]/).pop() ?? 'The job'} is done`;
    const notification = new Notification({ title: 'Isocurve', body });
    notification.on('click', () => {
      this.showWindow();
      if (folder !== null) this.tell('host/opened', { kind: 'study', folder });
    });
    notification.show();
  }

  private openFile(path: string): void {
    if (this.listeners.size === 0) return void this.waiting.push(path);
    try {
      const opened = openPath(path, this.host.info.workspace);
      if (opened.kind === 'study') this.electron.app.addRecentDocument(path);
      this.tell('host/opened', opened);
    } catch (error) {
      this.electron.dialog.showErrorBox('Isocurve cannot open this', toFault(error).message);
    }
  }

  private async chooseFile(): Promise<void> {
    const { canceled, filePaths } = await this.electron.dialog.showOpenDialog({
      properties: ['openFile', 'multiSelections'],
    });
    if (!canceled) filePaths.forEach((path) => this.openFile(path));
  }

  private async save({ name, bytes }: { name: string; bytes: Uint8Array }) {
    const { canceled, filePath } = await this.electron.dialog.showSaveDialog({ defaultPath: name });
    if (canceled || filePath === '') return null;
    writeFileSync(filePath, bytes);
    return { path: filePath };
  }

  private async draw(work: (drawer: Drawer) => Promise<Uint8Array>): Promise<Uint8Array> {
    this.drawer ??= openElectronCanvas(this.electron).then((canvas) => new Drawer(canvas));
    return work(await this.drawer);
  }

  private tell<Name extends keyof HostEvents>(name: Name, data: AllEvents[Name]): void {
    for (const listener of this.listeners) listener(name, data);
  }
}

/** Starts the app; a second start hands its files to the first. */
export function startShell(electron: Electron, argv: readonly string[]): void {
  const { app, protocol } = electron;
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged(privileges);
  void app.whenReady().then(() => new Shell(electron, argv).open());
}
