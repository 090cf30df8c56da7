/**
 * The interface's pure parts: curves thinned out, drawings, tables, routes, extensions of a study.
 */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimate, smooth } from '../../renderer/plot/decimate';
import { thin } from '../../renderer/plot/detail.svelte';
import { fromHash, toHash } from '../../renderer/state/route';
import { Steps } from '../../renderer/state/steps';
import { arrange, factorsOf } from '../../renderer/views/compare/arrange';
import type { Panel } from '../../renderer/views/compare/choose';
import { besides, finer, joined, withSeeds } from '../../renderer/views/compare/extend';
import { drawingOf } from '../../renderer/views/plan/architecture';
import { settingsOf } from '../../shared/spec/differences';
import { bytesText, clockText, valueText } from '../../renderer/parts/format';
import { commands } from '../../shared/commands';
import { checkStudy } from '../../shared/spec/study';
import { emptySurface } from '../../shared/spec/surface';
import { SMALL_STUDY } from '../support/small-study';

describe('a long curve on a screen', () => {
  test('keeps the highest and the lowest value of every stretch, and their places', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
          minLength: 30,
          maxLength: 400,
        }),
        fc.integer({ min: 3, max: 14 }),
        (list, buckets) => {
          const values = Float64Array.from(list);
          const { x, y } = decimate(values, buckets);
          expect(x.length).toBeLessThanOrEqual(Math.max(2 * buckets, values.length));
          x.forEach((place, i) => expect(y[i]).toBe(values[place]));
          expect(Math.max(...y)).toBe(Math.max(...values));
          expect(Math.min(...y)).toBe(Math.min(...values));
          for (let i = 1; i < x.length; i++) expect(x[i]).toBeGreaterThanOrEqual(x[i - 1]);
        },
      ),
    );
  });

  test('smoothing a constant changes nothing, and a gap does not end it', () => {
    expect([...smooth(Float64Array.from([2, 2, 2]), 0.9)].map((v) => v.toFixed(12))).toEqual(
      Array(3).fill('2.000000000000'),
    );
    // 0.5·1 + 0.5·3 with the bias of the first value out: (0.5·0.5·1 + 0.5·3) / 0.75
    const [, gap, last] = smooth(Float64Array.from([1, NaN, 3]), 0.5);
    expect(gap).toBe(1);
    expect(last).toBeCloseTo((0.25 * 1 + 0.5 * 3) / 0.75, 12);
  });
});

describe('small multiples by factor', () => {
  const study = checkStudy(
    {
      ...SMALL_STUDY,
      claims: [],
      variants: [
        { name: 'a', model: { depth: 8, skip: 'projection' } },
        { name: 'b', model: { depth: 8, skip: 'none' } },
        { name: 'c', model: { depth: 14, skip: 'projection' } },
        { name: 'd', model: { depth: 14, skip: 'none' } },
      ],
    },
    'factors',
  );
  const panels = study.variants.map(
    ({ name, label }, index) => ({ variant: name, label, index }) as Panel,
  );
  const names = (factor: string | null, of = panels) =>
    arrange(study, of, factor).map(({ title, panels: row }) => [
      title,
      ...row.map((panel) => panel?.variant ?? null),
    ]);

  test('rows are the values of one factor, columns those of the others', () => {
    expect(factorsOf(study).sort()).toEqual(['model.depth', 'model.skip']);
    expect(names('model.depth')).toEqual([
      ['depth 8', 'a', 'b'],
      ['depth 14', 'c', 'd'],
    ]);
    expect(names('model.skip')).toEqual([
      ['skip projection', 'a', 'c'],
      ['skip none', 'b', 'd'],
    ]);
  });

  test('what is not measured leaves its place empty; without a factor there is one row', () => {
    expect(names('model.depth', panels.slice(0, 3))).toEqual([
      ['depth 8', 'a', 'b'],
      ['depth 14', 'c', null],
    ]);
    expect(names(null)).toEqual([['', 'a', 'b', 'c', 'd']]);
    expect(factorsOf({ variants: study.variants.slice(0, 2) })).toEqual([]);
  });
});

test('a network that was trained elsewhere has no recipe to compare', () => {
  const [first, second] = SMALL_STUDY.variants;
  const imported = { ...second, weights: { file: 'w.safetensors' } };
  const study = { ...SMALL_STUDY, claims: [], variants: [first, imported] };
  const settings = settingsOf(checkStudy(study, 'mixed'));
  expect(settings.find(({ key }) => key === 'recipe.batch')!.values).toEqual(['256', '–']);
  const alone = settingsOf(checkStudy({ ...study, variants: [imported] }, 'alone'));
  expect(alone.some(({ key }) => key.startsWith('recipe.'))).toBe(false);
});

test('steps that come again after a resume replace what they were and end what followed', () => {
  const steps = new Steps(null);
  const at = (step: number, loss: number) =>
    steps.put({ step, loss, rate: 0.1, gradientNorm: 1, weightNorm: 2 });
  for (let i = 0; i < 1000; i++) at(i, i);
  at(500, -1);
  expect(steps.length).toBe(501);
  expect(steps.values('loss')[499]).toBe(499);
  expect(steps.values('loss')[500]).toBe(-1);
  // A schedule that missed its loss leaves nothing.
  steps.clear();
  expect(steps.values('loss')).toHaveLength(0);
  at(0, 7);
  expect([...steps.values('loss')]).toEqual([7]);
});

test('every route survives its own address, and a strange one leads to the library', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (folder) => {
      const route = { page: 'study', folder, view: 'compare' } as const;
      expect(fromHash(toHash(route))).toEqual(route);
    }),
  );
  for (const hash of ['', '#', '#/study', '#/study/%/compare', '#/study/a/elsewhere', '#/x']) {
    expect(fromHash(hash)).toEqual({ page: 'library' });
  }
});

test('no key is given to two commands', () => {
  const keys = commands.map((command) => command.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

describe('a drawing of a network', () => {
  const draw = (model: object) => {
    const study = checkStudy({ ...SMALL_STUDY, base: { model }, claims: [], scans: [] }, 'test');
    return drawingOf(study.variants[0].model);
  };

  test('has a bar per layer that the depth counts, and an arc per block with a skip', () => {
    const { bars, arcs } = draw({ family: 'resnet', depth: 20, width: 8 });
    expect(bars).toHaveLength(20);
    expect(arcs).toHaveLength(9);
    expect(arcs.filter(({ kind }) => kind === 'projection')).toHaveLength(2);
  });

  test('of a plain one has no arc', () => {
    const study = checkStudy({ ...SMALL_STUDY, claims: [], scans: [] }, 'test');
    expect(drawingOf(study.variants[1].model).arcs).toEqual([]);
  });
});

test('the settings that differ come first, and all others are equal', () => {
  const settings = settingsOf(checkStudy(SMALL_STUDY, 'test'));
  expect(settings[0]).toEqual({ key: 'model.skip', values: ['projection', 'none'], differs: true });
  expect(settings.slice(1).every(({ differs }) => !differs)).toBe(true);
});

describe('a study with something added', () => {
  const study = checkStudy(SMALL_STUDY, 'test');
  const [line, plane] = study.file.scans;

  test('is a study, keeps what it had, and names the new part anew', () => {
    const region = { x: [-0.5, 0.5], y: [0, 1] } as const;
    const next = [
      finer(study.file, plane, region, 25),
      besides(study.file, plane, 64, 'frozen'),
      joined(
        study.file,
        { variant: 'skip', seed: 1, step: 'first' },
        { variant: 'skip', seed: 1, step: 'last' },
      ),
    ];
    for (const file of next) {
      const checked = checkStudy(file, 'extended');
      expect(checked.scans.slice(0, study.scans.length)).toEqual(study.scans);
      expect(checked.scans).toHaveLength(study.scans.length + 1);
    }
    expect(line.name).toBe('line');
  });

  test('new seeds are new, for all or for one', () => {
    expect(checkStudy(withSeeds(study.file, study, null, 2), 'x').seeds).toEqual([1, 2, 3]);
    const one = checkStudy(withSeeds(study.file, study, 'plain', 2), 'x');
    expect(one.variants.map(({ seeds }) => seeds)).toEqual([[1], [1, 2, 3]]);
  });
});

test('numbers are written as people read them', () => {
  expect([clockText(65), clockText(7420)]).toEqual(['1:05', '2:03:40']);
  expect([bytesText(999), bytesText(1400), bytesText(2.5e9)]).toEqual([
    '999 B',
    '1.4 kB',
    '2.5 GB',
  ]);
  // A loss and a decay of one size look alike.
  expect([valueText(4.61e-4), valueText(88_821), valueText(1.5e6)]).toEqual([
    '0.0004610',
    '88821',
    '1.50e6',
  ]);
  expect([valueText(-0.5), valueText(1e-5), valueText(Infinity), valueText(NaN)]).toEqual([
    '−0.5000',
    '1.00e−5',
    '+∞',
    'overflow',
  ]);
});

test('a thinned surface has cells of the whole one at their own coordinates, and small ones stay', () => {
  const axis = Array.from({ length: 130 }, (_, i) => i);
  const surface = emptySurface(axis, axis.slice(0, 70));
  surface.losses.forEach((_, cell) => (surface.losses[cell] = cell));
  surface.measured.fill(1);
  const small = thin(surface, 64);
  expect(Math.max(small.x.length, small.y!.length)).toBeLessThanOrEqual(64);
  small.losses.forEach((loss, cell) => {
    const column = cell % small.x.length;
    const row = (cell - column) / small.x.length;
    expect(loss).toBe(small.y![row] * 130 + small.x[column]);
  });
  expect(thin(small, 64)).toBe(small);
});
