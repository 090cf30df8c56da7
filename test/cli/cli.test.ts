import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Hold } from '../support/hold/hold';
import { SMALL_STUDY, freshFolder } from '../support/small-study';

interface Outcome {
  code: number;
  out: string;
  error: string;
}

const isocurve = (args: string[], cwd = process.cwd()): Promise<Outcome> =>
  new Promise((resolve) => {
    const cli = join(process.cwd(), 'dist', 'cli.js');
    execFile(process.execPath, [cli, ...args], { cwd }, (error, out, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, error: stderr }),
    );
  });

const scratch = mkdtempSync(join(tmpdir(), 'isocurve-cli-'));

function studyFile(change: object): string {
  const path = join(
    scratch,
    `${Math.abs(JSON.stringify(change).length)}-${readdirSync(scratch).length}.json`,
  );
  writeFileSync(path, JSON.stringify({ ...SMALL_STUDY, ...change }));
  return path;
}

/** One sentence on standard error, a code that is not zero, nothing on standard output. */
function expectSentence({ code, out, error }: Outcome, sentence: RegExp): void {
  expect(error).toMatch(sentence);
  expect(error.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
  expect(out).toBe('');
}

describe('bad input gives one sentence and a non-zero exit code', () => {
  const model = (change: object) => studyFile({ base: { model: { family: 'resnet', ...change } } });
  test.each<[string, () => string[], RegExp]>([
    [
      'an unknown preset',
      () => ['compare', 'skipp'],
      /unknown preset 'skipp'; the presets are batch-size, depth, skip, skip-56, weight-decay, width/,
    ],
    ['a missing file', () => ['compare', 'none.json'], /none\.json does not exist/],
    [
      'a depth that is not 6n+2',
      () => ['compare', model({ depth: 15 })],
      /variants\.0\.model: depth must be 6n\+2: 8, 14, 20, 26…; got 15/,
    ],
    [
      'an unknown key',
      () => ['compare', model({ widht: 8 })],
      /variants\.0\.model: widht is not a known key/,
    ],
    [
      'an unknown family',
      () => ['compare', model({ family: 'cnn' })],
      /family must be .*'resnet'.*; got "cnn"/,
    ],
    [
      'a wrong type',
      () => ['compare', studyFile({ seeds: ['one'] })],
      /seeds\.0 must be number; got "one"/,
    ],
    ['a missing key', () => ['compare', studyFile({ question: undefined })], /question is missing/],
    [
      'a claim about nobody',
      () => [
        'compare',
        studyFile({ claims: [{ claim: 'x', rule: 'faster', subject: 'a', reference: 'skip' }] }),
      ],
      /claims\.0\.subject must be one of skip, plain; got 'a'/,
    ],
    [
      'a wrong grid',
      () => ['compare', 'skip', '--grid', 'big'],
      /--grid must be a whole number from 3 to 1001; got 'big'/,
    ],
    [
      'a wrong dataset',
      () => ['compare', 'skip', '--dataset', 'imagenet'],
      /the dataset 'imagenet' is not on this machine; .*dataset add.*dataset fetch/,
    ],
    ['a folder that is no study', () => ['resume', scratch], /is not the folder of a study/],
    ['figures of no study', () => ['figure', scratch], /is not the folder of a study/],
    ['a wrong width', () => ['figure', scratch, '--width', 'a4'], /--width must be ieee-column/],
    [
      'a wrong format',
      () => ['figure', scratch, '--format', 'gif'],
      /--format must be of json, html, svg, png, pdf; got 'gif'/,
    ],
  ])('%s', async (_, args, sentence) => {
    expectSentence(await isocurve(args()), sentence);
  });

  test('text that is not JSON', async () => {
    const path = join(scratch, 'broken.json');
    writeFileSync(path, '{"name":');
    expectSentence(await isocurve(['compare', path]), /broken\.json is not JSON/);
  });

  test('an output folder that belongs to something else, which is left as it was', async () => {
    const folder = join(scratch, 'taken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.tex'), 'mine');
    expectSentence(
      await isocurve(['compare', studyFile({}), '--out', folder]),
      /is not empty and is not a study's/,
    );
    expect(readdirSync(folder)).toEqual(['thesis.tex']);
  });

  test('an output folder below a file', async () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    expectSentence(
      await isocurve(['compare', studyFile({}), '--out', join(file, 'x')]),
      /a part of the path is a file/,
    );
  });

  test('a network that does not fit the data', async () => {
    const outcome = await isocurve([
      'compare',
      studyFile({}),
      '--dataset',
      'spirals',
      '--out',
      freshFolder(),
    ]);
    expectSentence(
      outcome,
      /a resnet needs images, and this dataset has 2 features; use the family 'mlp'/,
    );
  });

  test('more images than there are', async () => {
    const outcome = await isocurve([
      'compare',
      studyFile({}),
      '--subset',
      '5000',
      '--out',
      freshFolder(),
    ]);
    expect(outcome.error).toMatch(/cannot take 5000 images: digits has 1437 in its train split/);
    expect(outcome.code).toBe(1);
  });
});

test('--print shows the study file with the flags in it, and it runs as a study of its own', async () => {
  const { out } = await isocurve(['compare', 'skip', '--seeds', '3', '--grid', '51', '--print']);
  const study = JSON.parse(out) as { seeds: number[]; scans: { x: { points: number } }[] };
  expect(study.seeds).toEqual([1, 2, 3]);
  expect(study.scans[1].x.points).toBe(51);
  const path = join(scratch, 'printed.json');
  writeFileSync(path, out);
  expect((await isocurve(['compare', path, '--print'])).out).toBe(out);
});

/** The study that the next test runs, for those after it. */
const finished = freshFolder();

test('a study runs to its table, verdicts and figures; a second run of it finds everything done', async () => {
  const folder = finished;
  const path = studyFile({});
  const first = await isocurve(['compare', path, '--out', folder]);
  expect(first.error).not.toMatch(/isocurve:/);
  expect(first.out).toMatch(/network .* train loss .* test accuracy, % .* steps\/s/);
  expect(first.out).toMatch(/PC 1, % .* walk PC 1, % .* late q/);
  expect(first.out).toMatch(/skips smooth: (OBSERVED|UNDECIDED)/);
  expect(existsSync(join(folder, 'figures', 'surfaces.json'))).toBe(true);
  expect(readFileSync(join(folder, 'figures', 'contours.svg'), 'utf8')).toMatch(/^<svg/);
  const table = first.out.split('figures:')[0];
  const second = await isocurve(['compare', path, '--out', folder, '--no-figures']);
  expect(second.out.split('everything:')[0].trim()).toBe(table.trim());
  const other = await isocurve(['compare', studyFile({ question: 'Another?' }), '--out', folder]);
  expect(other.error).toMatch(/holds another study/);
  expect(other.code).toBe(1);
});

test('verify says that a study is as it was written, or what is not and what to do; 1 then', async () => {
  const before = await isocurve(['verify', finished]);
  expect(before.code).toBe(0);
  expect(before.out).toMatch(/study: \d+ files as written\n$/);
  const table = join(finished, 'surfaces', 'skip-s1.path', 'surface.csv');
  const content = readFileSync(table);
  writeFileSync(table, content.subarray(0, 100));
  // The folder that holds the study will do.
  const cut = await isocurve(['verify', join(finished, '..')]);
  expect(cut.code).toBe(1);
  expect(cut.out).toMatch(/surfaces\/skip-s1.path\/surface.csv is cut: 100 of [\d,]+ bytes/);
  expect(cut.out).toMatch(/delete only this file, and resuming the study writes it again/);
  rmSync(table);
  const json = await isocurve(['verify', finished, '--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject([{ findings: [{ trouble: 'missing' }] }]);
  writeFileSync(table, content);
  expect((await isocurve(['verify', finished])).out).toBe(before.out);
  expectSentence(await isocurve(['verify', scratch]), /neither the folder of a study nor one/);
});

test('Ctrl-C stops cleanly, says how to resume, and resuming ends the study', async () => {
  const folder = freshFolder();
  const cli = join(process.cwd(), 'dist', 'cli.js');
  const hold = new Hold();
  hold.at('steps');
  const env = { ...process.env, ...hold.env };
  const args = ['compare', studyFile({}), '--out', folder, '--no-figures'];
  const child = spawn(process.execPath, [cli, ...args], { env });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const closed = new Promise((resolve) => child.on('close', resolve));
  await expect.poll(() => existsSync(join(folder, 'runs', 'skip-s1', 'metrics.jsonl'))).toBe(true);
  child.kill('SIGINT');
  expect(await closed).toBe(130);
  expect(existsSync(join(folder, 'results.json'))).toBe(false);
  expect(said).toMatch(/stopped; go on with 'isocurve resume /);
  const resumed = await isocurve(['resume', folder]);
  expect(resumed.code).toBe(0);
  expect(resumed.out).toMatch(/Verdicts/);
});

/** A file system of 2 MB, where this machine lets a test mount one. */
function mountSmallDisk(): string | null {
  const place = mkdtempSync(join(tmpdir(), 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    return null;
  }
}

const disk = mountSmallDisk();

test.skipIf(disk === null)(
  'a full disk gives one sentence and leaves no half-written file (needs mount)',
  async () => {
    try {
      const outcome = await isocurve(['compare', studyFile({}), '--out', join(disk!, 'study')]);
      expect(outcome.error).toMatch(/the disk is full; free some space/);
      expect(outcome.code).toBe(1);
      const left = readdirSync(disk!, { recursive: true }).map(String);
      expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    } finally {
      execFileSync('umount', [disk!]);
    }
  },
);

test('doctor speaks to programs', async () => {
  const { out, code } = await isocurve(['doctor', '--json', '--quick']);
  const report = JSON.parse(out) as {
    tests: { passed: boolean }[];
    engine: { backend: { tier: string } };
  };
  expect(report.tests.every(({ passed }) => passed)).toBe(true);
  expect(code).toBe(0);
});

describe('weights that were trained elsewhere', () => {
  const weights = 'test/oracle/foreign/resnet8.pth';

  test('are inspected, scanned and written as a surface of loss-landscape', async () => {
    const inspected = await isocurve(['inspect', weights]);
    expect(inspected.out).toMatch(/ResNet-8 of width 2 with projections/);
    const [out, study] = [join(scratch, 'surface.h5'), join(scratch, 'scanned')];
    const flags = ['--grid', '3', '--subset', '32', '--no-figures', '--out', out, '--study', study];
    const scanned = await isocurve(['scan', weights, ...flags]);
    expect(scanned.code).toBe(0);
    expect(scanned.out).toMatch(/surface of resnet8-s1\.plane-d1/);
    const again = await isocurve(['inspect', '--json', out]);
    const report = JSON.parse(again.out) as { kind: string; tensors: { name: string }[] };
    expect(report.kind).toBe('surface');
    expect(report.tensors.map(({ name }) => name)).toContain('train_loss');
  });

  test('that leave a question open ask it', async () => {
    const file = 'test/oracle/foreign/resnet8-noshort-module.t7';
    expectSentence(await isocurve(['scan', file]), /--skip identity or --skip none/);
    expectSentence(
      await isocurve(['scan', 'test/oracle/foreign/plain.h5']),
      /do not tell its network; say it by --depth/,
    );
    expectSentence(await isocurve(['scan', 'README.md']), /cannot be read as anything known/);
    // Progress is told before; the study's folder keeps what it has, which is nothing.
    const study = join(scratch, 'misfit');
    const misfit = await isocurve(['scan', weights, '--depth', '14', '--study', study]);
    expect(misfit.code).toBe(1);
    expect(misfit.error).toMatch(/does not fit this network: it has nothing for layer1\.1\.conv1/);
    expect(existsSync(join(study, 'runs'))).toBe(false);
  });
});

describe('data, and what leaves for other programs', () => {
  const own = { ...process.env, ISOCURVE_DATASETS: join(scratch, 'datasets') };
  const withData = (args: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      execFile(process.execPath, ['dist/cli.js', ...args], { env: own }, (error, out, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, error: stderr }),
      );
    });

  test('a dataset is added, listed, shown, measured on and removed', async () => {
    const files = 'test/oracle/datasets';
    const added = await withData(['dataset', 'add', `${files}/mnist`, '--name', 'tiny']);
    expect(added.out).toMatch(/tiny: 28×28×1, 10 classes, 12 to train, 6 to test/);
    expect((await withData(['dataset', 'list'])).out).toMatch(/tiny +28×28×1 +10 +12 +6/);
    const shown = await withData(['dataset', 'show', 'tiny']);
    expect(shown.out).toMatch(/from mnist: IDX files of bytes/);
    expect(shown.out).toMatch(/SHA-256 [0-9a-f]{64}/);
    const folder = join(scratch, 'on-tiny');
    const flags = ['--dataset', 'tiny', '--grid', '3', '--no-figures', '--study', folder];
    const scanned = await withData(['scan', 'test/oracle/foreign/resnet8.pth', ...flags]);
    expect(scanned.code).toBe(0);
    expect(scanned.out).toMatch(/^tiny, /m);
    expect((await withData(['dataset', 'remove', 'tiny'])).out).toMatch(/removed tiny/);
    const gone = await withData(['resume', folder]);
    expect(gone.error).toMatch(/the dataset 'tiny' is not on this machine/);
  });

  test('a dataset that leaves a question open asks it, and nothing is fetched unasked', async () => {
    const sizes = await withData(['dataset', 'add', 'test/oracle/datasets/sizes']);
    expect(sizes.error).toMatch(/several sizes.*say by --size/);
    expectSentence(await withData(['dataset', 'fetch', 'imagenet']), /unknown dataset 'imagenet'/);
    expectSentence(
      await withData(['dataset', 'fetch', 'mnist']),
      /download .* from ossci-datasets.*say so by --yes/,
    );
    const folder = await withData(['inspect', 'test/oracle/datasets/cifar-10-batches-py']);
    expect(folder.out).toMatch(
      /CIFAR-10 in Python batches: 32×32×3, 10 classes, 20 to train, 10 to/,
    );
  });

  test('weights and surfaces of a study are exported, and a surface comes back beside its own', async () => {
    const folder = finished;
    const out = join(scratch, 'out');
    const exported = await isocurve([
      'export',
      folder,
      '--run',
      'skip-s1',
      '--format',
      'pt',
      '--out',
      out,
    ]);
    expect(exported.out.trim()).toBe(join(out, 'weights.pt'));
    const surface = readdirSync(join(folder, 'surfaces')).find((name) => name.includes('plane'))!;
    await isocurve(['export', folder, '--surface', surface, '--format', 'vtp', '--out', out]);
    expect(readFileSync(join(out, 'surface.vtp'), 'utf8')).toMatch(/<PolyData>/);
    const beside = await isocurve([
      'beside',
      folder,
      join(folder, 'surfaces', surface, 'surface.h5'),
      '--no-figures',
    ]);
    expect(beside.code).toBe(0);
    expect(readdirSync(join(folder, 'surfaces'))).toContain('surface.brought');
    expectSentence(
      await isocurve(['export', folder, '--run', 'skip-s1', '--format', 'onnx']),
      /the format must be one of safetensors, pt, npz, tfjs; got 'onnx'/,
    );
    expectSentence(
      await isocurve(['export', folder, '--format', 'pt']),
      /say what is to be exported/,
    );
  });
});
