/** Undo and redo of settings and views. The runes are compiled as the app's build compiles them. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { History } from '../../renderer/state/history.svelte';

test('200 random edits undone are where it began, and redone where it ended', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.integer()), { minLength: 200, maxLength: 200 }),
      (edits) => {
        const first = { start: 1 } as Record<string, number>;
        const history = new History(first);
        edits.forEach((edit, i) => history.change(edit, `edit ${i}`));
        for (let i = 0; i < 200; i++) history.undo();
        expect(history.value).toEqual(first);
        expect(history.canUndo).toBe(false);
        for (let i = 0; i < 200; i++) history.redo();
        expect(history.value).toEqual(edits[199]);
        expect(history.canRedo).toBe(false);
      },
    ),
    { numRuns: 20 },
  );
});

test('quick changes under one label are one step, and a new change ends what could be redone', () => {
  const history = new History(0);
  for (let value = 1; value <= 20; value++) history.change(value, 'slider');
  history.change(100, 'button');
  history.undo();
  expect(history.value).toBe(20);
  history.undo();
  expect(history.value).toBe(0);
  history.change(5, 'other');
  history.redo();
  expect(history.value).toBe(5);
});
