/** Everything the window knows that is not of one study: host, engine, jobs, library, settings. */

import * as v from 'valibot';
import type { AllEvents, EngineInfo, EngineLoad, JobStatus } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import type { Wire } from '../../shared/rpc';
import {
  Settings,
  type EngineState,
  type HostInfo,
  type Provisioning,
} from '../../shared/spec/host';
import type { StudySummary } from '../../shared/spec/library';
import type { StudyFile } from '../../shared/spec/study';
import { Downloads } from './download';
import { History } from './history.svelte';
import { Link } from './link';
import { Notices } from './notices.svelte';
import { PlanDraft } from './plan.svelte';
import { fromHash, toHash, type Route } from './route';
import { keepRows } from './rows';
import { StudySession } from './study.svelte';
import { throttled } from './throttle';
import { Verification } from './verification.svelte';
import { firstView, preferencesOf, type Preferences, type StudyView, type ViewState } from './view';

const RECENT = 10;

export class App {
  readonly link: Link;
  readonly notices = new Notices(() => void this.saveReport());
  readonly downloads: Downloads;
  readonly plan = new PlanDraft();
  readonly verification: Verification;
  /** Why there is no connection; null: there is one. */
  lost: string | null = $state('connecting');
  info: HostInfo | null = $state.raw(null);
  engine: EngineState = $state.raw({ state: 'starting', deaths: 0 });
  engineInfo: EngineInfo | null = $state.raw(null);
  load: EngineLoad | null = $state.raw(null);
  provisioning: Provisioning | null = $state.raw(null);
  /** How far the host is with a file or a download. */
  taking: AllEvents['host/taking'] | null = $state.raw(null);
  settings: Settings = $state.raw(v.parse(Settings, {}));
  jobs: readonly JobStatus[] = $state.raw([]);
  /** Null: not read yet. */
  library: readonly StudySummary[] | null = $state.raw(null);
  presets: readonly StudyFile[] = $state.raw([]);
  route: Route = $state.raw(fromHash(location.hash));
  session: StudySession | null = $state.raw(null);
  sessionFault: Fault | null = $state.raw(null);
  readonly views = new History<ViewState>(firstView(v.parse(Settings, {})));
  /** What an engine died over, to be read again from the next. Nothing shown follows it. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  private readonly unread = new Map<string, () => Promise<void>>();
  private readonly refreshLibrary = throttled(() => void this.readLibrary(), 500);

  constructor(open: () => Promise<Wire>) {
    this.link = new Link(open, (lost) => {
      this.lost = lost;
      if (lost === null) void this.greet();
    });
    this.verification = new Verification(this.link);
    this.downloads = new Downloads(this.link, () => this.info?.dialogs === true);
    this.listen();
    window.addEventListener('hashchange', () => {
      const route = fromHash(location.hash);
      if (toHash(route) !== toHash(this.route)) void this.go(route);
    });
  }

  /** The unfinished job that makes a study, or the latest of those. */
  jobOf(folder: string): JobStatus | null {
    const own = this.jobs.filter((job) => job.folder === folder && job.kind === 'study');
    return own.find(isOpen) ?? own[own.length - 1] ?? null;
  }

  /**
   * Whether work on a study was ever begun: as the disk had it when it was read, or by a job since.
   */
  wasBegun(folder: string, onDisk: boolean): boolean {
    return onDisk || this.jobOf(folder) !== null;
  }

  get openJobs(): JobStatus[] {
    return this.jobs.filter(isOpen);
  }

  get workspace(): string {
    return this.info?.workspace ?? '';
  }

  async go(route: Route): Promise<void> {
    this.route = route;
    if (location.hash !== toHash(route)) location.hash = toHash(route);
    if (route.page !== 'study') {
      if (route.page === 'library') this.refreshLibrary();
      return;
    }
    if (this.session?.folder === route.folder && this.sessionFault === null) return;
    await this.open(route.folder);
  }

  show(view: StudyView): void {
    if (this.route.page === 'study') void this.go({ ...this.route, view });
  }

  /** Does `work`; what goes wrong is shown, and undefined comes back. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.notices.fault(error);
      return undefined;
    }
  }

  /**
   * Reads what is only shown. An engine's death over it is nobody's concern: it is read again from
   * the next engine, and whatever was cut short is told by whoever asked for it.
   */
  private async background(name: string, read: () => Promise<void>): Promise<void> {
    const { deaths } = this.engine;
    try {
      await read();
      this.unread.delete(name);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'engine-gone') this.notices.fault(error);
      // The next engine may be there before the answer that the last one owed.
      else if (this.engine.state === 'ready' && this.engine.deaths > deaths) {
        await this.background(name, read);
      } else this.unread.set(name, read);
    }
  }

  async saveSettings(patch: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...patch };
    await this.attempt(() => this.link.call('host/save-settings', { settings: this.settings }));
  }

  /** Saves what is known of a fault as a file; it is sent nowhere. */
  async saveReport(): Promise<void> {
    await this.attempt(async () => {
      const { text } = await this.link.call('host/report', {});
      const place = await this.downloads.save('isocurve-report.txt', text);
      if (place !== null) this.notices.done(`Saved ${place}. It holds no paths or names of yours.`);
    });
  }

  /** Everything that can be set, as it was at first; what was opened and matched stays known. */
  resetSettings(): void {
    const { recent, mappings } = this.settings;
    const fresh = { ...v.parse(Settings, {}), recent, mappings };
    const { figure } = fresh;
    this.views.change({ ...this.views.value, figure, preferences: preferencesOf(fresh) }, 'reset');
    void this.saveSettings(fresh);
    this.notices.done('All settings are as they were at first.', {
      label: 'Undo',
      run: () => this.undo(),
    });
  }

  /** Changes what can be undone together with the views. */
  prefer(patch: Partial<Preferences>): void {
    const preferences = { ...preferencesOf(this.settings), ...patch };
    this.views.change({ ...this.views.value, preferences }, Object.keys(patch).join());
    void this.saveSettings(patch);
  }

  undo(): void {
    this.views.undo();
    void this.followPreferences();
  }

  redo(): void {
    this.views.redo();
    void this.followPreferences();
  }

  private async followPreferences(): Promise<void> {
    const { preferences } = this.views.value;
    if (JSON.stringify(preferences) === JSON.stringify(preferencesOf(this.settings))) return;
    await this.saveSettings(preferences);
  }

  /** Runs the study of the window, or goes on with it. */
  async resume(folder: string): Promise<void> {
    await this.attempt(() => this.link.call('study/resume', { folder }));
  }

  async pauseOrGoOn(job: JobStatus): Promise<void> {
    const name = job.state === 'paused' ? 'job/continue' : 'job/pause';
    await this.attempt(() => this.link.call(name, { job: job.job }));
  }

  async cancel(job: JobStatus): Promise<void> {
    await this.attempt(() => this.link.call('job/cancel', { job: job.job }));
  }

  async readLibrary(): Promise<void> {
    if (this.info === null) return;
    await this.background('library', async () => {
      const rows = await this.link.call('library/list', { workspace: this.workspace });
      this.library = keepRows(this.library, rows);
    });
  }

  /** Reads the open study from disk again. */
  async reload(): Promise<void> {
    const session = this.session;
    if (session === null) return;
    await this.background('study', async () => {
      const snapshot = await this.link.call('study/open', { folder: session.folder });
      if (this.session === session) session.load(snapshot);
    });
  }

  private async open(folder: string): Promise<void> {
    const session = new StudySession(folder);
    this.session = null;
    this.sessionFault = null;
    try {
      session.load(await this.link.call('study/open', { folder }));
    } catch (error) {
      this.sessionFault =
        error instanceof Fault ? error : new Fault('internal', (error as Error).message);
      return;
    }
    if (this.route.page !== 'study' || this.route.folder !== folder) return;
    this.session = session;
    this.views.reset(firstView(this.settings));
    const others = this.settings.recent.filter((known) => known !== folder);
    void this.saveSettings({ recent: [folder, ...others].slice(0, RECENT) });
  }

  /** What a new connection asks first; also after a reload and after the server came back. */
  private async greet(): Promise<void> {
    // All of it is read anew.
    this.unread.clear();
    await this.background('greeting', async () => {
      this.info = await this.link.call('host/info', {});
      this.takeEngine(this.info.engine);
      this.settings = await this.link.call('host/settings', {});
      this.views.reset(firstView(this.settings));
      this.jobs = await this.link.call('job/list', {});
      this.presets = await this.link.call('study/presets', {});
      this.plan.begin(this.presets);
      await this.readLibrary();
      if (this.route.page === 'study') await this.open(this.route.folder);
    });
  }

  private listen(): void {
    const { link } = this;
    link.on('job/changed', (status) => this.takeJob(status));
    link.on('study/event', ({ folder, event }) => {
      if (this.session?.folder === folder) this.session.apply(event);
      if (event.kind === 'results') this.refreshLibrary();
    });
    link.on('engine/load', (load) => (this.load = load));
    link.on('host/engine', (state) => this.takeEngine(state));
    link.on('host/provisioning', (state) => (this.provisioning = state));
    link.on('host/taking', (state) => (this.taking = state));
    link.on('host/accident', ({ message }) => this.notices.fault(new Fault('internal', message)));
    link.on('host/behind', () => void this.reload());
    link.on('library/changed', () => this.refreshLibrary());
    link.on('host/opened', (file) => {
      if (file.kind === 'study') {
        void this.go({ page: 'study', folder: file.folder, view: 'compare' });
      }
    });
  }

  private takeEngine(state: EngineState): void {
    this.engine = state;
    if (state.state === 'stopped') this.notices.engineDown(state.reason);
    if (state.state !== 'ready') return;
    this.notices.engineServes();
    void this.background('engine', async () => {
      this.engineInfo = await this.link.call('engine/info', {});
    });
    const missed = [...this.unread];
    this.unread.clear();
    for (const [name, read] of missed) void this.background(name, read);
  }

  /** Tells that a long job is done, when nobody is looking; a press on it brings the study. */
  private notify({ folder }: JobStatus): void {
    if (document.hasFocus() || Notification.permission !== 'granted') return;
    const name = folder?.split(/[\\/]/).pop() ?? 'job';
    const notification = new Notification('Isocurve', { body: `${name} is done` });
    notification.onclick = () => {
      window.focus();
      if (folder !== null) void this.go({ page: 'study', folder, view: 'compare' });
    };
  }

  private takeJob(status: JobStatus): void {
    const known = this.jobs.some(({ job }) => job === status.job);
    const before = this.jobs.find(({ job }) => job === status.job);
    this.jobs = known
      ? this.jobs.map((job) => (job.job === status.job ? status : job))
      : [...this.jobs, status];
    if (before !== undefined && before.state === status.state) return;
    if (status.state === 'failed' || status.state === 'interrupted') this.notices.jobEnded(status);
    if (status.state === 'done' && this.settings.notify) this.notify(status);
    if (!isOpen(status)) {
      this.refreshLibrary();
      if (this.session?.folder === status.folder) void this.reload();
    }
  }
}

export const isOpen = ({ state }: JobStatus): boolean => state === 'running' || state === 'paused';
