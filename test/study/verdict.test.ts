import { describe, expect, test } from 'vitest';
import type { RunResult, SurfaceResult } from '../../shared/spec/results';
import { decide } from '../../shared/spec/verdict';
import { checkStudy } from '../../shared/spec/study';
import { SMALL_STUDY } from '../support/small-study';

const study = checkStudy(SMALL_STUDY, 'study');

const run = (variant: string, seed: number, stepsTo03: number | null, trained = true) =>
  ({
    variant,
    seed,
    summary: { trained, trainLoss: trained ? 0.01 : 1.3, diverged: false, stepsTo03 },
  }) as unknown as RunResult;

const plane = (variant: string, seed: number, misaligned: number, minima: number, late = 0.5) =>
  ({
    variant,
    seed,
    directionSeed: seed,
    kind: 'random',
    metrics: { misaligned, minima },
    trajectory: { late },
  }) as unknown as SurfaceResult;

const RUNS = [1, 2].flatMap((seed) => [run('skip', seed, 40), run('plain', seed, null)]);

function verdicts(surfaces: SurfaceResult[], runs: RunResult[] = RUNS): string[] {
  return decide(study, { runs, surfaces }).map(({ verdict }) => verdict);
}

const planes = (skip: [number, number][], plain: [number, number][]) => [
  ...skip.map(([share, minima], i) => plane('skip', i + 1, share, minima)),
  ...plain.map(([share, minima], i) => plane('plain', i + 1, share, minima)),
];

describe('smoother', () => {
  test('needs over two standard errors and fewer minima', () => {
    expect(
      verdicts(
        planes(
          [
            [0, 1],
            [0.01, 1],
          ],
          [
            [0.2, 5],
            [0.21, 6],
          ],
        ),
      )[0],
    ).toBe('supports');
    expect(
      verdicts(
        planes(
          [
            [0, 1],
            [0.01, 1],
          ],
          [
            [0.2, 1],
            [0.21, 1],
          ],
        ),
      )[0],
    ).toBe('inconclusive');
    expect(
      verdicts(
        planes(
          [
            [0, 1],
            [0.2, 1],
          ],
          [
            [0.1, 5],
            [0.3, 6],
          ],
        ),
      )[0],
    ).toBe('inconclusive');
  });

  test('is not supported when it is rougher', () => {
    expect(
      verdicts(
        planes(
          [
            [0.2, 5],
            [0.21, 6],
          ],
          [
            [0, 1],
            [0.01, 1],
          ],
        ),
      )[0],
    ).toBe('does not support');
  });

  test('is left open with one surface, and says why', () => {
    const [claim] = decide(study, { runs: RUNS, surfaces: planes([[0, 1]], [[0.2, 5]]) });
    expect(claim.verdict).toBe('inconclusive');
    expect(claim.because).toMatch(/no standard error; misaligned 0\.000 against 0\.200/);
  });

  test('is left open when one of the two did not train', () => {
    const runs = [run('skip', 1, 40), run('plain', 1, null, false)];
    const surfaces = planes(
      [
        [0, 1],
        [0.01, 1],
      ],
      [
        [0.2, 5],
        [0.21, 6],
      ],
    );
    const [claim] = decide(study, { runs, surfaces });
    expect(claim.verdict).toBe('inconclusive');
    expect(claim.because).toMatch(/plain did not train \(ended at training loss 1\.300\)/);
  });
});

describe('faster', () => {
  test('counts pairs of seeds; never is later than any step', () => {
    expect(verdicts([])[1]).toBe('supports');
    const tied = [run('skip', 1, null), run('plain', 1, null)];
    expect(verdicts([], tied)[1]).toBe('inconclusive');
    const slower = [run('skip', 1, 90), run('plain', 1, 50)];
    expect(verdicts([], slower)[1]).toBe('does not support');
  });
});

test('perpendicular compares the late scores over seeds', () => {
  const surfaces = [
    ...[0.8, 0.82].map((late, i) => plane('skip', i + 1, 0, 1, late)),
    ...[0.2, 0.25].map((late, i) => plane('plain', i + 1, 0, 1, late)),
  ];
  expect(verdicts(surfaces)[2]).toBe('supports');
  expect(verdicts(surfaces.filter(({ seed }) => seed === 1))[2]).toBe('inconclusive');
});
