import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startEngine, type Engine } from '../../main/host/engine-process';
import { chooseBackend, type BackendChoice } from '../../main/native/choose';
import type { JobStatus } from '../../shared/contract';
import { check } from '../../shared/spec/check';
import { figureKinds, FigureSpec } from '../../shared/spec/figure';
import { differences, freshFolder, SMALL_STUDY } from '../support/small-study';

let choice: BackendChoice;
const whole = freshFolder();

/** Resolves with the status in which the engine's first job ends. */
const ended = (engine: Engine): Promise<JobStatus> =>
  new Promise((resolve) => {
    engine.on('job/changed', (status) => {
      if (!['running', 'paused'].includes(status.state)) resolve(status);
    });
  });

beforeAll(async () => {
  choice = await chooseBackend();
  const engine = await startEngine(choice);
  const end = ended(engine);
  await engine.call('study/start', { study: SMALL_STUDY, folder: whole });
  expect((await end).state).toBe('done');
  await engine.stop();
});

describe('an engine killed at random moments', () => {
  test('loses nothing: after ten deaths the study has the bytes of one that was never stopped', async () => {
    const folder = freshFolder();
    let started = false;
    for (const delay of [300, 700, 1100, 1500, 1900, 2300, 900, 1300, 1700, 2100]) {
      const engine = await startEngine(choice);
      const open = started
        ? engine.call('study/resume', { folder })
        : engine.call('study/start', { study: SMALL_STUDY, folder });
      await open;
      started = true;
      await new Promise((resolve) => setTimeout(resolve, delay));
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
});

describe('a job', () => {
  test('pauses, goes on, reports an ETA, and is cancelled cleanly', async () => {
    const engine = await startEngine(choice);
    const folder = freshFolder();
    const seen: JobStatus[] = [];
    engine.on('job/changed', (status) => seen.push(status));
    const end = ended(engine);
    const { job } = await engine.call('study/start', { study: SMALL_STUDY, folder });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await engine.call('job/pause', { job });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [paused] = await engine.call('job/list', {});
    expect(paused.state).toBe('paused');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await engine.call('job/list', {}))[0].share).toBe(paused.share);
    await engine.call('job/continue', { job });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await engine.call('job/list', {}))[0].share).toBeGreaterThan(paused.share);
    expect(seen.some(({ eta }) => eta !== null)).toBe(true);
    const shares = seen.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    await engine.call('job/cancel', { job });
    expect((await end).state).toBe('cancelled');
    await engine.stop();
  });

  test('of a study that another process has in hand is refused', async () => {
    const [first, second] = [await startEngine(choice), await startEngine(choice)];
    const folder = freshFolder();
    await first.call('study/start', { study: SMALL_STUDY, folder });
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
