/** Whose a lock is, when it may be taken over, and that never two have it. */

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { patience, takeLock, type Held, type LockOptions } from '../../main/engine/lock';
import { ownText } from '../../main/engine/lock-file';
import { identify, parseStat, self } from '../../main/native/liveness';
import { until } from '../support/until';

const onLinux = process.platform === 'linux';
const scratch = mkdtempSync(join(tmpdir(), 'isocurve-lock-'));
let made = 0;

/** A folder of its own for a lock that holds `content`. */
function lockOf(content: string | object): string {
  const folder = join(scratch, String(made++));
  mkdirSync(folder);
  const path = join(folder, '.lock');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** What a process of this machine would have written, but for `change`. */
function written(pid: number, change: { host?: string; boot?: string; namespace?: string } = {}) {
  const { host, ...identity } = identify(pid);
  return { pid, host, token: 't', identity: { ...identity, ...change }, ...change };
}

/** A living process that is not this one, and its number. */
const other = process.ppid;
const deadNumber = (): number => spawnSync(process.execPath, ['--version']).pid;

/** Takes the lock at `path` without spending the time that it waits; says how much that was. */
async function take(path: string, onPause: () => void = () => undefined) {
  const said: string[] = [];
  let waited = 0;
  const options: LockOptions = {
    what: 'the study',
    onWait: (text) => said.push(text),
    pause: async (milliseconds) => {
      waited += milliseconds;
      onPause();
    },
  };
  const result = await takeLock(path, options).catch((error: unknown) => error as Error);
  return { result, waited, said };
}

const isHeld = (result: Held | Error): result is Held => !(result instanceof Error);

/** Takes what nobody has, gives it back, and expects that nothing is left. Returns the wait. */
async function expectTaken(path: string): Promise<number> {
  const { result, waited } = await take(path);
  expect(result).not.toBeInstanceOf(Error);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  (result as Held).release();
  expect(readdirSync(join(path, '..')).filter((name) => !name.startsWith('.lock-'))).toEqual([]);
  return waited;
}

describe('a lock is taken over at once', () => {
  test('of a process that has ended', async () => {
    expect(await expectTaken(lockOf(written(deadNumber())))).toBe(0);
  });

  test.skipIf(!onLinux)('whose number another process has by now', async () => {
    const lock = written(other);
    const reused = { ...lock, identity: { ...lock.identity, started: '1' } };
    expect(await expectTaken(lockOf(reused))).toBe(0);
  });

  test.skipIf(!onLinux)('of this machine before it was started anew', async () => {
    // The power went: every number may be in use again.
    expect(await expectTaken(lockOf(written(other, { boot: 'an earlier one' })))).toBe(0);
  });

  test('that this process holds no more, though it lives', async () => {
    // As is left where the disk did not let it be removed.
    expect(await expectTaken(lockOf(ownText().text))).toBe(0);
  });

  test('of an earlier version whose process has ended', async () => {
    const { host } = self();
    expect(await expectTaken(lockOf({ pid: deadNumber(), host }))).toBe(0);
  });

  test.skipIf(!onLinux)('of an earlier version, older than whoever has its number', async () => {
    const path = lockOf({ pid: other, host: self().host });
    utimesSync(path, 1e9, 1e9);
    expect(await expectTaken(path)).toBe(0);
  });

  test.skipIf(!onLinux)('of a process that has ended and was never waited for', async () => {
    const parent = spawn('sh', ['-c', 'tail -f /dev/null & echo $!; wait']);
    try {
      const [line] = (await new Promise<Buffer>((done) => parent.stdout.once('data', done)))
        .toString()
        .split('\n');
      const child = Number(line);
      const stat = (pid: number) => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      // A stopped parent does not ask for its child's end.
      parent.kill('SIGSTOP');
      await until('the parent is stopped', () => stat(parent.pid!).state === 'T');
      process.kill(child, 'SIGKILL');
      await until('the child is a zombie', () => stat(child).state === 'Z');
      const lock = { ...written(child) };
      const { started } = stat(child);
      const path = lockOf({ ...lock, identity: { ...lock.identity, started } });
      expect(await expectTaken(path)).toBe(0);
    } finally {
      parent.kill('SIGKILL');
    }
  });
});

describe('a lock that says nothing is taken over after a second look', () => {
  test.each([
    ['null', 'null'],
    ['true', 'true'],
    ['half of a lock', '{"pid":'],
    ['an empty file', ''],
    ['no process', '{"pid":-1,"host":"x"}'],
    ['nine thousand zeros', '\0'.repeat(9000)],
  ])('%s', async (_, content) => {
    expect(await expectTaken(lockOf(content))).toBe(patience.unsaid);
  });

  test('a folder, which is kept beside it', async () => {
    const path = lockOf('');
    rmSync(path);
    mkdirSync(path);
    writeFileSync(join(path, 'thesis.tex'), 'mine');
    await expectTaken(path);
    const [kept] = readdirSync(join(path, '..'));
    expect(readFileSync(join(path, '..', kept, 'thesis.tex'), 'utf8')).toBe('mine');
  });

  test.skipIf(process.platform === 'win32')('a link, and what it leads to stays', async () => {
    const path = lockOf('');
    const target = join(scratch, 'target');
    writeFileSync(target, 'mine');
    rmSync(path);
    symlinkSync(target, path);
    await expectTaken(path);
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });
});

describe('a process that cannot be asked', () => {
  const elsewhere = { host: 'node-17', boot: 'theirs', namespace: 'theirs' };
  const foreign: [string, () => object][] = [
    ['on another machine', () => written(other, elsewhere)],
    ['on another machine, of an earlier version', () => ({ pid: other, host: 'node-17' })],
    ['in another container, of this very name', () => written(1, { namespace: 'pid:[1]' })],
  ];
  test.each(foreign)('%s is watched, which is said, and its lock taken', async (_, lock) => {
    const path = lockOf(lock());
    const { result, waited, said } = await take(path);
    expect(isHeld(result)).toBe(true);
    expect(waited).toBe(patience.silent);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/process \d+ on .* cannot be asked; watching for 20 seconds/);
    (result as Held).release();
  });

  test('keeps its lock while it touches it, and is named', async () => {
    const path = lockOf(written(other, elsewhere));
    const before = readFileSync(path, 'utf8');
    let now = 1e9;
    const { result, waited } = await take(path, () => utimesSync(path, now++, now));
    expect((result as Error).message).toMatch(
      /^process \d+ on node-17 is at work on the study since \d{4}-\d\d-\d\d \d\d:\d\d; wait until it ends, or stop it there$/,
    );
    expect(waited).toBeLessThan(patience.silent);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('is not watched on when the wait is given up', async () => {
    const abort = new AbortController();
    const taking = takeLock(lockOf(written(other, elsewhere)), {
      what: 'the study',
      signal: abort.signal,
    });
    abort.abort();
    await expect(taking).rejects.toThrow(/abort/i);
  });
});

describe.skipIf(process.platform === 'win32')('a living process of this machine', () => {
  test('keeps its lock', async () => {
    const path = lockOf(written(other));
    const before = readFileSync(path, 'utf8');
    const { result, waited } = await take(path);
    expect((result as Error).message).toMatch(/is at work on the study since/);
    expect((result as Error).message).not.toMatch(/delete|--/);
    expect(waited).toBe(patience.busy);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('is waited for when whoever it worked for is gone', async () => {
    const path = lockOf({ ...written(other), parent: { pid: deadNumber(), started: null } });
    let looks = 0;
    const { result, waited, said } = await take(path, () => ++looks === 100 && rmSync(path));
    expect(isHeld(result)).toBe(true);
    expect(waited).toBe(100 * patience.every);
    expect(said[0]).toMatch(/waiting for process \d+ on .* to end/);
    (result as Held).release();
  });

  test('that was killed a moment ago is not refused', async () => {
    const path = lockOf(written(other));
    let looks = 0;
    const { result } = await take(path, () => ++looks === 3 && rmSync(path));
    expect(isHeld(result)).toBe(true);
    (result as Held).release();
  });
});

describe('who holds a lock', () => {
  const held = async (anchor?: string) => {
    const path = lockOf('');
    rmSync(path);
    const lock = await takeLock(path, { what: 'the study', ...(anchor && { anchor }) });
    return { path, lock };
  };

  test('has it back when the file alone was removed', async () => {
    const { path, lock } = await held();
    const before = readFileSync(path, 'utf8');
    rmSync(path);
    lock.check();
    expect(readFileSync(path, 'utf8')).toBe(before);
    lock.release();
    expect(existsSync(path)).toBe(false);
  });

  test('hears by itself that the folder is gone, and makes it not anew', async () => {
    const { path, lock } = await held();
    rmSync(join(path, '..'), { recursive: true });
    expect(() => lock.check()).toThrow(/the study was removed or moved while/);
    await new Promise((done) => lock.lost.addEventListener('abort', done));
    expect(String(lock.lost.reason)).toMatch(/the study was removed or moved while/);
    lock.release();
    expect(existsSync(join(path, '..'))).toBe(false);
  });

  test('hears that another has taken it over, and leaves it to that one', async () => {
    const { path, lock } = await held();
    const theirs = JSON.stringify(written(other));
    writeFileSync(path, theirs);
    expect(() => lock.check()).toThrow(/^process \d+ on .* has taken over the study/);
    lock.release();
    expect(readFileSync(path, 'utf8')).toBe(theirs);
  });

  test('touches it while it computes without a pause', async () => {
    const { path, lock } = await held();
    utimesSync(path, 1e9, 1e9);
    const { statSync } = await import('node:fs');
    while (statSync(path).mtimeMs === 1e12); // nothing of this thread runs meanwhile
    expect(statSync(path).mtimeMs).toBeGreaterThan(1e12);
    lock.release();
  });
});

describe('many at once', () => {
  const CONTENDERS = 20;
  const ROUNDS = 4;
  const script = join(process.cwd(), 'dist', `contender-${process.pid}.mjs`);

  beforeAll(async () => {
    await build({
      entryPoints: ['test/support/contender.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile: script,
    });
    return () => rmSync(script);
  });

  const stale: [string, () => string | object][] = [
    ['a process that has ended', () => written(deadNumber())],
    ['nobody', () => 'null'],
    ['another machine that is silent', () => ({ pid: 1, host: 'node-17' })],
  ];
  test.each(stale)('exactly one of twenty processes takes the lock of %s', async (_, lock) => {
    const contenders = Array.from({ length: CONTENDERS }, () => spawn(process.execPath, [script]));
    try {
      const answers = contenders.map(({ stdout }) => createInterface({ input: stdout }));
      const next = (i: number) => new Promise<string>((done) => answers[i].once('line', done));
      for (let round = 0; round < ROUNDS; round++) {
        const path = lockOf(lock());
        const said = contenders.map((_child, i) => next(i));
        contenders.forEach(({ stdin }) => stdin.write(`${path}\n`));
        const got = (await Promise.all(said)).map((answer) => answer === 'got');
        expect(got.filter(Boolean)).toHaveLength(1);
        const { pid } = JSON.parse(readFileSync(path, 'utf8')) as { pid: number };
        expect(pid).toBe(contenders[got.indexOf(true)].pid);
        expect(readdirSync(join(path, '..'))).toEqual(['.lock']);
      }
    } finally {
      await Promise.all(contenders.map(end));
    }
  });

  const end = (child: ChildProcessWithoutNullStreams) =>
    new Promise<void>((done) => {
      child.once('exit', () => done());
      child.kill('SIGKILL');
    });

  test('exactly one of twenty calls of one process', async () => {
    const path = lockOf(written(deadNumber()));
    const all = await Promise.all(Array.from({ length: CONTENDERS }, () => take(path)));
    const winners = all.flatMap(({ result }) => (isHeld(result) ? [result] : []));
    expect(winners).toHaveLength(1);
    winners[0].release();
    expect(existsSync(path)).toBe(false);
  });
});

test('a process is known by its start, whatever its name looks like', () => {
  // proc(5): the name is in parentheses, the start is field 22.
  const rest = Array.from({ length: 18 }, (_, i) => i + 4).join(' ');
  expect(parseStat(`42 (a) Z 9 (b) c) S ${rest} 65742 7 8`)).toEqual({
    state: 'S',
    started: '65742',
  });
});
