/** What is left of a dataset whose reader was ended while it wrote. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { takeDataset } from '../../main/host/reader';
import { usersOwn } from '../../main/native/paths';
import { identify, standingOf } from '../../main/native/liveness';
import { storeFolder } from '../../main/native/places';
import { until } from '../support/until';
import type { GuardedPath } from '../../shared/spec/place';

const GOOD = usersOwn('test/oracle/datasets/mnist');

beforeEach(() => {
  process.env['ISOCURVE_CACHE'] = mkdtempSync(join(tmpdir(), 'isocurve-killed-'));
});

const stored = (): string[] => (existsSync(storeFolder()) ? readdirSync(storeFolder()) : []);
const drafts = (): string[] => stored().filter((name) => name.startsWith('.'));

/** A table that takes `seconds` or so to read. */
function table(seconds: number): string {
  const path = join(mkdtempSync(join(tmpdir(), 'isocurve-table-')), 'table.csv');
  const row = (i: number) => `${Array.from({ length: 20 }, (_, k) => (i * k) % 97)},${i % 2}\n`;
  const header = `${Array.from({ length: 20 }, (_, k) => `x${k}`)},kind\n`;
  const rows = Array.from({ length: 20_000 * seconds }, (_, i) => row(i));
  writeFileSync(path, header + rows.join(''));
  return path;
}

/**
 * Starts a reader by `start` and stops it while it writes, so that it cannot end by itself; gives
 * its number, and what `start` gave. A reader that was faster is given more to read.
 */
async function stoppedWhileWriting<T>(start: (path: GuardedPath) => T) {
  for (let seconds = 2; ; seconds *= 2) {
    const before = stored().length;
    const started = start(usersOwn(table(seconds)));
    await until('a draft lies in the store', () => stored().length !== before);
    const [draft] = drafts();
    const reader = draft === undefined ? 0 : Number(/\.(\d+)[^.]*\.tmp$/.exec(draft)![1]);
    if (reader === 0) continue;
    process.kill(reader, 'SIGSTOP');
    if (drafts().includes(draft)) return { reader, started };
  }
}

test.skipIf(process.platform === 'win32')(
  'a draft of a dataset that was killed is gone after the next',
  async () => {
    const cli = join(process.cwd(), 'dist', 'cli.js');
    const { reader, started } = await stoppedWhileWriting((path) =>
      spawn(process.execPath, [cli, 'dataset', 'add', path, '--label', 'kind'], {
        stdio: 'ignore',
      }),
    );
    const ended = new Promise((done) => started.once('exit', done));
    started.kill('SIGKILL');
    const one = identify(reader);
    process.kill(reader, 'SIGKILL');
    await ended;
    await until('the reader has ended', () => standingOf(one) === 'dead');
    expect(drafts()).toHaveLength(1);
    const { hash } = await takeDataset(GOOD, { name: 'good' });
    expect(stored()).toEqual([`good-${hash.slice(0, 12)}`]);
  },
);

test.skipIf(process.platform === 'win32')(
  'a draft of a reader that was ended is gone at once, and those of the living stay',
  async () => {
    const { reader, started } = await stoppedWhileWriting((path) =>
      takeDataset(path, { label: 'kind' }),
    );
    // Another add meanwhile leaves the draft alone.
    await takeDataset(GOOD, { name: 'good' });
    expect(drafts()).toHaveLength(1);
    process.kill(reader, 'SIGKILL');
    await expect(started).rejects.toThrow(/its reader ended \(SIGKILL\)/);
    expect(drafts()).toEqual([]);
    expect(readFileSync(join(storeFolder(), stored()[0], 'manifest.json'), 'utf8')).toMatch(/good/);
  },
);
