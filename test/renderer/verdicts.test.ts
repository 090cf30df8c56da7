import { describe, expect, test } from 'vitest';
import { layStrip } from '../../renderer/views/compare/strip';
import { buildFigure } from '../../shared/figure/build';
import { captionIn } from '../../shared/figure/captions';
import type { FigureSources } from '../../shared/figure/sources';
import { metricStatement, verdictStatement } from '../../shared/figure/statements';
import { check } from '../../shared/spec/check';
import { FigureSpec } from '../../shared/spec/figure';
import { emptySurface } from '../../shared/spec/surface';
import { decide } from '../../shared/spec/verdict';
import { planeOf, runOf, studyOf } from '../support/outcomes';

const study = studyOf(3, [{ rule: 'smoother', claim: 'skips smooth' }, { rule: 'faster' }]);
const runs = [1, 2, 3].flatMap((seed) => [
  runOf('a', seed),
  runOf('b', seed, { stepsTo03: 100, trained: seed !== 3 }),
]);
const surfaces = [1, 2, 3].flatMap((seed) =>
  [1, 2].flatMap((directionSeed) => [
    planeOf('a', seed, 0.01 * directionSeed, { directionSeed }),
    planeOf('b', seed, 0.2 + 0.01 * seed, { directionSeed }),
  ]),
);
const claims = decide(study, { runs, surfaces });
const sources: FigureSources = {
  study,
  classes: null,
  claims,
  runs: runs.map((run) => ({ run, steps: [], epochs: [] })),
  surfaces: surfaces.map((result) => ({ result, surface: emptySurface(result.x, result.y) })),
};
const spec = (kind: string, extra: object = {}) => check(FigureSpec, { kind, ...extra }, 'figure');

describe('what is said beside a figure', () => {
  test('the caption has the verdict with its seeds and numbers, in the words of the table', () => {
    const caption = captionIn(buildFigure(sources, spec('contours')));
    expect(caption).toMatch(
      /Skips smooth: suggests \(2 seeds\), misaligned 0\.015 against 0\.215: lower by 0\.200/,
    );
    expect(caption).toMatch(/Net B: 2 of 3 seeds trained\./);
  });

  test('networks are called by their labels, never by ids', () => {
    for (const kind of ['contours', 'surfaces', 'curves']) {
      expect(captionIn(buildFigure(sources, spec(kind)))).not.toMatch(/\b[ab]-s\d/);
    }
  });

  test('verdicts about other scans, or networks that are not shown, are left out', () => {
    expect(verdictStatement(sources, 'plane', ['a', 'b'])).toBe(
      'Skips smooth: suggests (2 seeds).',
    );
    expect(verdictStatement(sources, 'plane-region', ['a', 'b'])).toBe('');
    expect(verdictStatement(sources, 'plane', ['a'])).toBe('');
    expect(verdictStatement(sources, null, ['a', 'b'])).toBe('A is faster: suggests (3 seeds).');
    expect(verdictStatement({ ...sources, claims: [] }, 'plane', ['a', 'b'])).toBe('');
  });

  test('roughness is a mean over seeds, directions averaged first', () => {
    const own = surfaces.filter(({ variant }) => variant === 'b');
    // Seeds: 0.21, 0.22, 0.23; their standard error is 0.01/√3.
    expect(metricStatement(own)).toBe('misaligned 0.220 ± 0.006, minima 1.0 ± 0.0');
  });
});

describe('the strip of a claim', () => {
  const strip = layStrip(claims[0]);

  test('has a dot for every seed, right of the middle where it is for the claim', () => {
    expect(strip.dots.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    for (const { x } of strip.dots) expect(x).toBeGreaterThan(strip.zero);
    expect(strip.dots.map(({ trained }) => trained)).toEqual([true, true, false]);
    expect(strip.dots[0].directions).toHaveLength(2);
    expect(strip.zero).toBe(strip.width / 2);
  });

  test('has an interval from three seeds on, and stays inside its width', () => {
    expect(strip.interval).toBeNull();
    const [, faster] = claims;
    const wide = layStrip(faster);
    expect(wide.interval).not.toBeNull();
    for (const x of [...wide.interval!, ...wide.margin]) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(wide.width);
    }
  });
});
