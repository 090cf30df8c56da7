/** What a terminal is shown of files that somebody else made: nothing that it would obey. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Fault } from '../../shared/fault';
import { printable, shortened } from '../../shared/text';
import { attacks } from '../foreign/attacks';
import { safetensorsOf } from '../foreign/forge';
import { SMALL_STUDY } from '../support/small-study';

const scratch = mkdtempSync(join(tmpdir(), 'isocurve-terminal-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const place = (name: string) => join(scratch, name);

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

const isocurve = (args: readonly string[]): Promise<Outcome> =>
  new Promise((done) => {
    const options = {
      env: { ...process.env, ISOCURVE_DATASETS: place('datasets') },
      maxBuffer: 2 ** 28,
    };
    execFile(process.execPath, ['dist/cli.js', ...args], options, (error, out, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), out, error: stderr }),
    );
  });

/** All that a terminal could obey but the ends of lines. */
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
/** Writes into the clipboard, rings, rewrites the line, turns the writing round, begins a line. */
const EVIL = '\u001b]52;c;Zm9v\u0007\u009b2K\r\u202ecod\u2028\nisocurve: all is well';
const SHOWN = String.raw`\u001b]52;c;Zm9v\u0007\u009b2K\r\u202ecod\u2028\nisocurve: all is well`;

/** Nothing to obey, no line that a name has begun, and nothing endless. */
function expectTame({ out, error }: Outcome): void {
  for (const text of [out, error]) {
    expect(text).not.toMatch(OBEYED);
    expect(text).not.toMatch(/^isocurve: all is well/m);
    expect(text.length).toBeLessThan(20_000);
  }
}

const weights = (name: string): Buffer =>
  safetensorsOf({ [name]: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 8);

describe('a text that somebody else wrote', () => {
  test('is spelt out where a terminal would obey it, as JSON spells it', () => {
    expect(printable(EVIL)).toBe(SHOWN);
    expect(JSON.parse(`"${printable(EVIL)}"`)).toBe(EVIL);
    expect(printable('ResNet‑20 – ‖θ‖ 雪 é 👍')).toBe('ResNet‑20 – ‖θ‖ 雪 é 👍');
  });

  test('is cut behind its middle', () => {
    expect(shortened('abcdefghi', 9)).toBe('abcdefghi');
    expect(shortened('abcdefghij', 9)).toBe('abcde…hij');
  });

  test('makes no endless sentence, and the way out stays at its end', () => {
    const { message } = new Fault('damaged', `'${'n'.repeat(20_000_000)}' is cut; fetch it again`);
    expect(message.length).toBeLessThanOrEqual(1200);
    expect(message).toMatch(/^'nnn.*…n+' is cut; fetch it again$/);
  });
});

describe('inspect', () => {
  test('spells the names of tensors out, and gives them whole to programs', async () => {
    writeFileSync(place('evil.safetensors'), weights(EVIL));
    const plain = await isocurve(['inspect', place('evil.safetensors')]);
    expectTame(plain);
    expect(plain.out).toContain(SHOWN);
    const json = await isocurve(['inspect', '--json', place('evil.safetensors')]);
    expectTame(json);
    expect((JSON.parse(json.out) as { tensors: { name: string }[] }).tensors[0].name).toBe(EVIL);
  });

  test('of a name of 20 MB gives one sentence that can be read', async () => {
    writeFileSync(place('long.safetensors'), weights('n'.repeat(20_000_000)));
    const outcome = await isocurve(['inspect', place('long.safetensors')]);
    expectTame(outcome);
    expect(outcome.error).toMatch(/^isocurve: .*the name 'n+…n+' of a tensor has 20,000,000 char/);
    expect(outcome.error.trim().split('\n')).toHaveLength(1);
    expect(outcome.error.length).toBeLessThan(1300);
  });

  test('and flags spell the names of files out', async () => {
    expectTame(await isocurve(['inspect', place(`no ${EVIL.replaceAll('/', '')}`)]));
    expectTame(await isocurve(['inspect', `--${EVIL}`]));
    expectTame(await isocurve([EVIL]));
    expectTame(await isocurve(['compare', `${EVIL}.json`]));
    expectTame(await isocurve(['scan', 'x', '--grid', EVIL]));
  });

  test.skipIf(process.platform === 'win32')('of a file of an evil name spells it out', async () => {
    const path = place(`${EVIL}.safetensors`);
    writeFileSync(path, weights('w'));
    const outcome = await isocurve(['inspect', path]);
    expectTame(outcome);
    expect(outcome.out).toContain(`${SHOWN}.safetensors (`);
  });

  test('of every forged file ends with a sentence, and goes on to the next', async () => {
    mkdirSync(place('forged'));
    const paths = attacks.map(({ content }, i) => {
      const path = place(`forged/${String(i).padStart(3, '0')}`);
      writeFileSync(path, content);
      return path;
    });
    const outcome = await isocurve(['inspect', ...paths, 'test/oracle/foreign/resnet8.pth']);
    expect(outcome.code).toBe(1);
    expect(outcome.error).not.toMatch(OBEYED);
    const sentences = outcome.error.trim().split('\n');
    expect(sentences).toHaveLength(attacks.length);
    sentences.forEach((sentence, i) => {
      const name = String(i).padStart(3, '0');
      expect(sentence).toMatch(new RegExp(`^isocurve: ${name} cannot be read as `));
      expect(sentence).toMatch(attacks[i].reason);
    });
    expect(outcome.out).toMatch(/^resnet8\.pth \(22,075 bytes\)\nPyTorch archive: 56 tensors/);
  }, 600_000);
});

test('the classes of a dataset are spelt out, and cut where they are endless', async () => {
  const rows = [`"${EVIL}"`, 'c'.repeat(100_000)].flatMap((label) =>
    Array.from({ length: 5 }, (_, i) => `${i},${i + 1},${label}`),
  );
  writeFileSync(place('evil.csv'), ['a,b,label', ...rows].join('\n'));
  const added = await isocurve(['dataset', 'add', place('evil.csv'), '--name', 'evil']);
  expectTame(added);
  expect(added.code).toBe(0);
  const shown = await isocurve(['dataset', 'show', 'evil']);
  expectTame(shown);
  expect(shown.out).toContain(String.raw`\u001b]52;c;`);
  expect(shown.out).toMatch(/ccc…ccc/);
  expectTame(await isocurve(['dataset', 'list']));
});

describe.skipIf(process.platform === 'win32')('a study of somebody else', () => {
  const folder = place('study \u001b[31m\u202e');

  test('is told without what it would have a terminal do', async () => {
    const surface = place(`${EVIL}.h5`);
    cpSync('test/oracle/surfaces/loss-landscape.h5', surface);
    const brought = await isocurve(['beside', folder, surface, '--no-figures']);
    expectTame(brought);
    expect(brought.code).toBe(0);
    const path = join(folder, 'study.json');
    const study = JSON.parse(readFileSync(path, 'utf8')) as { question: string };
    writeFileSync(path, JSON.stringify({ ...study, question: EVIL }));
    // Nothing says any more that it was another one.
    rmSync(join(folder, 'manifest.json'));
    const resumed = await isocurve(['resume', folder]);
    expectTame(resumed);
    expect(resumed.out).toContain(`\n${SHOWN}\n`);
    const drawn = await isocurve(['figure', folder, '--format', 'json']);
    expectTame(drawn);
    expect(drawn.out).toContain(String.raw`study \u001b[31m\u202e`);
  });

  test('is printed whole, as JSON', async () => {
    const path = place('theirs.json');
    const claims = [{ claim: EVIL, rule: 'smoother', subject: 'skip', reference: 'plain' }];
    writeFileSync(path, JSON.stringify({ ...SMALL_STUDY, question: EVIL, claims }));
    const printed = await isocurve(['compare', path, '--print']);
    expectTame(printed);
    expect((JSON.parse(printed.out) as { question: string }).question).toBe(EVIL);
    writeFileSync(path, JSON.stringify({ ...SMALL_STUDY, [EVIL]: 1 }));
    const refused = await isocurve(['compare', path]);
    expectTame(refused);
    expect(refused.code).toBe(1);
  });
});

test.skipIf(process.platform === 'win32')(
  'an accident that nobody caught is spelt out, and a server goes on after it',
  async () => {
    const accident = place('accident.mjs');
    const thrown = `process.on('SIGUSR2', () => { throw new Error(${JSON.stringify(EVIL)}); });`;
    writeFileSync(accident, thrown);
    const args = ['--import', accident, 'dist/cli.js', 'serve', '--workspace', place('studies')];
    const server = spawn(process.execPath, [...args, '--backend', 'wasm']);
    const ended = once(server, 'exit');
    const said = { out: '', error: '' };
    const until = async (which: 'out' | 'error', words: RegExp): Promise<string> => {
      const stream = which === 'out' ? server.stdout : server.stderr;
      while (!words.test(said[which])) {
        said[which] += String(((await once(stream, 'data')) as [Buffer])[0]);
      }
      return words.exec(said[which])![1];
    };
    try {
      const address = await until('out', /^Isocurve: (http\S+)\n/m);
      server.kill('SIGUSR2');
      await until('error', /(everything goes on).*\n/);
      expectTame({ code: 0, ...said });
      const { status } = await fetch(address, { redirect: 'manual' });
      expect(status).toBe(303);
    } finally {
      server.kill('SIGTERM');
      await ended;
    }
  },
);
