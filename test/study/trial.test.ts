import { describe, expect, test } from 'vitest';
import { nextRate } from '../../main/engine/study/trial';
import { bestRate, edgeOf, type TrialRow } from '../../shared/spec/run';

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
