/** The supervisor over real engines that are really killed. */

import { afterEach, expect, test } from 'vitest';
import { startEngine } from '../../main/host/engine-process';
import { Supervisor } from '../../main/host/supervisor';
import type { JobStatus } from '../../shared/contract';
import { ENDLESS_STUDY } from '../support/endless-study';
import { freshFolder } from '../support/small-study';

const choice = { tier: 'wasm', reason: 'the supervisor knows nothing of tensors' } as const;

let supervisor: Supervisor;
afterEach(() => supervisor.stop());

const die = async () => process.kill(await supervisor.pid(), 'SIGKILL');
const ready = () => expect.poll(() => supervisor.state.state).toBe('ready');

test('an engine that dies over a study is replaced, and the study is listed as interrupted', async () => {
  supervisor = new Supervisor(() => startEngine(choice));
  const seen: JobStatus[] = [];
  supervisor.listen((name, data) => name === 'job/changed' && seen.push(data as JobStatus));
  const folder = freshFolder();
  const { job } = await supervisor.call('study/start', { study: ENDLESS_STUDY, folder });
  await expect.poll(() => supervisor.busy).toBe(true);
  await die();
  await expect
    .poll(() => seen[seen.length - 1])
    .toMatchObject({
      job,
      folder,
      state: 'interrupted',
      fault: { code: 'engine-gone', message: expect.stringContaining('nothing is lost') },
    });
  await ready();
  expect(supervisor.busy).toBe(false);
  // The new engine takes the dead one's lock and goes on.
  const again = await supervisor.call('study/resume', { folder });
  await supervisor.call('job/cancel', again);
});

test('three deaths in a minute and it is left down, until somebody asks', async () => {
  // On any machine it is the same minute.
  supervisor = new Supervisor(
    () => startEngine(choice),
    () => 0,
  );
  const seen: JobStatus[] = [];
  supervisor.listen((name, data) => name === 'job/changed' && seen.push(data as JobStatus));
  for (let i = 0; i < 3; i++) {
    await ready();
    const before = supervisor.state.deaths;
    await supervisor.call('study/start', { study: ENDLESS_STUDY, folder: freshFolder() });
    await expect.poll(() => supervisor.busy).toBe(true);
    await die();
    await expect.poll(() => supervisor.state.deaths).toBe(before + 1);
  }
  await expect.poll(() => supervisor.state.state).toBe('stopped');
  const advice = seen.flatMap(({ fault }) => (fault === null ? [] : [fault.message]));
  expect(advice.map((text) => text.replace(/^.*; nothing is lost, /, ''))).toEqual([
    'resume the study',
    'resume the study',
    'restart the engine on the system page',
  ]);
  await expect(supervisor.call('job/list', {})).rejects.toThrow(/died 3 times in a minute/);
  await supervisor.restart();
  expect(await supervisor.call('job/list', {})).toEqual([]);
});

test('deaths that lie more than a minute apart are each followed by another engine', async () => {
  let [tries, now] = [0, 0];
  supervisor = new Supervisor(
    () => {
      tries++;
      now += 31_000;
      return tries < 10 ? Promise.reject(new Error('not yet')) : startEngine(choice);
    },
    () => now,
  );
  await ready();
  expect(supervisor.state.deaths).toBe(9);
});

test('an engine that cannot start is not started for ever', async () => {
  let tries = 0;
  supervisor = new Supervisor(() => {
    tries++;
    return Promise.reject(new Error('no such file'));
  });
  await expect.poll(() => supervisor.state.state).toBe('stopped');
  expect(tries).toBe(3);
});
