/**
 * Two sets of seeds of one network, compared as if they were two networks: whatever is decided is
 * decided falsely. The table in docs/verdicts.md holds these counts.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { permutation, stream, type Stream } from '../../main/engine/backend/random';
import type { Findings } from '../../shared/spec/pairs';
import type { ClaimSpec } from '../../shared/spec/study';
import { decide } from '../../shared/spec/verdict';
import { earlierFaster, earlierPerpendicular, earlierSmoother } from '../support/earlier-rules';
import { pathOf, planeOf, runOf, studyOf } from '../support/outcomes';

const TIMES = 200;
const DIRECTIONS = 3;
const DOCS = readFileSync('docs/verdicts.md', 'utf8');

/** Twelve trained networks, in numbers: see test/oracle/seeds.mjs. */
const REAL = JSON.parse(readFileSync('test/oracle/seeds.json', 'utf8')) as {
  stepsTo03: number;
  step: number;
  late: number;
  misaligned: number[];
  minima: number[];
}[];

type Draw = (chance: Stream, seeds: number) => Findings;

/**
 * Planes whose share of misaligned cells correlates within a seed by `icc` (the share of the
 * variance that seeds make), with the mean, spread and minima of real networks.
 */
const planesOf =
  (icc: number): Draw =>
  (chance, seeds) => ({
    runs: [],
    surfaces: ['a', 'b'].flatMap((variant) =>
      Array.from({ length: seeds }, (_, i) => {
        const ofSeed = Math.sqrt(icc) * chance.normal();
        return Array.from({ length: DIRECTIONS }, (_, d) => {
          const deviate = ofSeed + Math.sqrt(1 - icc) * chance.normal();
          const share = Math.max(0, 0.12 + 0.06 * deviate);
          const minima = Math.max(1, Math.round(3.7 + 1.5 * deviate + 0.8 * chance.normal()));
          return planeOf(variant, i + 1, share, { directionSeed: d + 1, minima });
        });
      }).flat(),
    ),
  });

const stepsOf: Draw = (chance, seeds) => ({
  surfaces: [],
  runs: ['a', 'b'].flatMap((variant) =>
    Array.from({ length: seeds }, (_, i) =>
      runOf(variant, i + 1, { stepsTo03: Math.round(120 * Math.exp(0.1 * chance.normal())) }),
    ),
  ),
});

const latesOf: Draw = (chance, seeds) => ({
  runs: [],
  surfaces: ['a', 'b'].flatMap((variant) =>
    Array.from({ length: seeds }, (_, i) =>
      pathOf(variant, i + 1, Math.min(1, 0.71 + 0.13 * chance.normal())),
    ),
  ),
});

/** Two sets of the real networks that have none in common. */
const realOf: Draw = (chance, seeds) => {
  const order = permutation(REAL.length, chance);
  const sets = ['a', 'b'].flatMap((variant, side) =>
    Array.from({ length: seeds }, (_, i) => ({
      variant,
      seed: i + 1,
      outcome: REAL[order[side * seeds + i]],
    })),
  );
  return {
    runs: sets.map(({ variant, seed, outcome }) => runOf(variant, seed, outcome)),
    surfaces: sets.flatMap(({ variant, seed, outcome }) => [
      pathOf(variant, seed, outcome.late),
      ...outcome.misaligned.map((share, d) =>
        planeOf(variant, seed, share, { directionSeed: d + 1, minima: outcome.minima[d] }),
      ),
    ]),
  };
};

const EARLIER = {
  smoother: earlierSmoother,
  faster: earlierFaster,
  perpendicular: earlierPerpendicular,
};

interface Row {
  readonly what: string;
  readonly rule: ClaimSpec['rule'];
  readonly seeds: number;
  readonly draw: Draw;
}

const ROWS: readonly Row[] = [
  ...[0, 0.6, 0.9].flatMap((icc): Row[] =>
    [1, 3, 5].map((seeds) => ({
      what: `simulated, ICC ${icc}`,
      rule: 'smoother',
      seeds,
      draw: planesOf(icc),
    })),
  ),
  ...[3, 5].flatMap((seeds): Row[] => [
    { what: 'simulated', rule: 'faster', seeds, draw: stepsOf },
    { what: 'simulated', rule: 'perpendicular', seeds, draw: latesOf },
  ]),
  ...(['smoother', 'faster', 'perpendicular'] as const).flatMap((rule): Row[] =>
    [3, 5].map((seeds) => ({ what: 'twelve trained networks', rule, seeds, draw: realOf })),
  ),
];

/** How often each verdict fell in 200 comparisons of a network with itself. */
function count({ what, rule, seeds, draw }: Row) {
  const chance = stream(seeds, `${what}, ${rule}`);
  const study = studyOf(seeds, [{ rule }]);
  const tally = new Map<string, number>();
  const add = (key: string) => tally.set(key, (tally.get(key) ?? 0) + 1);
  for (let i = 0; i < TIMES; i++) {
    const drawn = draw(chance, seeds);
    const runs =
      drawn.runs.length > 0
        ? drawn.runs
        : study.variants.flatMap(({ name }) => study.seeds.map((seed) => runOf(name, seed)));
    const found = { ...drawn, runs };
    add(`earlier ${EARLIER[rule](found)}`);
    const [{ verdict, leans }] = decide(study, found);
    add(verdict === 'suggests' ? `suggests ${leans}` : verdict);
  }
  return (key: string) => tally.get(key) ?? 0;
}

describe.each(ROWS)('one network as two, $rule, $seeds seeds, $what', (row) => {
  const times = count(row);

  test('at most 5 % support and at most 5 % contradict', () => {
    expect(times('supports')).toBeLessThanOrEqual(0.05 * TIMES);
    expect(times('contradicts')).toBeLessThanOrEqual(0.05 * TIMES);
  });

  test('the table in the docs has these rates', () => {
    const percent = (...keys: string[]) =>
      keys.map((key) => ((100 * times(key)) / TIMES).toFixed(1).replace(/\.0$/, '')).join(' + ');
    const cells = [
      row.rule,
      row.what,
      String(row.seeds),
      percent('earlier supports', 'earlier contradicts'),
      percent('supports', 'contradicts'),
      percent('suggests for', 'suggests against'),
      percent('no difference'),
    ];
    const rows = DOCS.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const found = rows.find(
      ([, rule, what, seeds]) => [rule, what, seeds].join() === cells.slice(0, 3).join(),
    );
    expect(found?.slice(1, -1)).toEqual(cells);
  });
});

test.each([5, 6, 7, 8, 9])(
  'with %i seeds, of all signs that their differences can have, at most 5 % support',
  (seeds) => {
    const chance = stream(seeds, 'differences');
    const sizes = Array.from({ length: seeds }, () => Math.abs(chance.normal()));
    const study = studyOf(seeds, [{ rule: 'smoother', margin: 1e-6 }]);
    const runs = study.variants.flatMap(({ name }) => study.seeds.map((seed) => runOf(name, seed)));
    let supports = 0;
    for (let signs = 0; signs < 2 ** seeds; signs++) {
      const surfaces = sizes.flatMap((size, i) => [
        planeOf('a', i + 1, 10),
        planeOf('b', i + 1, 10 + ((signs >> i) & 1 ? size : -size)),
      ]);
      if (decide(study, { runs, surfaces })[0].verdict === 'supports') supports++;
    }
    expect(supports / 2 ** seeds).toBeGreaterThan(0);
    expect(supports / 2 ** seeds).toBeLessThanOrEqual(0.05);
  },
);
