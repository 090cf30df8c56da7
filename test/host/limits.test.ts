/** What a process that reads a file of others is given: processor time, by the files it names. */

import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { forkEngine, type Spawn } from '../../main/host/engine-process';
import { excessOf, limitsOf, takenBy, watch, type Taken } from '../../main/host/limits';
import { inspectFile, takeWeights } from '../../main/host/reader';
import { usersOwn } from '../../main/native/paths';
import { unreadable } from '../../main/native/readable';
import type { ReaderFrame } from '../../shared/spec/foreign';

const temporary = mkdtempSync(join(tmpdir(), 'isocurve-limits-'));
afterAll(() => rmSync(temporary, { recursive: true }));
const place = (name: string) => join(temporary, name);

const LIMITS = { milliseconds: 5000, bytes: 1e9 };
const taken = (processor: number | null, memory = 1e6): Taken => ({ processor, memory });

test('only time of the processor is counted where the system tells it', () => {
  expect(excessOf(taken(900), 40_000, LIMITS)).toBe(null);
  expect(excessOf(taken(5001), 5100, LIMITS)).toMatch(/too long/);
  expect(excessOf(taken(900, 2e9), 1000, LIMITS)).toMatch(/too much memory/);
});

test('a process that only waits is ended in the end, wherever it is', () => {
  expect(excessOf(taken(0), 59_000, LIMITS)).toBe(null);
  expect(excessOf(taken(0), 61_000, LIMITS)).toMatch(/too long/);
  expect(excessOf(taken(null), 19_000, LIMITS)).toBe(null);
  expect(excessOf(taken(null), 21_000, LIMITS)).toMatch(/too long/);
});

describe('a process that is watched', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Watches a process that takes what `look` says; what becomes of it. */
  function watched(look: () => Taken, limits = () => LIMITS) {
    const fate = { killed: 0, reasons: [] as string[] };
    const child = { pid: 1, kill: () => void fate.killed++ };
    const { reads, stop } = watch(child, limits, (reason) => fate.reasons.push(reason), look);
    return { fate, reads, stop };
  }

  test('is not charged for its start, nor for the load of the machine', () => {
    let processor = 0;
    const { fate, reads, stop } = watched(() => taken(processor));
    processor = 4500;
    vi.advanceTimersByTime(50_000);
    reads();
    processor += 900;
    vi.advanceTimersByTime(50_000);
    expect(fate.killed).toBe(0);
    processor += 4200;
    vi.advanceTimersByTime(200);
    stop();
    expect(fate.killed).toBeGreaterThan(0);
    expect(fate.reasons[0]).toMatch(/too long/);
  });

  test('is given more for each file that it opens, also when it says so late', () => {
    let limits = LIMITS;
    const { fate, reads, stop } = watched(
      () => taken(10_000),
      () => limits,
    );
    reads();
    vi.advanceTimersByTime(50);
    limits = limitsOf('weights', 2e9, false);
    vi.advanceTimersByTime(10_000);
    stop();
    expect(fate.killed).toBe(0);
  });
});

test.skipIf(process.platform !== 'linux')(
  'the kernel counts the processor time of a process as the process does itself (Linux only)',
  () => {
    const own = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    };
    const before = own();
    const { processor, memory } = takenBy(process.pid);
    const after = own();
    // Each of the two counts is cut to ticks of 10 ms.
    expect(processor).toBeGreaterThanOrEqual(before - 20);
    expect(processor).toBeLessThanOrEqual(after + 20);
    expect(memory).toBeGreaterThan(2 ** 20);
    expect(takenBy(0)).toEqual({ processor: null, memory: null });
  },
);

/** A reader that computes for ever. */
const endless: Spawn = (_entry, env, log) => {
  const script = place('endless.mjs');
  writeFileSync(
    script,
    `process.on('message', () => { for (;;); }); process.send({ kind: 'ready' });`,
  );
  return forkEngine(script, env, log);
};

test.skipIf(process.platform !== 'linux')(
  'a file of 90 bytes beside one of 20 GB has the time of 90 bytes (needs files with holes)',
  async () => {
    const folder = place('beside');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.json'), '{"weight_map": {"w": "small.safetensors"}}');
    writeFileSync(join(folder, 'huge.safetensors'), '');
    truncateSync(join(folder, 'huge.safetensors'), 20e9);
    await expect(inspectFile(usersOwn(join(folder, 'index.json')), endless)).rejects.toThrow(
      /index\.json was given up: it takes too long to read/,
    );
  },
);

test('the files that one names are told with their sizes, and no others', async () => {
  const folder = 'test/oracle/tf/converted';
  const told: number[] = [];
  const listening: Spawn = (...args) => {
    const child = forkEngine(...args);
    child.onMessage((frame) => {
      const { kind, ...rest } = frame as ReaderFrame;
      if (kind === 'opened') told.push((rest as { bytes: number }).bytes);
    });
    return child;
  };
  const { report } = await takeWeights(usersOwn(join(folder, 'model.json')), listening);
  const named = ['model.json', ...report.parts];
  expect(named.length).toBeLessThanOrEqual(readdirSync(folder).length);
  const sizes = named.map((name) => statSync(join(folder, name)).size);
  expect(told.at(-1)).toBe(sizes.reduce((sum, size) => sum + size));
  expect(told).toHaveLength(named.length);
});

describe.skipIf(process.platform === 'win32')(
  'what is no file is refused before it is opened',
  () => {
    test('a pipe, a device, a folder', async () => {
      execFileSync('mkfifo', [place('pipe')]);
      await expect(inspectFile(usersOwn(place('pipe')))).rejects.toThrow(
        /pipe is a pipe, neither a file nor/,
      );
      await expect(inspectFile(usersOwn('/dev/null'))).rejects.toThrow(/\/dev\/null is a device/);
      mkdirSync(place('folder'));
      await expect(takeWeights(usersOwn(place('nowhere')))).rejects.toThrow(
        /there is no such file/,
      );
    });

    test('a pipe among the files that another names', async () => {
      const folder = place('named');
      mkdirSync(folder);
      execFileSync('mkfifo', [join(folder, 'w.bin')]);
      const weights = [{ name: 'w', shape: [4], dtype: 'float32' }];
      const model = { weightsManifest: [{ paths: ['w.bin'], weights }] };
      writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
      await expect(inspectFile(usersOwn(join(folder, 'model.json')))).rejects.toThrow(
        /w\.bin is a pipe/,
      );
      await expect(inspectFile(usersOwn(folder))).rejects.toThrow(/w\.bin is a pipe/);
    });
  },
);

test('what may not be read is said to be so', () => {
  const error = (code: string) => Object.assign(new Error('no'), { code });
  expect(unreadable('/a', error('EACCES')).message).toMatch(/^\/a may not be read: permission den/);
  expect(unreadable('/a', error('ENOENT')).message).toBe('cannot read /a: there is no such file');
  expect(unreadable('/a', error('ELOOP')).message).toMatch(/links lead in a circle/);
});

/** A user who may not read everything: this one, or one that root can be; null: there is none. */
function plainUser(): { uid?: number; gid?: number } | null {
  if (process.platform === 'win32') return null;
  if (process.getuid?.() !== 0) return {};
  const nobody = { uid: 65_534, gid: 65_534 };
  try {
    execFileSync(process.execPath, ['dist/cli.js', '--version'], { ...nobody, stdio: 'ignore' });
    return nobody;
  } catch {
    return null;
  }
}
const user = plainUser();

test.skipIf(user === null)(
  'a file without permission is said to be one (needs a user who is not root)',
  async () => {
    chmodSync(temporary, 0o755);
    const names = ['weights.pt', 'part.safetensors'];
    for (const name of names) {
      writeFileSync(place(name), '{}');
      chmodSync(place(name), 0);
    }
    writeFileSync(place('index.json'), '{"weight_map": {"w": "part.safetensors"}}');
    const said = (args: string[]) =>
      new Promise<string>((done) => {
        execFile(process.execPath, ['dist/cli.js', ...args], user!, (_error, _out, words) =>
          done(words),
        );
      });
    expect(await said(['inspect', place('weights.pt')])).toMatch(
      /^isocurve: .*weights\.pt may not be read: permission denied/,
    );
    expect(await said(['inspect', place('index.json')])).toMatch(
      /^isocurve: .*part\.safetensors may not be read: permission denied/,
    );
  },
);
