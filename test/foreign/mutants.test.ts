/**
 * Ten thousand mutants of a file of each format: read or refused, in time, and nothing else. Where
 * a library of others reads them, they go through the process that the product reads files in.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { forkEngine, type EngineProcess } from '../../main/host/engine-process';
import type { ReaderFrame } from '../../shared/spec/foreign';
import { fate } from '../support/fate';
import { mutant } from '../support/mutant';
import { onceSpent } from '../support/spent';

const FOLDER = 'test/oracle/foreign';
const TENSORFLOW = 'test/oracle/tf';
const MUTANTS = 10_000;
/** Seconds of the processor; a mutant takes thousandths. */
const DEADLINE = 5;
const MOST_MEMORY = 512 * 2 ** 20;
/** Files that one process reads here; the product's reads one. */
const TURNS = 500;
const temporary = mkdtempSync(join(tmpdir(), 'isocurve-mutants-'));
afterAll(() => rmSync(temporary, { recursive: true }));

describe('ten thousand mutants are read or refused, never more, of', () => {
  test.each([
    [FOLDER, 'resnet8.safetensors'],
    [FOLDER, 'torch-zip-float32.pt'],
    [FOLDER, 'torch-stream-float32.pt'],
    [FOLDER, 'array-lf4.npy'],
    [FOLDER, 'packed.npz'],
    [FOLDER, 'shards.json'],
    [`${TENSORFLOW}/converted`, 'model.json'],
    [`${TENSORFLOW}/checkpoint`, 'ckpt-2.index'],
    ['test/oracle/surfaces', 'pylandscape.pkl'],
    ['test/oracle/surfaces', 'landscaper.npz'],
  ])('%s/%s', async (folder, name) => {
    const path = join(folder, name);
    const original = readFileSync(path);
    let refused = 0;
    for (let seed = 0; seed < MUTANTS; seed++) {
      const began = process.cpuUsage();
      const said = await fate(path, mutant(original, seed));
      refused += Number(said.startsWith('refused'));
      expect(process.cpuUsage(began).user / 1e6).toBeLessThan(DEADLINE);
    }
    expect(refused).toBeGreaterThan(MUTANTS / 50);
  });
});

/** The product's reader, asked again and again; a new one after each that failed. */
class Reader {
  private child: EngineProcess | null = null;
  private answer: (said: string) => void = () => undefined;

  private async start(): Promise<EngineProcess> {
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const child = forkEngine(join('dist', 'reader.js'), {}, silent, [
      '--no-warnings',
      `--max-old-space-size=${MOST_MEMORY / 2 ** 20 - 112}`,
      process.version.startsWith('v20.') ? '--experimental-permission' : '--permission',
      `--allow-fs-read=${resolve('.')}/*`,
      `--allow-fs-read=${temporary}/*`,
    ]);
    await new Promise<void>((ready) => child.onMessage(() => ready()));
    child.onMessage((message) => {
      const frame = message as ReaderFrame;
      if (frame.kind === 'result') this.answer('read');
      if (frame.kind === 'fault') this.answer(`refused: ${frame.message}`);
    });
    child.onExit((how) => this.answer(`ended: ${how}`));
    return child;
  }

  async ask(path: string): Promise<string> {
    this.child ??= await this.start();
    const { child } = this;
    const said = await new Promise<string>((done) => {
      const inTime = onceSpent(child.pid, DEADLINE, () => done('late'));
      this.answer = (words) => {
        inTime();
        done(words);
      };
      child.send({ task: 'inspect', path });
    });
    // The library is broken from then on: the product's reader ends after every file anyway.
    if (!/^read|^refused/.test(said) || said.includes('HDF5 itself fails')) this.stop();
    return said;
  }

  /** Resident bytes; 0 where this system does not say. */
  memory(): number {
    if (process.platform !== 'linux' || this.child === null) return 0;
    return Number(readFileSync(`/proc/${this.child.pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  }

  stop(): void {
    this.child?.kill();
    this.child = null;
  }
}

describe('in the process that reads files, ten thousand mutants are read or refused of', () => {
  const reader = new Reader();
  afterAll(() => reader.stop());

  test.each(['plain.h5', 'keras.keras'])('%s', async (name) => {
    const original = readFileSync(join(FOLDER, name));
    const path = join(temporary, name);
    const counts = { read: 0, refused: 0, late: 0, ended: 0 };
    for (let seed = 0; seed < MUTANTS; seed++) {
      writeFileSync(path, mutant(original, seed));
      const said = await reader.ask(path);
      counts[said.split(':')[0] as keyof typeof counts]++;
      if (seed % 100 === 0) expect(reader.memory()).toBeLessThan(MOST_MEMORY);
      if (seed % TURNS === 0) reader.stop();
    }
    // A mutant on which the library never ends is what the deadline is for: there are very few.
    expect(counts.read + counts.refused).toBeGreaterThanOrEqual(MUTANTS - 5);
    expect(counts.refused).toBeGreaterThan(MUTANTS / 50);
    expect(counts.ended).toBe(0);
  });
});
