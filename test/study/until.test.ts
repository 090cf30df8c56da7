import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { parseOwn } from '../../main/engine/files';
import { readRunResult } from '../../main/engine/study/run-files';
import { openSnapshot } from '../../main/engine/study/snapshot';
import { layout } from '../../main/engine/workspace';
import { missedOf, type StudyResults } from '../../shared/spec/results';
import type { StudyEvent } from '../../shared/spec/events';
import { checkStudy } from '../../shared/spec/study';
import { numberTables } from '../../shared/spec/tables';
import { missedText } from '../../shared/spec/training-notes';
import { decide } from '../../shared/spec/verdict';
import { startForTest } from '../support/backend';
import { runOf } from '../support/outcomes';
import { differences, freshFolder, resultsOf, runSmall } from '../support/small-study';

let backend: Backend;
const folder = freshFolder();
let events: StudyEvent[];

/** Lengths of which the first misses and the second reaches; `never` reaches nothing. */
const STUDY = {
  name: 'until',
  question: 'Is the loss reached?',
  base: {
    model: { family: 'resnet', depth: 8, width: 2 },
    recipe: { batch: 256, warmup: 2, checkpointEvery: 4, learningRate: 0.1 },
  },
  variants: [
    { name: 'reaches', recipe: { until: { loss: 2, epochs: [1, 3, 5] } } },
    { name: 'never', recipe: { until: { loss: 1e-6, epochs: [1, 2] } } },
    { name: 'plain', recipe: { epochs: 3 } },
  ],
  scans: [
    {
      name: 'path',
      directions: { kind: 'principal' },
      x: { points: 3 },
      y: { points: 3 },
      subset: 16,
      only: ['reaches', 'plain'],
    },
  ],
};
const study = checkStudy(STUDY, 'until');
const run = (id: string, of: string = folder) => readRunResult(layout(of).run(id));

beforeAll(async () => {
  backend = await startForTest();
  events = await runSmall(folder, backend, undefined, STUDY);
});

describe('a run that trains until a loss', () => {
  test('is the first whole schedule that ends at or below it, and keeps how the others ended', () => {
    const { attempts, summary } = run('reaches-s1');
    expect(attempts!.map(({ epochs }) => epochs)).toEqual([1, 3]);
    expect(attempts![0].trainLoss).toBeGreaterThan(2);
    expect(attempts![1].trainLoss).toBeLessThanOrEqual(2);
    expect(summary.trainLoss).toBe(attempts![1].trainLoss);
    expect(summary.step).toBe(3 * 6);
  });

  test('is, to the last bit, the network that its schedule alone would have trained', () => {
    expect(run('reaches-s1').weightsHash).toBe(run('plain-s1').weightsHash);
    expect(run('reaches-s1').checkpoints).toEqual(run('plain-s1').checkpoints);
    for (const name of ['metrics.jsonl', 'epochs.jsonl', 'path.json']) {
      const [own, other] = ['reaches-s1', 'plain-s1'].map((id) =>
        readFileSync(join(layout(folder).run(id), name), 'utf8'),
      );
      expect(own).toBe(other);
    }
  });

  test('is the last schedule where none reaches the loss, and the table says so', () => {
    const { attempts, summary } = run('never-s1');
    expect(attempts!.map(({ epochs }) => epochs)).toEqual([1, 2]);
    expect(summary.trainLoss).toBe(attempts![1].trainLoss);
    expect(summary.step).toBe(2 * 6);
    const results = parseOwn(readFileSync(join(folder, 'results.json'), 'utf8')) as StudyResults;
    const [training] = numberTables(study, results);
    expect(training.notes).toContain(
      'never: trained until loss 0.000001, by whole schedules of 1 and 2 epochs; did not reach it within 2 epochs',
    );
    expect(training.notes).toContain(
      'reaches: trained until loss 2, by whole schedules of 1, 3 and 5 epochs; reached it within 3 epochs',
    );
  });

  test('keeps no trace of its attempts where it has none', () => {
    expect('attempts' in run('plain-s1')).toBe(false);
    expect(existsSync(join(layout(folder).run('plain-s1'), 'attempts.json'))).toBe(false);
  });

  test('marks the cuts of the rate where its own schedule has them', () => {
    const [own, other] = ['reaches', 'plain'].map(
      (variant) =>
        openSnapshot(folder).surfaces.find(({ head }) => head.variant === variant)!.result!,
    );
    expect(own.trajectory!.drops).toEqual(other.trajectory!.drops);
    expect(own.trajectory!.drops.length).toBeGreaterThan(0);
  });

  test('takes the schedules that it did not need off the work that is left', () => {
    const progress = events.flatMap((event) => (event.kind === 'progress' ? [event] : []));
    const { done, total } = progress[progress.length - 1];
    expect(done / total).toBeCloseTo(1, 9);
    expect(progress[0].total).toBeGreaterThan(total);
  });

  test('tells its window when a schedule has missed', () => {
    const told = events.flatMap((event) => (event.kind === 'missed' ? [event] : []));
    expect(told.map(({ run: id, attempts }) => [id, attempts.length])).toEqual([
      ['reaches-s1', 1],
      ['never-s1', 1],
    ]);
    expect(told[0].attempts).toEqual(missedOf(run('reaches-s1')));
  });
});

describe('a process that dies while it trains until a loss', { timeout: 5 * 60_000 }, () => {
  const one = { ...STUDY, variants: STUDY.variants.slice(0, 1), scans: [] };

  test('is gone on with to the same bytes, whatever had been told', async () => {
    // A clock on which every look at it is half a second later: the state is saved all the time.
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 500));
    const whole = freshFolder();
    const copies: { folder: ReturnType<typeof freshFolder>; told: string }[] = [];
    let withState = 0;
    await runSmall(
      whole,
      backend,
      (event) => {
        if (!['phase', 'steps', 'epoch', 'missed'].includes(event.kind)) return false;
        const copy = freshFolder();
        cpSync(whole, copy, { recursive: true });
        rmSync(join(copy, '.lock'), { force: true });
        copies.push({ folder: copy, told: JSON.stringify(event).slice(0, 60) });
        if (existsSync(join(layout(copy).run('reaches-s1'), 'resume.safetensors'))) withState++;
        return false;
      },
      one,
    );
    expect(withState).toBeGreaterThan(3);
    for (const { folder: copy, told } of copies) {
      await runSmall(copy, backend, undefined, one);
      expect([told, differences(copy, whole)]).toEqual([told, []]);
      expect([told, resultsOf(copy)]).toEqual([told, resultsOf(whole)]);
    }
    clock.mockRestore();
  });

  test('makes all of its schedules again where the list of those that missed is gone', async () => {
    const copy = freshFolder();
    await runSmall(copy, backend, ({ kind }) => kind === 'missed', one);
    rmSync(join(layout(copy).run('reaches-s1'), 'attempts.json'));
    await runSmall(copy, backend, undefined, one);
    expect(run('reaches-s1', copy)).toMatchObject({ attempts: run('reaches-s1').attempts });
    expect(run('reaches-s1', copy).checkpoints).toEqual(run('reaches-s1').checkpoints);
  });

  test('writes the list again where it is lost of a run that has ended', async () => {
    const copy = freshFolder();
    cpSync(folder, copy, { recursive: true });
    rmSync(join(layout(copy).run('reaches-s1'), 'attempts.json'));
    await runSmall(copy, backend, undefined, STUDY);
    expect(differences(copy, folder)).toEqual([]);
  });
});

test('a verdict says with which seeds a network is not compared at equal training loss', () => {
  const until = { loss: 0.05, epochs: [5, 10] };
  const two = checkStudy(
    {
      name: 'two',
      question: 'Do they differ?',
      seeds: [1, 2],
      variants: [
        { name: 'a', label: 'Net A', recipe: { until } },
        { name: 'b', label: 'Net B', recipe: { until } },
      ],
      claims: [{ claim: 'a is faster', rule: 'faster', subject: 'a', reference: 'b' }],
    },
    'two',
  );
  const ended = (variant: string, seed: number, trainLoss: number) => ({
    ...runOf(variant, seed),
    attempts: [
      { epochs: 5, trainLoss: 0.5 },
      { epochs: 10, trainLoss },
    ],
  });
  const runs = [ended('a', 1, 0.05), ended('a', 2, 0.04), ended('b', 1, 0.02), ended('b', 2, 0.3)];
  const { notes } = decide(two, { runs, surfaces: [] })[0];
  expect(notes.filter((note) => note.includes('equal training loss'))).toEqual([
    'Net B did not reach loss 0.05 with seed 2: there it is not compared at equal training loss',
  ]);
  const results = { runs, surfaces: [], claims: [], complete: true };
  expect(numberTables(two, results)[0].notes).toEqual([
    'Net A: trained until loss 0.05, by whole schedules of 5 and 10 epochs; reached it within 10 epochs',
    'Net B: trained until loss 0.05, by whole schedules of 5 and 10 epochs; reached it within 10 epochs with 1 of 2 seeds; did not reach it within 10 epochs with 1 of 2 seeds',
  ]);
});

describe('studies of before', () => {
  test('say nothing of it, and a recipe without it is trained once', () => {
    expect(study.variants[2].recipe.until).toBeNull();
    expect(readFileSync(join(folder, 'study.json'), 'utf8')).not.toContain('"until": null');
    expect(missedOf(run('plain-s1'))).toEqual([]);
  });

  test('lengths that do not grow are refused by name', () => {
    const wrong = { loss: 0.1, epochs: [5, 5] };
    expect(() => checkStudy({ ...STUDY, base: { recipe: { until: wrong } } }, 'a')).toThrow(
      /recipe.*until.*lengths of which each is longer/,
    );
  });
});

test('while a run begins again, it is said what its earlier schedules came to', () => {
  const [reaching, , plain] = study.variants;
  const missed = [
    { epochs: 1, trainLoss: 2.26841 },
    { epochs: 3, trainLoss: NaN },
  ];
  expect(missedText(reaching, 4, missed)).toBe(
    'reaches, seed 4: still above loss 2 after 1 epoch (2.268) and 3 epochs (diverged)',
  );
  expect(missedText(reaching, 4, [])).toBeNull();
  expect(missedText(plain, 4, missed)).toBeNull();
});
