import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startEngine } from '../../main/host/engine-process';
import { chooseBackend, type BackendChoice } from '../../main/native/choose';
import type { JobStatus } from '../../shared/contract';
import { check } from '../../shared/spec/check';
import { figureKinds, FigureSpec } from '../../shared/spec/figure';
import { ENDLESS_STUDY } from '../support/endless-study';
import { changed, ended, heard } from '../support/heard';
import { Hold } from '../support/hold/hold';
import { differences, freshFolder, SMALL_STUDY } from '../support/small-study';

let choice: BackendChoice;
const whole = freshFolder();

/** What the job of that study told. */
const told: JobStatus[] = [];

beforeAll(async () => {
  choice = await chooseBackend();
  const engine = await startEngine(choice);
  engine.on('job/changed', (status) => told.push(status));
  const end = ended(engine);
  await engine.call('study/start', { study: SMALL_STUDY, folder: whole });
  expect((await end).state).toBe('done');
  await engine.stop();
});

test('a job says how far it is, never backwards, and when it will be done', () => {
  const shares = told.map(({ share }) => share);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares[shares.length - 1]).toBe(1);
  expect(told.some(({ eta }) => eta !== null)).toBe(true);
});

/**
 * Where its engine dies: four times in the first run, then when it is trained, three times over its
 * surfaces, twice in the second run. How much a new engine finds to resume from depends on seconds,
 * so that only the first event of a kind comes for certain; cells are told first of the journal's.
 */
const DEATHS = [
  ['phase', 1],
  ['steps', 1],
  ['epoch', 1],
  ['path', 1],
  ['results', 1],
  ['grid', 1],
  ['cells', 2],
  ['surface', 1],
  ['epoch', 1],
  ['path', 1],
] as const;

test('after ten deaths of its engine a study has the bytes of one that was never stopped', async () => {
  const folder = freshFolder();
  const hold = new Hold();
  for (const [i, [kind, nth]] of DEATHS.entries()) {
    const engine = await startEngine(choice, hold.spawn);
    hold.at(kind, { nth });
    const reached = heard(engine, kind, nth);
    await (i === 0
      ? engine.call('study/start', { study: SMALL_STUDY, folder })
      : engine.call('study/resume', { folder }));
    await reached;
    process.kill(engine.pid, 'SIGKILL');
    expect(await engine.closed).toMatch(/SIGKILL/);
    await expect(engine.call('job/list', {})).rejects.toThrow(/the engine ended/);
  }
  const engine = await startEngine(choice);
  const end = ended(engine);
  await engine.call('study/resume', { folder });
  expect((await end).state).toBe('done');
  await engine.stop();
  expect(differences(folder, whole)).toEqual([]);
});

describe('a job', () => {
  test('pauses, goes on, and is cancelled cleanly', async () => {
    const engine = await startEngine(choice);
    const end = ended(engine);
    const begun = heard(engine, 'epoch');
    const folder = freshFolder();
    const { job } = await engine.call('study/start', { study: ENDLESS_STUDY, folder });
    await begun;
    await engine.call('job/pause', { job });
    let events = 0;
    engine.on('study/event', () => events++);
    const [paused] = await engine.call('job/list', {});
    expect(paused.state).toBe('paused');
    // A job that were at work would take a step between two answers.
    for (let i = 0; i < 50; i++) {
      expect((await engine.call('job/list', {}))[0].share).toBe(paused.share);
    }
    expect(events).toBe(0);
    const on = changed(engine, ({ share }) => share > paused.share);
    await engine.call('job/continue', { job });
    expect((await on).state).toBe('running');
    await engine.call('job/cancel', { job });
    expect((await end).state).toBe('cancelled');
    await engine.stop();
  });

  test('of a study that another process has in hand is refused', async () => {
    const [first, second] = [await startEngine(choice), await startEngine(choice)];
    const folder = freshFolder();
    await first.call('study/start', { study: ENDLESS_STUDY, folder });
    await expect(second.call('study/resume', { folder })).rejects.toThrow(/is at work on/);
    await Promise.all([first.stop(), second.stop()]);
  });
});

test('figures are built from the folder alone, and twice the same', async () => {
  const engine = await startEngine({ tier: 'wasm', reason: 'figures need no tensors' });
  for (const kind of figureKinds) {
    const ask = () =>
      engine.call('figure/build', {
        folder: whole,
        figure: check(FigureSpec, { kind }, 'figure'),
      });
    const figure = await ask();
    expect(figure.data.length).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(await ask())).toBe(JSON.stringify(figure));
  }
  await engine.stop();
});

test('a call with a wrong argument is answered with the key that is wrong', async () => {
  const engine = await startEngine({ tier: 'wasm', reason: 'no tensors needed' });
  await expect(engine.call('job/pause', { job: 7 } as never)).rejects.toThrow(
    /job\/pause: job must be string; got 7/,
  );
  await expect(engine.call('job/pause', { job: 'x' })).rejects.toThrow(/unknown job 'x'/);
  await expect(engine.call('nonsense' as never, {} as never)).rejects.toThrow(
    /unknown call 'nonsense'/,
  );
  await engine.stop();
});

test('the manifest says what made the study', () => {
  const manifest = JSON.parse(readFileSync(join(whole, 'manifest.json'), 'utf8')) as {
    dataset: { hash: string };
    sittings: { backend: { tier: string }; node: string }[];
  };
  expect(manifest.dataset.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(manifest.sittings[0].backend.tier).toBe(choice.tier);
});
