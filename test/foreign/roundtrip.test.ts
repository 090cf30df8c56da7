/** A surface that left as a file and comes back: the same numbers. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layout } from '../../main/engine/workspace';
import { parseOwn } from '../../main/engine/files';
import { ForeignSurface } from '../../shared/spec/foreign-surface';
import { check } from '../../shared/spec/check';
import { startForTest } from '../support/backend';
import { takeSurface } from '../support/reader';
import { freshFolder, runSmall } from '../support/small-study';

test('the HDF5 of a surface, brought back, has every number to the last bit', async () => {
  const folder = freshFolder();
  await runSmall(folder, await startForTest());
  const surface = layout(folder).surface('plain-s1.plane-d1');
  const { path } = await takeSurface(join(surface, 'surface.h5'));
  const back = check(ForeignSurface, parseOwn(readFileSync(path, 'utf8')), path);
  const [, ...rows] = readFileSync(join(surface, 'surface.csv'), 'utf8').trim().split('\n');
  const column = (i: number) => rows.map((row) => Number(row.split(',')[i]));
  expect(back.losses).toEqual(column(2));
  expect(back.accuracies).toEqual(column(3));
  const cells = back.y!.flatMap((y) => back.x.map((x) => [x, y]));
  expect(cells).toEqual(column(0).map((x, i) => [x, column(1)[i]]));
});
