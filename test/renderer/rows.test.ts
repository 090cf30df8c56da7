/** The library's list in the window: what is kept from one reading to the next, what is drawn. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { piecesOf } from '../../renderer/parts/pieces';
import { keepRows } from '../../renderer/state/rows';
import type { StudySummary } from '../../shared/spec/library';

const rowOf = (name: string): StudySummary => ({
  folder: `/work/${name}`,
  name,
  question: 'Is it the same?',
  dataset: 'digits',
  variants: [{ name: 'plain', label: 'Plain' }],
  state: 'done',
  fault: null,
  started: '2025-01-01T00:00:00.000Z',
  bytes: 1000,
  accuracy: [0.5, 0.75],
  thumbnails: [{ variant: 'plain', columns: 2, heights: Float32Array.of(0, NaN, 1, 2) }],
  note: '',
  tags: ['one'],
});
const read = () => ['a', 'b', 'c'].map(rowOf);

describe('rows that are read again', () => {
  test('are the very same list where nothing has changed', () => {
    const before = read();
    expect(keepRows(before, read())).toBe(before);
    const first = read();
    expect(keepRows(null, first)).toBe(first);
  });

  test.each<[change: string, patch: Partial<StudySummary>, keepsStamps: boolean]>([
    ['a size', { bytes: 1001 }, true],
    ['a tag', { tags: ['two'] }, true],
    ['a tag more', { tags: ['one', 'two'] }, true],
    ['a state', { state: 'interrupted' }, true],
    ['an accuracy', { accuracy: null }, true],
    [
      'a stamp',
      { thumbnails: [{ variant: 'plain', columns: 2, heights: Float32Array.of(0, 3, 1, 2) }] },
      false,
    ],
    ['no stamp', { thumbnails: [] }, false],
  ])('with %s changed are the new row and the others as they were', (_, patch, keepsStamps) => {
    const before = read();
    const next = read();
    next[1] = { ...next[1], ...patch };
    const rows = keepRows(before, next);
    expect(rows).toEqual(next);
    expect(rows[0]).toBe(before[0]);
    expect(rows[2]).toBe(before[2]);
    expect(rows[1]).not.toBe(before[1]);
    expect(rows[1].thumbnails === before[1].thumbnails).toBe(keepsStamps);
  });

  test('follow a new order, one that comes and one that goes', () => {
    const before = read();
    expect(keepRows(before, read().reverse())).toEqual([...before].reverse());
    expect(keepRows(before, read().slice(1))).toEqual(before.slice(1));
    expect(keepRows(before, [...read(), rowOf('d')])).toHaveLength(4);
  });
});

describe('the pieces of a long list', () => {
  const heightsOf = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 60 });

  test('are as high as the list, and draw whatever is in sight and nothing else', () => {
    fc.assert(
      fc.property(heightsOf, fc.integer(), fc.nat(3000), fc.nat(80), (heights, from, size, at) => {
        const top = from % 9000;
        const kept = at < heights.length ? at : null;
        const pieces = piecesOf(heights, top, top + size, kept);
        const drawn = pieces.flatMap((piece) => (piece.kind === 'row' ? [piece.index] : []));
        const total = pieces.map((p) => (p.kind === 'row' ? heights[p.index] : p.height));
        const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
        expect(sum(total)).toBe(sum(heights));
        const seen = heights.flatMap((height, i) => {
          const start = sum(heights.slice(0, i));
          return (start < top + size && start + height > top) || i === kept ? [i] : [];
        });
        expect(drawn).toEqual(seen);
        const gaps = pieces.flatMap((piece) => (piece.kind === 'gap' ? [piece.id] : []));
        expect(new Set(gaps).size).toBe(gaps.length);
      }),
    );
  });
});
