/** Disks that fill, fail, turn read-only or go: a sentence that says so, and nothing else lost. */

import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJsonFile } from '../../main/cli/flags';
import { readJson, writeAtomically } from '../../main/engine/files';
import { Jobs } from '../../main/engine/jobs';
import { appendLines, readLines } from '../../main/engine/run/log';
import { startEngine, type Engine } from '../../main/host/engine-process';
import { chooseBackend } from '../../main/native/choose';
import { usersOwn } from '../../main/native/paths';
import type { JobStatus } from '../../shared/contract';
import { Fault, toFault } from '../../shared/fault';
import { freshFolder, SMALL_STUDY } from '../support/small-study';
import { until } from '../support/until';

const scratch = () => mkdtempSync(join(tmpdir(), 'isocurve-disk-'));

/** A study that does not end by itself. */
const ENDLESS = {
  ...SMALL_STUDY,
  base: {
    ...SMALL_STUDY.base,
    recipe: { ...SMALL_STUDY.base.recipe, epochs: 100_000, learningRate: 0.01 },
  },
};

/** What the operating system reports. */
const systemError = (code: string, syscall: string, path?: string): Error =>
  Object.assign(new Error(`${code}: so it says, ${syscall}`), { code, syscall, path });

/** The fault that `work` throws. */
function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    return toFault(error);
  }
  throw new Error('nothing was thrown');
}

describe('the sentence for what a disk reports', () => {
  test.each([
    ['ENOSPC', 'write', /^cannot write \/s\/x: the disk is full; /],
    ['EDQUOT', 'write', /^cannot write \/s\/x: the disk quota is used up; /],
    ['EROFS', 'open', /^cannot open \/s\/x: the file system is read-only; /],
    ['EACCES', 'open', /^\/s\/x may not be opened: permission denied; /],
    ['EPERM', 'unlink', /^\/s\/x may not be written: permission denied; /],
    ['EACCES', 'scandir', /^\/s\/x may not be read: permission denied; /],
    ['EMFILE', 'open', /^cannot open \/s\/x: too many files are open; /],
    ['EIO', 'read', /^cannot read \/s\/x: the disk reports a failure; /],
    ['ESTALE', 'fsync', /^cannot write \/s\/x: the network disk does not know it any more; /],
  ])('%s at %s', (code, syscall, sentence) => {
    const told = toFault(systemError(code, syscall, '/s/x'));
    expect(told.code).toBe('storage');
    expect(told.message).toMatch(sentence);
    expect(told.message).not.toMatch(/--|delete/);
    // Errors of a write name no path: then that of the study is said.
    expect(toFault(systemError(code, syscall), '/s/x').message).toBe(told.message);
  });

  test('is not used for what is no file', () => {
    const { code } = toFault(systemError('ENOENT', 'spawn python3', 'python3'));
    expect(code).toBe('internal');
  });

  test('names what was to be written, and leaves nothing there', () => {
    const folder = scratch();
    mkdirSync(join(folder, 'taken'));
    writeFileSync(join(folder, 'file'), '');
    const write = (path: string) => faultOf(() => writeAtomically(join(folder, path), 'x'));
    const says = (path: string, reason: string) => {
      const { code, message } = write(path);
      expect(code).toBe('storage');
      expect(message).toContain(`cannot write ${join(folder, path)}: ${reason}`);
    };
    says('taken', 'a folder lies where a file belongs');
    says('n'.repeat(300), 'the name is longer than this disk allows');
    const { message } = write('file/x');
    expect(message).toContain(`cannot write ${join(folder, 'file')}`);
  });
});

/** Runs `work` as a user who may not do everything. */
function asAnybody<T>(work: () => T): T {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid!(65534);
  try {
    return work();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

test.skipIf(process.platform === 'win32')(
  'a part that this user may not read is said to be that, and not to be damaged',
  () => {
    const folder = scratch();
    chmodSync(folder, 0o755);
    const path = join(folder, 'study.json');
    writeFileSync(path, '{}\n');
    chmodSync(path, 0);
    const readers = [() => readJson(path), () => readLines(path), () => readJsonFile(path)];
    for (const read of readers) {
      const { code, message } = asAnybody(() => faultOf(read));
      expect(code).toBe('storage');
      expect(message).toMatch(/study\.json may not be read: permission denied/);
    }
    chmodSync(path, 0o444);
    const { message } = asAnybody(() => faultOf(() => appendLines(path, [{}])));
    expect(message).toMatch(/study\.json may not be written: permission denied/);
  },
);

describe('a job whose cleaning up fails', () => {
  const run = (work: () => AsyncGenerator<never>) =>
    new Promise<JobStatus>((done) => {
      const jobs = new Jobs((status) => status.state !== 'running' && done(status));
      const cleanUp = () => {
        throw systemError('EROFS', 'unlink');
      };
      jobs.start({ kind: 'study', folder: '/studies/a' }, work, () => undefined, cleanUp);
    });

  test('has failed with the cause and the folder', async () => {
    const { state, fault } = await run(async function* () {
      return;
    });
    expect(state).toBe('failed');
    expect(fault).toMatchObject({ code: 'storage' });
    expect(fault!.message).toMatch(/^cannot write \/studies\/a: the file system is read-only/);
  });

  test('keeps the first cause', async () => {
    const { fault } = await run(() => {
      throw new Fault('damaged', 'the first');
    });
    expect(fault!.message).toBe('the first');
  });
});

/** Resolves when the engine's job has ended, with how. */
const ended = (engine: Engine): Promise<JobStatus> =>
  new Promise((done) => {
    engine.on('job/changed', (status) => {
      if (!['running', 'paused'].includes(status.state)) done(status);
    });
  });

/** Resolves when the study has trained a few steps. */
const trains = (engine: Engine): Promise<void> =>
  new Promise((done) => {
    engine.on('study/event', ({ event }) => event.kind === 'steps' && done());
  });

/** A disk of its own, where this machine lets a test mount one. */
function mountDisk(): string | null {
  const place = scratch();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    return null;
  }
}

const disk = mountDisk();

/** Mounts the disk anew; while a file is open for writing that is refused, and tried again. */
async function remount(how: 'ro' | 'rw'): Promise<void> {
  await until(`the disk is ${how}`, () => {
    try {
      execFileSync('mount', ['-o', `remount,${how}`, disk!], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

test.skipIf(disk === null)(
  'a disk that turns read-only ends the job and not the engine, which goes on when it is writable (needs mount)',
  async () => {
    const folder = usersOwn(join(disk!, 'study'));
    const engine = await startEngine(await chooseBackend());
    try {
      const [end, steps] = [ended(engine), trains(engine)];
      await engine.call('study/start', { study: ENDLESS, folder });
      await steps;
      await remount('ro');
      const { state, fault } = await end;
      expect(state).toBe('failed');
      expect(fault!.message).toMatch(/the file system is read-only/);
      expect(fault!.message).toContain(folder);
      expect(await engine.call('job/list', {})).toHaveLength(1);
      expect(faultOf(() => writeAtomically(join(disk!, 'a', 'b'), 'x')).message).toMatch(
        /^cannot write .*: the file system is read-only; /,
      );
      await expect(engine.call('study/resume', { folder })).rejects.toThrow(
        /the file system is read-only/,
      );
      await remount('rw');
      const again = trains(engine);
      await engine.call('study/resume', { folder });
      await again;
    } finally {
      await engine.stop();
      execFileSync('umount', [disk!]);
    }
  },
);

test.skipIf(process.platform === 'win32')(
  'a study whose folder goes while it runs ends with that sentence and not with 0',
  async () => {
    const folder = freshFolder();
    const file = join(scratch(), 'endless.json');
    writeFileSync(file, JSON.stringify(ENDLESS));
    const cli = join(process.cwd(), 'dist', 'cli.js');
    const flags = ['compare', file, '--out', folder, '--no-figures'];
    const child = spawn(process.execPath, [cli, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = new Promise((done) => child.once('close', done));
    await until('it trains', () => /training/.test(said));
    renameSync(folder, `${folder}-elsewhere`);
    expect(await code).toBe(1);
    expect(said.trim().split('\n').at(-1)).toBe(
      `isocurve: ${folder} was removed or moved while its study was worked on; put it back and go on, or begin the study anew`,
    );
    expect(existsSync(folder)).toBe(false);
  },
);

test('a study of which nothing may be written is refused before anything is computed', async () => {
  const place = join(scratch(), 'file');
  writeFileSync(place, 'mine');
  expect(faultOf(() => writeAtomically(join(place, 'study', 'study.json'), '{}')).message).toMatch(
    /cannot write .*: a part of the path is a file/,
  );
  expect(readFileSync(place, 'utf8')).toBe('mine');
});
