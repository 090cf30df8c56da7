/** From files of weights to networks: series become one, others one each. */

import { describe, expect, test } from 'vitest';
import { importedStudy } from '../../shared/foreign/imported';
import { apart, inOrder, together } from '../../shared/foreign/trainings';
import type { FileReport } from '../../shared/spec/foreign';
import { hasPath } from '../../shared/spec/study';

const file = (name: string, width = 4) => ({
  path: `/imports/${name}`,
  report: {
    name,
    tensors: [{ name: 'conv1.weight', shape: [width, 1, 3, 3], dtype: 'float32', odd: 0 }],
    guess: null,
  } as unknown as FileReport,
});
const epochs = [10, 2, 0].map((epoch) => file(`epoch_${epoch}.pt`));
const choices = {
  dataset: { kind: 'digits' },
  scan: { name: 'plane', directions: { kind: 'random' } },
  paths: [{ name: 'path', directions: { kind: 'principal' } }],
  model: { depth: 8, width: 4 },
};

test('a series is one variant whose last file is scanned and whose others are its path', () => {
  const { file: study, variants } = importedStudy(together(epochs), choices);
  expect(study.variants).toHaveLength(1);
  expect(study.variants[0]).toMatchObject({
    name: 'epoch-0-10',
    label: 'epoch_0–10.pt',
    weights: {
      file: '/imports/epoch_10.pt',
      step: 10,
      earlier: [
        { file: '/imports/epoch_0.pt', source: 'epoch_0.pt', step: 0 },
        { file: '/imports/epoch_2.pt', source: 'epoch_2.pt', step: 2 },
      ],
    },
  });
  expect(study.scans.map(({ name, only }) => [name, only])).toEqual([
    ['plane', undefined],
    ['path', undefined],
  ]);
  expect(variants.map(hasPath)).toEqual([true]);
});

test('beside a network that came alone, the path is scanned of the series alone', () => {
  const { file: study, variants } = importedStudy(together([file('best.pt'), ...epochs]), choices);
  expect(study.variants.map(({ name }) => name)).toEqual(['epoch-0-10', 'best']);
  expect(study.scans[1].only).toEqual(['epoch-0-10']);
  expect(variants.map(hasPath)).toEqual([true, false]);
});

test('apart, each file is a variant and nothing has a path', () => {
  const { file: study, variants } = importedStudy(apart(epochs), choices);
  expect(study.variants.map(({ name }) => name)).toEqual(
    ['epoch_10', 'epoch_2', 'epoch_0'].map((name) => name.replace('_', '-')),
  );
  expect(study.scans.map(({ name }) => name)).toEqual(['plane']);
  expect(variants.some(hasPath)).toBe(false);
});

test('files of one way of naming whose tensors differ are no series', () => {
  const mixed = [file('net_1.pt', 4), file('net_2.pt', 8), file('net_3.pt', 16)];
  expect(together(mixed)).toHaveLength(3);
});

describe('an order that is said by hand', () => {
  test('goes before the names', () => {
    const { checkpoints } = inOrder(epochs, [1, 3, 2]);
    expect(checkpoints.map(({ file: one, step }) => [one.report.name, step])).toEqual([
      ['epoch_10.pt', 1],
      ['epoch_0.pt', 2],
      ['epoch_2.pt', 3],
    ]);
  });

  test('must name a step of its own for each, and of one network', () => {
    expect(() => inOrder(epochs, [1, 2])).toThrow(/3 checkpoints need as many different steps/);
    expect(() => inOrder(epochs, [1, 2, 2])).toThrow(/got 1, 2, 2/);
    expect(() => inOrder([file('a.pt'), file('b.pt', 8)], [1, 2])).toThrow(
      /b\.pt has other tensors than a\.pt/,
    );
  });
});
