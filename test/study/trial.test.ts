import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { readLines } from '../../main/engine/run/log';
import { nextRate } from '../../main/engine/study/trial';
import { readRunResult } from '../../main/engine/study/run-files';
import { layout } from '../../main/engine/workspace';
import { bestRate, edgeOf, type StepMetrics, type TrialRow } from '../../shared/spec/run';
import { startForTest } from '../support/backend';
import { freshFolder, runSmall } from '../support/small-study';

let backend: Backend;
beforeAll(async () => (backend = await startForTest()));

/** Every rate that a trial of `rates` tries where `lossAt` gives the losses. */
function tried(rates: readonly number[], lossAt: (rate: number) => number): TrialRow[] {
  const rows: TrialRow[] = [];
  for (;;) {
    const rate = nextRate(rates, rows);
    if (rate === null) return rows;
    rows.push({ rate, loss: lossAt(rate) });
  }
}

/** Lowest at `best`. */
const bowl = (best: number) => (rate: number) => Math.log(rate / best) ** 2;

describe('the trial of a learning rate', () => {
  test('ends with its own rates where the best lies inside', () => {
    expect(tried([0.1, 0.05, 0.02], bowl(0.05)).map(({ rate }) => rate)).toEqual([0.1, 0.05, 0.02]);
  });

  test('goes on below or above until the best lies inside', () => {
    const down = tried([0.1, 0.05, 0.02], bowl(0.006));
    expect(down.map(({ rate }) => rate)).toEqual([0.1, 0.05, 0.02, 0.01, 0.005, 0.0025]);
    expect([bestRate(down), edgeOf(down)]).toEqual([0.005, null]);
    const up = tried([0.1, 0.05], bowl(0.2));
    expect(up.map(({ rate }) => rate)).toEqual([0.1, 0.05, 0.2, 0.4]);
    expect(edgeOf(up)).toBeNull();
  });

  test('of one rate looks to both sides', () => {
    const rows = tried([0.1], bowl(0.1));
    expect(rows.map(({ rate }) => rate).sort()).toEqual([0.05, 0.1, 0.2]);
    expect(edgeOf(rows)).toBeNull();
  });

  test('stops after four more, the best still at an end', () => {
    const rows = tried([0.1, 0.05], (rate) => rate);
    expect(rows).toHaveLength(6);
    expect(edgeOf(rows)).toBe('lowest');
  });

  test('looks below where every rate diverged', () => {
    const rows = tried([0.4, 0.2], (rate) => (rate > 0.15 ? Infinity : bowl(0.04)(rate)));
    expect(rows.map(({ rate }) => rate)).toEqual([0.4, 0.2, 0.1, 0.05, 0.025]);
    expect(edgeOf(rows)).toBeNull();
  });
});

describe('a rate is tried', () => {
  const epochs = 3;
  const schedule = { kind: 'step', at: [0.34, 0.67], factor: 0.5 };
  const recipe = { batch: 256, warmup: 4, epochs, schedule };
  const trialOf = (kind?: string) => ({
    ...recipe,
    learningRate: { rates: [0.1, 0.2, 0.4], epochs, ...(kind && { schedule: kind }) },
  });
  const variants = [
    { name: 'whole', recipe: trialOf('whole') },
    { name: 'constant', recipe: trialOf('constant') },
    { name: 'silent', recipe: trialOf() },
    { name: 'cut', recipe: { ...recipe, learningRate: 0.2 } },
    { name: 'uncut', recipe: { ...recipe, learningRate: 0.2, schedule: { kind: 'constant' } } },
  ];
  const model = { family: 'resnet', depth: 8, width: 2 };
  const file = { name: 'trial', question: 'Which?', base: { model }, variants };
  const folder = freshFolder();
  const runFolder = (name: string) => layout(folder).run(`${name}-s1`);
  const tried = (name: string) =>
    readRunResult(runFolder(name)).trial!.find(({ rate }) => rate === 0.2)!.loss;
  /** Mean of the losses of the last epoch. */
  const trained = (name: string) => {
    const losses = readLines<StepMetrics>(join(runFolder(name), 'metrics.jsonl')).map(
      ({ loss }) => loss,
    );
    const last = losses.slice((losses.length * 2) / 3);
    return last.reduce((sum, loss) => sum + loss, 0) / last.length;
  };

  test('by a whole schedule as a run of its length would be trained, or at a constant rate', async () => {
    await runSmall(folder, backend, undefined, file);
    expect(tried('whole')).toBe(trained('cut'));
    expect(tried('constant')).toBe(trained('uncut'));
    expect(tried('whole')).not.toBe(tried('constant'));
  });

  test('at a constant rate where a study of before says nothing of it', () => {
    expect(tried('silent')).toBe(tried('constant'));
  });

  test('that was tried before a death is no work of the next sitting', async () => {
    const other = freshFolder();
    const one = { ...file, variants: variants.slice(0, 1) };
    await runSmall(other, backend, ({ kind }) => kind === 'epoch', one);
    const events = await runSmall(other, backend, undefined, one);
    const told = events.flatMap((event) => (event.kind === 'progress' ? [event] : []));
    const { done, total } = told[told.length - 1];
    expect(done / total).toBeCloseTo(1, 9);
  });
});
