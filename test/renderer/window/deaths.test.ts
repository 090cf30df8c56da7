/**
 * What a window says when an engine dies. The host is played over a wire in memory, so that every
 * order of what it tells can be had.
 */

import * as v from 'valibot';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { App } from '../../../renderer/state/app.svelte';
import { callChecks, hostChecks, type AllCalls, type JobStatus } from '../../../shared/contract';
import { Fault } from '../../../shared/fault';
import { serve, type Handlers, type Wire } from '../../../shared/rpc';
import { Settings } from '../../../shared/spec/host';
import type { StudySummary } from '../../../shared/spec/library';

const FOLDER = '/workspace/small';
const REASON = 'the engine ended (SIGKILL); its log is engine.log';
const DOWN = `the engine died 3 times in a minute and is left down (last: ${REASON})`;
const gone = () => new Fault('engine-gone', REASON);

const job = (change: Partial<JobStatus> = {}): JobStatus => ({
  job: 'study-1',
  kind: 'study',
  folder: FOLDER,
  state: 'running',
  share: 0.5,
  eta: null,
  phase: 'training',
  fault: null,
  ...change,
});
const interrupted = job({
  state: 'interrupted',
  fault: { code: 'engine-gone', message: `${REASON}; nothing is lost, resume the study` },
});

/** Calls of which the test decides what becomes of them; all others are answered at once. */
interface Asked {
  readonly name: keyof AllCalls;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Both ends of a wire in memory. */
function buildWires(): readonly [Wire, Wire] {
  const listeners: ((frame: unknown) => void)[][] = [[], []];
  const end = (mine: 0 | 1): Wire => ({
    send: (frame) => listeners[1 - mine].forEach((listener) => listener(frame)),
    onFrame: (listener) => void listeners[mine].push(listener),
    onClose: () => undefined,
  });
  return [end(0), end(1)];
}

const ANSWERS: Partial<Record<keyof AllCalls, unknown>> = {
  'host/info': {
    kind: 'server',
    version: '0',
    platform: 'linux',
    workspace: '/workspace',
    dialogs: false,
    engine: { state: 'ready', deaths: 0 },
  },
  'host/settings': v.parse(Settings, {}),
  'job/list': [],
  'study/presets': [],
  'library/list': [],
};

let asked: Asked[];
let held: ReadonlySet<keyof AllCalls>;
let app: App;
let tell: ReturnType<typeof serve<keyof AllCalls>>;

/** A second, which is the default, is little on a busy machine. */
const PATIENCE = { timeout: 60_000 };

const faults = () => app.notices.list.filter(({ kind }) => kind === 'fault');
const texts = () => faults().map(({ text, advice }) => `${text}. ${advice}`);
const waiting = (name: keyof AllCalls) =>
  vi.waitFor(() => {
    const call = asked.find((one) => one.name === name);
    if (call === undefined) throw new Error(`${name} has not been asked`);
    asked.splice(asked.indexOf(call), 1);
    return call;
  }, PATIENCE);
const become = (state: 'starting' | 'ready', deaths: number) =>
  tell('host/engine', { state, deaths });
/** Whatever is under way has arrived: a call goes there and back. */
const settled = () => app.link.call('host/log', {});

beforeEach(async () => {
  vi.stubGlobal('location', { hash: '', host: '', protocol: 'http:' });
  vi.stubGlobal('window', { addEventListener: () => undefined });
  asked = [];
  held = new Set();
  const [client, server] = buildWires();
  const checks = { ...callChecks, ...hostChecks };
  const handlers = Object.fromEntries(
    (Object.keys(checks) as (keyof AllCalls)[]).map((name) => [
      name,
      () =>
        held.has(name)
          ? new Promise((resolve, reject) => asked.push({ name, resolve, reject }))
          : Promise.resolve(ANSWERS[name] ?? null),
    ]),
  ) as unknown as Handlers<keyof AllCalls>;
  tell = serve(server, checks, handlers, (_name, args) => args as never);
  app = new App(() => Promise.resolve(client));
  await vi.waitFor(() => expect(app.library).toEqual([]), PATIENCE);
});
afterEach(() => void vi.unstubAllGlobals());

test('one death is told once, also where the library was being read', async () => {
  held = new Set(['library/list']);
  tell('job/changed', job());
  void app.readLibrary();
  const reading = await waiting('library/list');
  reading.reject(gone());
  tell('job/changed', interrupted);
  become('starting', 1);
  await settled();
  expect(texts()).toEqual([
    `${REASON}; nothing is lost, resume the study. ` +
      'Everything measured is on disk. Resume the study to go on.',
  ]);
});

test('a reading that an engine died over is repeated by the next one', async () => {
  held = new Set(['library/list']);
  void app.readLibrary();
  (await waiting('library/list')).reject(gone());
  become('starting', 1);
  await settled();
  expect(texts()).toEqual([]);
  become('ready', 1);
  const rows = [{ folder: FOLDER } as StudySummary];
  (await waiting('library/list')).resolve(rows);
  await vi.waitFor(() => expect(app.library).toEqual(rows), PATIENCE);
});

test.each([
  ['before', ['press', 'job']],
  ['after', ['job', 'press']],
])(
  'a press that ends %s its job is known to be cut short is the same death',
  async (_when, order) => {
    tell('job/changed', job());
    for (const what of order) {
      if (what === 'job') tell('job/changed', interrupted);
      else void app.attempt(() => Promise.reject(gone()));
      await settled();
    }
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toMatch(/resume the study/);
  },
);

test('a press over which an idle engine died is told, once', async () => {
  void app.attempt(() => Promise.reject(gone()));
  void app.attempt(() => Promise.reject(gone()));
  await settled();
  expect(texts()).toEqual([`${REASON}. Everything measured is on disk. Try it again in a moment.`]);
});

test("an engine that is left down is not told of beside 'resume'", async () => {
  for (const deaths of [1, 2]) {
    tell('job/changed', job({ job: `study-${deaths}` }));
    tell('job/changed', { ...interrupted, job: `study-${deaths}` });
    become('starting', deaths);
    become('ready', deaths);
  }
  tell('job/changed', job({ job: 'study-3' }));
  tell('job/changed', { ...interrupted, job: 'study-3' });
  tell('host/engine', { state: 'stopped', deaths: 3, reason: DOWN });
  await settled();
  expect(texts()).toEqual([`${DOWN}. Everything measured is on disk.`]);

  // Whoever presses on is told the same; what was put away comes back.
  void app.attempt(() => Promise.reject(new Fault('engine-gone', DOWN)));
  await settled();
  expect(texts()).toEqual([`${DOWN}. Everything measured is on disk.`]);
  app.notices.dismiss(faults()[0].id);
  void app.attempt(() => Promise.reject(new Fault('engine-gone', DOWN)));
  await settled();
  expect(texts()).toEqual([`${DOWN}. Everything measured is on disk.`]);

  become('ready', 0);
  await settled();
  expect(texts()).toEqual([]);
});

test('a second death is told although the first still stands there', async () => {
  tell('job/changed', job());
  tell('job/changed', interrupted);
  become('starting', 1);
  become('ready', 1);
  await settled();
  const [first] = faults();
  void app.attempt(() => Promise.reject(gone()));
  await settled();
  expect(faults()).toHaveLength(1);
  expect(faults()[0].id).not.toBe(first.id);
});

test('a study is begun from its first job on, whatever the disk was last read to say', async () => {
  expect(app.wasBegun(FOLDER, false)).toBe(false);
  tell('job/changed', job());
  tell('job/changed', interrupted);
  await settled();
  expect(app.wasBegun(FOLDER, false)).toBe(true);
  expect(app.wasBegun('/workspace/other', false)).toBe(false);
  expect(app.wasBegun('/workspace/other', true)).toBe(true);
});
