import { describe, expect, test } from 'vitest';
import { numberTables } from '../../shared/spec/tables';
import { surfaceMetrics } from '../../shared/maths/surface-metrics';
import { emptySurface } from '../../shared/spec/surface';
import type { Trajectory } from '../../shared/spec/trajectory';
import { pathOf, planeOf, runOf, studyOf } from '../support/outcomes';

const results = (
  runs: ReturnType<typeof runOf>[],
  surfaces: ReturnType<typeof planeOf>[] = [],
) => ({ runs, surfaces, claims: [], complete: true });

const runs = ['a', 'b'].flatMap((name) => [1, 2, 3].map((seed) => runOf(name, seed)));

/** The text of a cell, by table, row and column. */
function cell(tables: ReturnType<typeof numberTables>, key: string, row: string, column: string) {
  const table = tables.find((one) => one.key === key)!;
  const i = table.columns.findIndex((one) => one.key === column);
  return table.rows.find(({ variant }) => variant === row)!.cells[i].text;
}

describe('the numbers of a study', () => {
  const own = [1, 2, 3].flatMap((seed) =>
    [1, 2].flatMap((directionSeed) => [
      planeOf('a', seed, 0.1 * seed + 0.01 * directionSeed, { directionSeed }),
      planeOf('b', seed, 0.3, { directionSeed }),
    ]),
  );

  test('are means over seeds, directions averaged first', () => {
    const tables = numberTables(studyOf(3, []), results(runs, own));
    // Seeds: 0.115, 0.215, 0.315; their standard error is 0.1/√3.
    expect(cell(tables, 'plane.plane', 'a', 'misaligned')).toBe('0.215 ± 0.058');
    const first = own.filter(({ seed }) => seed === 1);
    const alone = numberTables(studyOf(1, []), results(runs.slice(0, 1), first));
    expect(cell(alone, 'plane.plane', 'a', 'misaligned')).toBe('0.115');
  });

  test('give a rate as it is, and what no seed changes without an error', () => {
    const rated = runs.map((run) => ({ ...run, summary: { ...run.summary, learningRate: 0.2 } }));
    const tables = numberTables(studyOf(3, []), results(rated));
    // 0.2 + 0.2 + 0.2 is not 0.6 in floating point.
    expect(cell(tables, 'training', 'a', 'rate')).toBe('0.2');
    expect(cell(tables, 'training', 'a', 'weights')).toBe('1,000');
    expect(cell(tables, 'training', 'a', 'trainLoss')).toBe('0.01000 ± 0.00000');
  });

  test('of a path without batch norm say q once, of one with it also with frozen statistics', () => {
    const path = pathOf('a', 1, 0.8);
    const [slope] = path.trajectory!.slopes!;
    const columnsWith = (slopes: Trajectory['slopes']) => {
      const surface = { ...path, trajectory: { ...path.trajectory!, slopes: slopes! } };
      const tables = numberTables(studyOf(1, []), results([runOf('a', 1)], [surface]));
      return tables.find(({ key }) => key === 'path.path')!.columns.map(({ key }) => key);
    };
    expect(columnsWith([{ ...slope, bn: 'none' }])).toContain('late');
    expect(columnsWith([{ ...slope, bn: 'none' }])).not.toContain('lateFrozen');
    expect(columnsWith([slope, { ...slope, bn: 'frozen' }])).toContain('lateFrozen');
  });

  test('of a region scanned finer stand in a table of their own and change no row', () => {
    const region = { name: 'plane-region', directions: { kind: 'random' } };
    const before = numberTables(studyOf(3, []), results(runs, own));
    const finer = [1, 2, 3].map((seed) => planeOf('a', seed, 0.9, { scan: 'plane-region' }));
    const after = numberTables(studyOf(3, [], [region]), results(runs, [...finer, ...own]));
    expect(after.map(({ key }) => key)).toEqual([
      ...before.map(({ key }) => key),
      'plane-region.plane',
    ]);
    expect(after.slice(0, before.length)).toEqual(before);
  });

  test('say never as a bound, nothing as a dash, and a share of seeds in the row', () => {
    const imported = runOf('b', 1, { stepsTo03: null, step: 0 });
    const mixed = [
      runOf('a', 1, { stepsTo03: 40 }),
      runOf('a', 2, { stepsTo03: null, step: 240, trained: false }),
      { ...imported, summary: { ...imported.summary, learningRate: NaN } },
    ];
    const tables = numberTables(studyOf(2, []), results(mixed));
    expect(cell(tables, 'training', 'a', 'stepsTo03')).toBe('≥ 140 ± 100');
    expect(cell(tables, 'training', 'b', 'stepsTo03')).toBe('–');
    expect(cell(tables, 'training', 'b', 'rate')).toBe('–');
    expect(cell(tables, 'training', 'b', 'testAccuracy')).toBe('97.0');
    expect(tables[0].rows.map(({ label, standing }) => `${label}: ${standing}`)).toEqual([
      'Net A: 1 of 2 seeds trained',
      'Net B: ',
    ]);
  });

  test('say which rate a trial went on to, and that the best lies at an end', () => {
    const trial = [0.3, 0.1, 0.05, 0.02, 0.01].map((rate) => ({ rate, loss: rate }));
    const [training] = numberTables(studyOf(1, []), results([runOf('a', 1, { trial })]));
    expect(training.notes).toEqual([
      'Net A: rate 0.01 did best and is the lowest of those tried, so that a better one may lie beyond (training loss after 4 epochs: 0.010 at 0.01, 0.020 at 0.02, 0.050 at 0.05, 0.100 at 0.1, 0.300 at 0.3), the trial having gone on to 0.01',
    ]);
  });
});

describe('a column is what its help says', () => {
  const side = 41;
  const points = Array.from({ length: side }, (_, i) => -1 + (2 * i) / (side - 1));
  const surface = (f: (a: number, b: number) => number) => {
    const empty = emptySurface(points, points);
    points.forEach((b, row) =>
      points.forEach((a, column) => (empty.losses[row * side + column] = f(a, b))),
    );
    return { ...planeOf('a', 1, 0), metrics: surfaceMetrics(empty, false) };
  };
  const helpOf = (key: string, f: (a: number, b: number) => number) => {
    const tables = numberTables(studyOf(1, []), results([runOf('a', 1)], [surface(f)]));
    const plane = tables.find((table) => table.key === 'plane.plane')!;
    const i = plane.columns.findIndex((column) => column.key === key);
    return { help: plane.columns[i].help, value: plane.rows[0].cells[i].mean };
  };
  const twoWells = (a: number) => (Math.abs(a) < 0.2 || Math.abs(a) > 0.5 ? 0 : 1);

  test('0.1-area and basin are areas, the basin the part around the centre', () => {
    const flat = helpOf('lowArea', () => 0);
    expect(flat.help).toMatch(/Area .* a plane from −1 to 1 has about 4/);
    expect(flat.value).toBeCloseTo(side ** 2 * 0.05 ** 2, 9);
    const [area, basin] = ['lowArea', 'basin'].map((key) => helpOf(key, twoWells).value);
    expect(basin).toBeLessThan(area / 2);
  });

  test('variation is in units of the range, whatever the heights and lengths', () => {
    const bowl = (scale: number) => (a: number, b: number) => scale * (a * a + b * b);
    const one = helpOf('variation', bowl(1));
    expect(one.help).toMatch(/in units of the range/);
    expect(helpOf('variation', bowl(50)).value).toBeCloseTo(one.value, 9);
  });

  test('minima are those that are deep', () => {
    const rippled = (depth: number) => (a: number, b: number) =>
      0.05 * (a * a + b * b) - depth * (Math.cos(12 * a) + Math.cos(12 * b));
    expect(helpOf('minima', rippled(0.02)).value).toBe(1);
    expect(helpOf('minima', rippled(0.5)).value).toBeGreaterThan(1);
  });
});
