import { describe, expect, test } from 'vitest';
import type { RunResult, SurfaceResult } from '../../shared/spec/results';
import type { ClaimSpec } from '../../shared/spec/study';
import { decide } from '../../shared/spec/verdict';
import { verdictText } from '../../shared/spec/verdict-text';
import { pathOf, planeOf, runOf, studyOf, type Outcome } from '../support/outcomes';

const both = (seeds: number, one: Outcome = {}, other: Outcome = {}): RunResult[] =>
  Array.from({ length: seeds }, (_, i) => [
    runOf('a', i + 1, one),
    runOf('b', i + 1, other),
  ]).flat();

const planes = (a: readonly number[], b: readonly number[]): SurfaceResult[] => [
  ...a.map((share, i) => planeOf('a', i + 1, share)),
  ...b.map((share, i) => planeOf('b', i + 1, share)),
];

const smoother: Partial<ClaimSpec> = { rule: 'smoother' };

function decided(
  a: readonly number[],
  b: readonly number[],
  claim: Partial<ClaimSpec> = smoother,
  runs = both(a.length),
) {
  return decide(studyOf(a.length, [claim]), { runs, surfaces: planes(a, b) })[0];
}

describe('words', () => {
  test('one seed is observed, whichever way it points', () => {
    expect(verdictText(decided([0.01], [0.2]))).toBe('observed');
    expect(verdictText(decided([0.2], [0.01]))).toBe('observed the opposite');
    expect(verdictText(decided([0.2], [0.2]))).toBe('undecided');
  });

  test('two to four seeds suggest where all agree, else nothing', () => {
    expect(verdictText(decided([0.01, 0.03], [0.2, 0.3]))).toBe('suggests');
    expect(verdictText(decided([0.2, 0.3, 0.25], [0.01, 0.03, 0.02]))).toBe(
      'suggests the opposite',
    );
    expect(verdictText(decided([0.01, 0.3, 0.2, 0.1], [0.2, 0.2, 0.4, 0.3]))).toBe('undecided');
  });

  test('five seeds that agree support or contradict: the smallest p is 1/32', () => {
    const [low, high] = [
      [0.01, 0.02, 0.03, 0.04, 0.05],
      [0.2, 0.1, 0.3, 0.25, 0.4],
    ];
    const found = decided(low, high);
    expect(found.verdict).toBe('supports');
    expect(found.p).toBe(1 / 32);
    expect(decided(high, low).verdict).toBe('contradicts');
    expect(decided([...low.slice(1), 0.5], [...high.slice(1), 0.2]).verdict).toBe('undecided');
  });

  test('the sentence has both numbers, the mean difference, its interval, the wins and p', () => {
    // Differences 0.05 … 0.25 in steps of 0.05: mean 0.15, s = 0.0790569, t(0.975; 4) = 2.776445.
    const found = decided([0.1, 0.1, 0.1, 0.1, 0.1], [0.15, 0.2, 0.25, 0.3, 0.35]);
    expect(found.because).toBe(
      "misaligned 0.100 against 0.250: lower by 0.150 (95 % interval 0.052 to 0.248), in 5 of 5 seeds, p = 0.031 (scan 'plane')",
    );
    expect(found.interval).not.toBeNull();
    expect(decided([0.1, 0.1], [0.15, 0.2]).interval).toBeNull();
  });

  test('a difference within the margin, or an interval over zero, is said beside the word', () => {
    const small = decided([0.1, 0.1], [0.101, 0.105]);
    expect(verdictText(small)).toBe('suggests');
    expect(small.notes).toContain('the mean difference is within the margin of ±0.02');
    const far = decided([0.1, 0.1, 0.1, 0.1, 0.1], [0.11, 0.12, 0.11, 0.12, 0.9]);
    expect(far.verdict).toBe('supports');
    expect(far.notes.join()).toMatch(/the interval holds 0/);
  });

  test('no difference: the 90 % interval lies within the margin, which the claim may set', () => {
    const [a, b] = [
      [0.1, 0.11, 0.105, 0.1],
      [0.101, 0.108, 0.106, 0.102],
    ];
    expect(decided(a, b).verdict).toBe('no difference');
    expect(decided(a, b, { ...smoother, margin: 0.001 }).verdict).toBe('undecided');
    const wide = b.map((share, i) => share + 0.1 * (i - 1.5));
    expect(decided(a, wide).verdict).toBe('undecided');
    expect(decided(a, wide, { ...smoother, margin: 1 }).verdict).toBe('no difference');
  });

  test('a network beside itself is no difference from three seeds on, and never more', () => {
    for (const seeds of [1, 2, 3, 5, 12]) {
      const shares = Array.from({ length: seeds }, (_, i) => 0.1 + 0.02 * i);
      const expected = seeds < 3 ? 'undecided' : 'no difference';
      expect(decided(shares, shares).verdict).toBe(expected);
    }
  });
});

describe('the unit is the seed', () => {
  test('pairs of directions are averaged within it and are no seeds', () => {
    const surfaces = [1, 2, 3, 4, 5, 6].flatMap((directionSeed) => [
      planeOf('a', 1, 0.01 * directionSeed, { directionSeed }),
      planeOf('b', 1, 0.02 * directionSeed, { directionSeed }),
    ]);
    const [found] = decide(studyOf(1, [smoother]), { runs: both(1), surfaces });
    expect(verdictText(found)).toBe('observed');
    expect(found.pairs).toHaveLength(1);
    expect(found.pairs[0].difference).toBeCloseTo(0.035, 12);
    expect(found.pairs[0].directions).toHaveLength(6);
  });

  test('a seed that only one of the two has is listed and left out', () => {
    const surfaces = planes([0.01, 0.02, 0.01], [0.2, 0.3]);
    const [found] = decide(studyOf(3, [smoother]), { runs: both(3), surfaces });
    expect(found.seeds).toBe(2);
    expect(found.notes.join()).toMatch(/want of one of the two networks: seed 3/);
  });
});

describe('results of different scans are never put together', () => {
  const region = {
    name: 'plane-region',
    directions: { kind: 'random', repeats: 3 },
    x: { from: -0.1, to: 0.1 },
  };
  const frozen = { name: 'plane-frozen', directions: { kind: 'random' }, bn: 'frozen' };
  const beside = [1, 2, 3].flatMap((seed) => [
    planeOf('a', seed, 0.4, { scan: 'plane-region' }),
    planeOf('b', seed, 0, { scan: 'plane-region' }),
    planeOf('a', seed, 0.3, { scan: 'plane-frozen' }),
    planeOf('b', seed, 0.001, { scan: 'plane-frozen' }),
  ]);
  const own = planes([0.01, 0.02, 0.015], [0.2, 0.3, 0.22]);

  test('a region scanned finer, or another mode beside it, changes no verdict', () => {
    const before = decide(studyOf(3, [smoother]), { runs: both(3), surfaces: own });
    const study = studyOf(3, [smoother], [region, frozen]);
    expect(decide(study, { runs: both(3), surfaces: [...beside, ...own] })).toEqual(before);
  });

  test('a claim may name its scan', () => {
    const study = studyOf(3, [{ ...smoother, scan: 'plane-region' }], [region, frozen]);
    const [found] = decide(study, { runs: both(3), surfaces: [...beside, ...own] });
    expect(verdictText(found)).toBe('suggests the opposite');
    expect(found.scan).toBe('plane-region');
  });

  test('a surface that another tool measured is compared with none', () => {
    const brought = { ...planeOf('a', 1, 0.9), origin: 'elsewhere', kind: 'file' as const };
    const surfaces = [brought, ...own];
    expect(decide(studyOf(3, [smoother]), { runs: both(3), surfaces })).toEqual(
      decide(studyOf(3, [smoother]), { runs: both(3), surfaces: own }),
    );
  });

  test('a scan that cannot decide the rule is refused, and so is a factor below 1', () => {
    expect(() => studyOf(1, [{ ...smoother, scan: 'path' }])).toThrow(
      /claims\.0\.scan must be one of plane; got 'path'/,
    );
    expect(() => studyOf(1, [{ rule: 'faster', scan: 'plane' }])).toThrow(/must be left out/);
    expect(() => studyOf(1, [{ rule: 'faster', margin: 0.9 }])).toThrow(/must be above 1; got 0.9/);
  });
});

describe('minima', () => {
  test('are a second line that decides nothing', () => {
    const surfaces = [1, 2, 3].flatMap((seed) => [
      planeOf('a', seed, 0.01, { minima: 9 }),
      planeOf('b', seed, 0.2, { minima: 2 }),
    ]);
    const [found] = decide(studyOf(3, [smoother]), { runs: both(3), surfaces });
    expect(verdictText(found)).toBe('suggests');
    expect(found.notes[0]).toBe(
      'minima deeper than 0.05: 9.0 against 2.0, 7.0 more (95 % interval 7.0 to 7.0); they decide nothing',
    );
  });

  test('a gap without a margin condemns nothing', () => {
    // Rougher by a hair and with as many minima: the earlier rule condemned this.
    expect(decided([0.1001, 0.1, 0.1], [0.1, 0.1, 0.1001]).verdict).toBe('no difference');
    expect(decided([0.11, 0.1, 0.3], [0.1, 0.11, 0.1]).verdict).toBe('undecided');
  });
});

describe('seeds that did not train', () => {
  test('are counted, judged without, and shown with', () => {
    const runs = both(3).map((run) =>
      run.variant === 'b' && run.seed === 3 ? runOf('b', 3, { trained: false }) : run,
    );
    const found = decided([0.1, 0.1, 0.1], [0.2, 0.3, 0.05], smoother, runs);
    expect(verdictText(found)).toBe('suggests');
    expect(found.seeds).toBe(2);
    expect(found.pairs).toHaveLength(3);
    const notes = found.notes.join('\n');
    expect(notes).toMatch(/Net B trained with 2 of 3 seeds; judged over the seeds with which both/);
    expect(notes).toMatch(/trained or not, 3 seeds: undecided; misaligned 0.100 against/);
  });

  test('leave nothing to judge where none trained', () => {
    const found = decided([0.1], [0.2], smoother, both(1, {}, { trained: false }));
    expect(found.verdict).toBe('undecided');
    expect(found.because).toMatch(/no seed with which both networks trained/);
    expect(found.notes.join()).toMatch(/trained or not, 1 seed: observed;/);
  });
});

describe('faster', () => {
  const faster: Partial<ClaimSpec> = { rule: 'faster' };
  const speeds = (a: Outcome, b: Outcome, seeds = 3) =>
    decide(studyOf(seeds, [faster]), { runs: both(seeds, a, b), surfaces: [] })[0];

  test('compares the logarithms of steps; never is the limit, marked', () => {
    const found = speeds({ stepsTo03: 60 }, { stepsTo03: null, step: 240 });
    expect(found.mean).toBeCloseTo(Math.log(4), 12);
    expect(verdictText(found)).toBe('suggests');
    expect(found.because).toMatch(
      /steps to loss 0\.3 60 against ≥ 240: ≥ 4\.00× sooner .*in 3 of 3 seeds/,
    );
  });

  test('says nothing where neither got there, or training ended too early to tell', () => {
    expect(speeds({ stepsTo03: null }, { stepsTo03: null }).verdict).toBe('undecided');
    const short = speeds({ stepsTo03: 200 }, { stepsTo03: null, step: 60 });
    expect(short.verdict).toBe('undecided');
    expect(short.notes.join()).toMatch(/training ended before it could be told: seeds 1, 2, 3/);
  });

  test('a network that diverges is not the faster one', () => {
    const diverged = { stepsTo03: null, step: 5, diverged: true, trained: false };
    expect(verdictText(speeds({ stepsTo03: 40 }, diverged))).toBe('suggests');
  });

  test('within a factor of 1.25 there is no difference, but not where one never got there', () => {
    expect(speeds({ stepsTo03: 60 }, { stepsTo03: 62 }).verdict).toBe('no difference');
    const never = speeds({ stepsTo03: 230 }, { stepsTo03: null, step: 240 });
    expect(never.verdict).toBe('suggests');
  });

  test('there is no verdict while the best rate lies at an end of those tried', () => {
    const trial = (losses: readonly number[]) =>
      [0.1, 0.05, 0.02].map((rate, i) => ({ rate, loss: losses[i] }));
    const fast = { stepsTo03: 40, trial: trial([0.2, 0.1, 0.3]) };
    const slow = { stepsTo03: 200, trial: trial([0.5, 0.4, 0.3]) };
    const found = speeds(fast, slow, 5);
    expect(found.verdict).toBe('undecided');
    expect(found.notes[0]).toMatch(
      /no verdict on training: Net B did best at rate 0\.02, the lowest of those that were tried \(0\.02, 0\.05, 0\.1\)/,
    );
    expect(speeds(fast, { ...slow, trial: fast.trial }, 5).verdict).toBe('supports');
  });
});

test('perpendicular compares the late q over seeds', () => {
  const paths = (a: readonly number[], b: readonly number[]) => [
    ...a.map((late, i) => pathOf('a', i + 1, late)),
    ...b.map((late, i) => pathOf('b', i + 1, late)),
  ];
  const of = (a: readonly number[], b: readonly number[]) =>
    decide(studyOf(a.length, [{ rule: 'perpendicular' }]), {
      runs: both(a.length),
      surfaces: paths(a, b),
    })[0];
  expect(verdictText(of([0.8, 0.82], [0.2, 0.25]))).toBe('suggests');
  expect(of([0.8, 0.82, 0.7, 0.9, 0.81], [0.2, 0.25, 0.3, 0.1, 0.2]).verdict).toBe('supports');
  expect(of([0.5, 0.52, 0.51], [0.5, 0.5, 0.52]).verdict).toBe('no difference');
  expect(of([0.8], [NaN]).verdict).toBe('undecided');
  expect(of([0.8], [0.2]).because).toMatch(
    /^late q \(isocurves of the loss, batch norm from the batch; chance 0\.64\) 0\.800 against 0\.200/,
  );
});

test('a path with fewer than ten later steps, or without these isocurves, is not judged', () => {
  const claims: Partial<ClaimSpec>[] = [
    { rule: 'perpendicular' },
    { rule: 'perpendicular', isocurves: 'objective' },
  ];
  const surfaces = [1, 2, 3].flatMap((seed) => [
    pathOf('a', seed, 0.9, seed === 3 ? 19 : 20),
    pathOf('b', seed, 0.1),
  ]);
  const [loss, objective] = decide(studyOf(3, claims), { runs: both(3), surfaces });
  expect(loss.seeds).toBe(3);
  const short = surfaces.map((surface) =>
    surface.seed === 3 ? pathOf(surface.variant, 3, 0.5, 18) : surface,
  );
  const [without] = decide(studyOf(3, claims), { runs: both(3), surfaces: short });
  expect(without.seeds).toBe(2);
  expect(without.notes.join()).toMatch(
    /left out, for want of 10 later steps with gradients of these isocurves: seed 3/,
  );
  expect(objective.verdict).toBe('undecided');
  expect(objective.because).toBe(
    'no seed has 10 later steps with gradients of these isocurves on both paths',
  );
});

test('isocurves are named by claims about paths alone', () => {
  expect(() => studyOf(1, [{ rule: 'faster', isocurves: 'loss' }])).toThrow(
    /rule 'faster' and names isocurves \(loss\), which only 'perpendicular' compares/,
  );
});

describe('many claims', () => {
  const [low, high] = [
    [0.01, 0.02, 0.03, 0.04, 0.05],
    [0.2, 0.1, 0.3, 0.25, 0.4],
  ];
  const fast = both(5, { stepsTo03: 40 }, { stepsTo03: 200 });
  const faster: Partial<ClaimSpec> = { rule: 'faster' };

  test('are tested in order; after the first that fails, later ones suggest at most', () => {
    const findings = { runs: fast, surfaces: planes(low, high) };
    const words = (claims: readonly Partial<ClaimSpec>[], found = findings) =>
      decide(studyOf(5, claims), found).map(verdictText);
    expect(words([smoother, faster])).toEqual(['supports', 'supports']);
    const mixed = { runs: fast, surfaces: planes([...low.slice(1), 0.5], high) };
    expect(words([smoother, faster], mixed)).toEqual(['undecided', 'suggests']);
    expect(words([faster, smoother], mixed)).toEqual(['supports', 'undecided']);
    const notes = decide(studyOf(5, [smoother, faster]), mixed)[1].notes.join();
    expect(notes).toMatch(/a claim above it was not decided/);
  });
});
