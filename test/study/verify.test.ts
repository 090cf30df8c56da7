/**
 * Every file of a finished study is damaged in turn: that it is named, and that what is advised
 * gives the same bytes back.
 */

import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { writeJson, writeManifest } from '../../main/engine/files';
import { buildHandlers } from '../../main/engine/handlers';
import { listStudies } from '../../main/engine/library/list';
import { openSnapshot } from '../../main/engine/study/snapshot';
import { verifyStudy } from '../../main/engine/study/verify';
import { runStudy } from '../../main/engine/study/run-study';
import { layout, openStudy, readStudy } from '../../main/engine/workspace';
import { loadDataset } from '../../main/engine/dataset/load';
import { usersOwn } from '../../main/native/paths';
import type { VerifyReport } from '../../shared/spec/inventory';
import { checkStudy } from '../../shared/spec/study';
import { startForTest } from '../support/backend';
import { damageFile, damages, filesIn, flip, unsealed, type Damage } from '../support/damage';
import { differences, freshFolder, resultsOf, runSmall, SMALL_STUDY } from '../support/small-study';

/** Milliseconds for what trains, scans or goes over all files many times, on a busy machine. */
const LONG = 20 * 60_000;

let backend: Backend;
const whole = freshFolder();
let files: string[] = [];

async function verify(
  folder: string,
  signal = new AbortController().signal,
): Promise<VerifyReport> {
  const work = verifyStudy(folder, signal);
  for (;;) {
    const step = await work.next();
    if (step.done === true) return step.value;
  }
}

const copy = (): string => {
  const folder = freshFolder();
  cpSync(whole, folder, { recursive: true });
  return folder;
};

beforeAll(async () => {
  backend = await startForTest();
  await runSmall(whole, backend);
  files = filesIn(whole);
});

describe('verify', { timeout: LONG }, () => {
  test('finds every file of a finished study as it was written, each by its hash', async () => {
    const report = await verify(whole);
    expect(report).toMatchObject({ findings: [], notes: [], files: files.length });
    // The study's own manifest vouches for itself.
    expect(report.recorded).toBe(files.length - 1);
  });

  test.each(damages)('names exactly the file that is %s, whichever it is', async (damage) => {
    const folder = copy();
    for (const name of files) {
      const path = join(folder, name);
      const before = readFileSync(path);
      damageFile(folder, name, damage, whole);
      const { findings } = await verify(folder);
      expect([name, findings.map((finding) => finding.path)]).toEqual([name, [name]]);
      expect(findings[0].wayOut).not.toBe('');
      writeFileSync(path, before);
    }
    expect(await verify(folder)).toMatchObject({ findings: [] });
  });

  test('lists what is not of the study as a note, and leaves what people put there alone', async () => {
    const folder = copy();
    for (const name of ['figures.txt', 'runs/skip-s1/notes.txt', 'annotations.json']) {
      writeFileSync(join(folder, name), '{}');
    }
    const { findings, notes } = await verify(folder);
    expect(findings).toEqual([]);
    expect(notes).toEqual([
      "2 files are not of this study's making: figures.txt, runs/skip-s1/notes.txt",
    ]);
  });

  test('of a study that was stopped finds nothing wrong, wherever it was', async () => {
    const folder = freshFolder();
    await runSmall(folder, backend, ({ kind }) => kind === 'surface');
    expect(await verify(folder)).toMatchObject({ findings: [], notes: [] });
  });

  test('of a folder that is no study is one sentence', async () => {
    await expect(verify(join(whole, 'runs'))).rejects.toThrow(/is not the folder of a study/);
    await expect(verify(join(whole, 'nowhere'))).rejects.toThrow(/nowhere does not exist/);
  });
});

/** One file of each kind. */
const KINDS = [
  'study.json',
  'manifest.json',
  'results.json',
  'runs/skip-s1/manifest.json',
  'runs/skip-s1/metrics.jsonl',
  'runs/skip-s1/epochs.jsonl',
  'runs/skip-s1/trial.json',
  'runs/skip-s1/path.json',
  'checkpoints/skip-s1/step-000006.safetensors',
  'checkpoints/skip-s1/step-000012.safetensors',
  'directions/skip-s1.path/directions.h5',
  'surfaces/skip-s1.path/head.json',
  'surfaces/skip-s1.path/journal.bin',
  'surfaces/skip-s1.path/surface.h5',
  'surfaces/skip-s1.path/surface.csv',
  'surfaces/skip-s1.path/manifest.json',
];

const sameAsWhole = (folder: string): void => {
  const others = differences(folder, whole).filter((path) => !path.endsWith('.damaged'));
  expect(others).toEqual([]);
  expect(resultsOf(folder)).toBe(resultsOf(whole));
};

/** Goes on with whatever study lies in `folder`. */
async function resume(folder: string): Promise<void> {
  const study = readStudy(folder);
  const dataset = await loadDataset(study.dataset);
  const { signal } = new AbortController();
  const work = runStudy({ study, folder, layout: layout(folder), dataset, backend, signal });
  for await (const _event of work);
}

/** The sentence with which resuming refuses; null: it does not. */
const refusal = (folder: string): Promise<string | null> =>
  resume(folder).then(
    () => null,
    (error: Error) => error.message,
  );

/** Does what a sentence advises. */
function follow(folder: string, name: string, sentence: string): void {
  const which = /delete the folder (\S+),/.exec(sentence)?.[1];
  if (which !== undefined) return rmSync(join(folder, which), { recursive: true });
  expect(sentence).toMatch(name === 'study.json' ? /after deleting it/ : /delete only this file/);
  rmSync(join(folder, name));
}

describe('resuming a study of which a file is', { timeout: LONG }, () => {
  // Removed files of measured numbers are refused as damaged ones are, but for manifests.
  test.each(damages)('%s mends it to the same bytes, or refuses and names it', async (damage) => {
    for (const name of KINDS) {
      // What trains or scans again is tried below, once each.
      if (damage === 'removed' && /^(study|runs.*manifest)\.json$/.test(name)) continue;
      const folder = copy();
      damageFile(folder, name, damage, whole);
      const sentence = await refusal(folder);
      if (sentence === null) sameAsWhole(folder);
      else expect(sentence).toContain(name.split('/').pop());
      const clean = (await verify(folder)).findings.map(({ path }) => path);
      expect([name, clean]).toEqual([name, sentence === null ? [] : [name]]);
    }
  });

  test.each(KINDS)('changed and dealt with as advised gives the same bytes: %s', async (name) => {
    const folder = copy();
    flip(join(folder, name));
    const [finding] = (await verify(folder)).findings;
    const sentence = await refusal(folder);
    if (sentence !== null) {
      // What verify advises is what resuming says.
      if (name !== 'study.json') expect(sentence).toContain(finding.wayOut);
      follow(folder, name, finding.wayOut);
      await runSmall(folder, backend);
    }
    sameAsWhole(folder);
    expect(await verify(folder)).toMatchObject({ findings: [] });
  });
});

describe('a checkpoint that is gone', { timeout: LONG }, () => {
  const step = 'checkpoints/skip-s1/step-000006.safetensors';

  test('changes no trajectory: nothing is measured without it', async () => {
    const folder = copy();
    rmSync(join(folder, step));
    rmSync(join(folder, 'surfaces/skip-s1.path'), { recursive: true });
    await expect(runSmall(folder, backend)).rejects.toThrow(
      /step-000006.safetensors is missing; delete what is left of the folder checkpoints\/skip-s1/,
    );
    expect(existsSync(join(folder, 'surfaces/skip-s1.path'))).toBe(false);
  });

  test("or another run's is refused in studies of earlier versions too", async () => {
    const folder = ofEarlierVersion();
    rmSync(join(folder, 'surfaces/skip-s1.path'), { recursive: true });
    const other = readFileSync(join(folder, step.replace('skip', 'plain')));
    const own = readFileSync(join(folder, step));
    rmSync(join(folder, step));
    await expect(runSmall(folder, backend)).rejects.toThrow(/step-000006.safetensors is missing/);
    writeFileSync(join(folder, step), other);
    await expect(runSmall(folder, backend)).rejects.toThrow(/step-000006.safetensors/);
    writeFileSync(join(folder, step), own);
    await runSmall(folder, backend);
    const others = differences(folder, whole).filter((path) => !path.endsWith('journal.bin'));
    expect(others).toEqual([]);
    expect(resultsOf(folder)).toBe(resultsOf(whole));
  });

  test('in a run that has not ended makes it begin again, and a damaged state is refused', async () => {
    const folder = freshFolder();
    const recipe = { ...SMALL_STUDY.base.recipe, epochs: 100_000, learningRate: 0.01 };
    const endless = { ...SMALL_STUDY, base: { ...SMALL_STUDY.base, recipe } };
    const state = join(folder, 'runs/skip-s1/resume.safetensors');
    const firstStep = async (): Promise<number> => {
      const events = await runSmall(folder, backend, ({ kind }) => kind === 'steps', endless);
      return events.flatMap((event) => (event.kind === 'steps' ? event.steps : []))[0].step;
    };
    await runSmall(folder, backend, () => existsSync(state), endless);
    const known = readFileSync(state);
    expect(await firstStep()).toBeGreaterThan(0);
    writeFileSync(state, known);
    flip(state);
    await expect(firstStep()).rejects.toThrow(/resume.safetensors is not as it was written/);
    writeFileSync(state, known);
    rmSync(join(folder, 'checkpoints/skip-s1/step-000000.safetensors'));
    expect(await firstStep()).toBe(0);
  });
});

/** The study as versions left it that listed no files and sealed nothing. */
function ofEarlierVersion(): string {
  const folder = copy();
  for (const name of filesIn(folder)) {
    const path = join(folder, name);
    if (name.endsWith('manifest.json')) {
      const { files: _files, ...rest } = unsealed(path);
      writeJson(path, rest);
    } else if (name.endsWith('journal.bin')) {
      const bytes = readFileSync(path);
      const end = bytes.indexOf(10, 19);
      const identity = bytes.subarray(19, end - 9);
      const header = Buffer.concat([Buffer.from('isocurve journal 1\n'), identity]);
      writeFileSync(path, Buffer.concat([header, bytes.subarray(end)]));
    }
  }
  return folder;
}

describe('a study of an earlier version', () => {
  test('opens, is taken up as it is, and verify says that nothing is recorded', async () => {
    const folder = ofEarlierVersion();
    const content = () => filesIn(folder).map((name) => readFileSync(join(folder, name), 'base64'));
    const before = content();
    expect(openSnapshot(usersOwn(folder)).results!.complete).toBe(true);
    await runSmall(folder, backend);
    expect(content()).toEqual(before);
    expect(await verify(folder)).toMatchObject({
      findings: [],
      recorded: 0,
      notes: [
        `made by an earlier version: ${files.length} files have no recorded hash and can only be held against each other`,
      ],
    });
  });

  test.each<[string, Damage]>([
    ['surfaces/skip-s1.plane-d1/surface.h5', 'cut'],
    ['surfaces/skip-s1.plane-d1/surface.h5', "in another's place"],
    ['surfaces/skip-s1.plane-d1/surface.csv', 'with a changed byte'],
    ['surfaces/skip-s1.plane-d1/surface.csv', 'removed'],
    ['surfaces/skip-s1.plane-d1/manifest.json', 'cut'],
    ['directions/skip-s1.line-d1/directions.h5', 'cut'],
    ['checkpoints/skip-s1/step-000003.safetensors', 'with a changed byte'],
    ['checkpoints/skip-s1/step-000003.safetensors', 'removed'],
    ['runs/skip-s1/metrics.jsonl', 'cut'],
    ['manifest.json', 'cut'],
    ['study.json', 'cut'],
  ])('has %s checked by what else there is: %s', async (name, damage) => {
    const folder = ofEarlierVersion();
    damageFile(folder, name, damage, whole);
    const { findings } = await verify(folder);
    expect(findings.map(({ path }) => path)).toEqual([name]);
  });

  test('has a changed cell of a journal noticed', async () => {
    const folder = ofEarlierVersion();
    const path = join(folder, 'surfaces/skip-s1.plane-d1/journal.bin');
    const bytes = readFileSync(path);
    bytes[bytes.length - 70] ^= 1;
    writeFileSync(path, bytes);
    const { findings } = await verify(folder);
    expect(findings.map((finding) => finding.path)).toContain(
      'surfaces/skip-s1.plane-d1/journal.bin',
    );
  });
});

test('a study whose manifest is cut is listed and opened, and resuming keeps both', async () => {
  const folder = copy();
  const path = join(folder, 'manifest.json');
  truncateSync(path, 300);
  const cut = readFileSync(path);
  expect(openSnapshot(usersOwn(folder)).runs).toHaveLength(2);
  const [row] = listStudies(dirname(folder));
  expect(row.state).toBe('done');
  expect(row.fault).toMatch(/manifest.json cannot be read .*; resuming the study writes it again/);
  await runSmall(folder, backend);
  expect(readFileSync(`${path}.damaged`).equals(cut)).toBe(true);
  sameAsWhole(folder);
  expect(await verify(folder)).toMatchObject({ findings: [], notes: [] });
});

test('a study file that is lost is written by starting the same study there again, no other', () => {
  const folder = copy();
  rmSync(join(folder, 'study.json'));
  const another = checkStudy({ ...SMALL_STUDY, question: 'Another?' }, 'another');
  expect(() => openStudy(folder, another)).toThrow(/is not empty and is not a study's/);
  openStudy(folder, checkStudy(SMALL_STUDY, 'small'));
  expect(differences(folder, whole)).toEqual([]);
});

test('a surface is not kept beside a network that it was not measured around', async () => {
  const folder = copy();
  const manifest = join(folder, 'surfaces/skip-s1.line-d1/manifest.json');
  const { files: _files, ...rest } = unsealed(manifest);
  writeJson(manifest, { ...rest, weightsHash: '0'.repeat(64) });
  rmSync(join(folder, 'manifest.json'));
  await expect(runSmall(folder, backend)).rejects.toThrow(
    /skip-s1.line-d1 was measured around other weights than .*checkpoints\/skip-s1 holds now/,
  );
});

test.skipIf(process.platform === 'win32')(
  'verifying leaves the engine free to answer, tells how far it is, and can be cancelled',
  async () => {
    const folder = copy();
    const manifest = join(folder, 'runs/skip-s1/manifest.json');
    // A file without end: of a size that no machine reads through.
    const huge = { path: 'runs/skip-s1/huge.bin', bytes: 2 ** 42, sha256: '0'.repeat(64) };
    writeFileSync(join(folder, huge.path), '');
    truncateSync(join(folder, huge.path), huge.bytes);
    const { files: listed, ...rest } = unsealed(manifest) as { files: object[] };
    writeManifest(manifest, { ...rest, files: [...listed, huge] });
    rmSync(join(folder, 'manifest.json'));
    const { handlers, jobs } = buildHandlers(backend, () => undefined);
    const report = handlers['study/verify']({ folder: usersOwn(folder) });
    const outcome = expect(report).rejects.toMatchObject({ name: 'AbortError' });
    for (let phase = ''; phase === '';) {
      await new Promise((resolve) => setImmediate(resolve));
      phase = (await handlers['job/list']({}))[0].phase;
    }
    expect((await handlers['study/open']({ folder: usersOwn(folder) })).runs).toHaveLength(2);
    const [{ job, kind, state }] = await handlers['job/list']({});
    expect([kind, state]).toEqual(['verify', 'running']);
    await handlers['job/cancel']({ job });
    await outcome;
    await jobs.cancelAll();
  },
);
