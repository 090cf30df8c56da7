/** Which files are the checkpoints of one training, told by their names alone. */

import { describe, expect, test } from 'vitest';
import { seriesIn, stepsText } from '../../shared/foreign/series';

const found = (names: readonly string[]) => seriesIn(names, (name) => name);
const order = (names: readonly string[]) =>
  found(names).map(({ items }) => items.map(({ file }) => file));

describe('names that differ in one number are a series in the order of that number', () => {
  test.each<[string, string[], string[]]>([
    [
      'epochs',
      ['epoch_10.pt', 'epoch_0.pt', 'epoch_2.pt'],
      ['epoch_0.pt', 'epoch_2.pt', 'epoch_10.pt'],
    ],
    ['bare numbers', ['1000.pt', '200.pt', '30.pt'], ['30.pt', '200.pt', '1000.pt']],
    [
      'the names of loss-landscape',
      ['model_100.t7', 'model_300.t7', 'model_200.t7'],
      ['model_100.t7', 'model_200.t7', 'model_300.t7'],
    ],
    [
      'TensorFlow, whose endings have numbers in other files',
      ['ckpt-3.index', 'ckpt-1.index', 'ckpt-2.index'],
      ['ckpt-1.index', 'ckpt-2.index', 'ckpt-3.index'],
    ],
    [
      'our own checkpoints',
      ['w/step-000500.safetensors', 'w/step-001000.safetensors', 'w/step-000000.safetensors'],
      ['w/step-000000.safetensors', 'w/step-000500.safetensors', 'w/step-001000.safetensors'],
    ],
  ])('%s', (_what, given, expected) => expect(order(given)).toEqual([expected]));
});

test('of several numbers that differ, the step goes before the epoch, and a score orders nothing', () => {
  const [lightning] = found([
    'epoch=2-step=900.ckpt',
    'epoch=0-step=300.ckpt',
    'epoch=1-step=600.ckpt',
  ]);
  expect(lightning.unit).toBe('step');
  expect(lightning.items.map(({ step }) => step)).toEqual([300, 600, 900]);
  expect(lightning.pattern).toBe('epoch=#-step=#.ckpt');
  const [scored] = found([
    'net_acc91.3_epoch7.pt',
    'net_acc88.1_epoch5.pt',
    'net_acc90.2_epoch6.pt',
  ]);
  expect(scored.items.map(({ step }) => step)).toEqual([5, 6, 7]);
});

test('a number that all names share is part of the name', () => {
  const [series] = found(['resnet20_1.pt', 'resnet20_2.pt', 'resnet20_3.pt']);
  expect(series.pattern).toBe('resnet20_#.pt');
  expect(series.items.map(({ step }) => step)).toEqual([1, 2, 3]);
});

test('trainings in several folders are a series each', () => {
  const names = ['seed1', 'seed2'].flatMap((run) => [1, 2, 3].map((i) => `${run}/epoch_${i}.pt`));
  expect(order(names)).toEqual([names.slice(0, 3), names.slice(3)]);
});

describe('no series are', () => {
  test.each<[string, string[]]>([
    ['two files', ['epoch_1.pt', 'epoch_2.pt']],
    ['names without a number', ['skip.pt', 'plain.pt', 'wide.pt']],
    ['parts of one file', [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`)],
    ['names that say one number twice', ['a_1.pt', 'a_01.pt', 'a_2.pt']],
    ['different names', ['r20_1.pt', 'plain_2.pt', 'wide_3.pt']],
  ])('%s', (_what, names) => expect(found(names)).toEqual([]));
});

test('the file without a number stays out of the series beside it', () => {
  expect(order(['best.pt', 'epoch_1.pt', 'epoch_3.pt', 'epoch_2.pt'])).toEqual([
    ['epoch_1.pt', 'epoch_2.pt', 'epoch_3.pt'],
  ]);
});

test('its steps are told in words, all of a few and the ends of many', () => {
  const named = (steps: readonly number[]) => found(steps.map((step) => `epoch_${step}.pt`))[0];
  expect(stepsText(named([0, 5, 10]))).toBe('epoch 0, 5, 10');
  expect(stepsText(named([0, 1, 2, 3, 4, 5, 6]))).toBe('epoch 0, 1, 2, … 6');
});
