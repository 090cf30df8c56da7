/**
 * Surfaces of other tools: read the right way round, kept beside a study's own, unknown where they
 * are (`test/oracle/foreign_surfaces.py`).
 */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { loadDataset } from '../../main/engine/dataset/load';
import { parseOwn } from '../../main/engine/files';
import { openCellOf } from '../../main/engine/study/open-cell';
import { runStudy } from '../../main/engine/study/run-study';
import { openSnapshot } from '../../main/engine/study/snapshot';
import { loadFigureSources } from '../../main/engine/study/figure-sources';
import { layout, openStudy } from '../../main/engine/workspace';
import { takeSurface } from '../support/reader';
import { contoursFigure } from '../../shared/figure/planes';
import { besideStudy } from '../../shared/foreign/imported';
import { check } from '../../shared/spec/check';
import { FigureSpec } from '../../shared/spec/figure';
import { ForeignSurface } from '../../shared/spec/foreign-surface';
import { checkStudy } from '../../shared/spec/study';
import { startForTest } from '../support/backend';
import { contentOf, freshFolder } from '../support/small-study';

const FILES = 'test/oracle/surfaces';
let backend: Backend;

beforeAll(async () => {
  backend = await startForTest();
});

const taken = async (name: string) => {
  const { path } = await takeSurface(join(FILES, name));
  return check(ForeignSurface, parseOwn(readFileSync(path, 'utf8')), path);
};

/** The function behind all of the files. */
const f = (a: number, b: number) => 0.25 + a * a + 2 * b * b + 0.5 * a;

describe.each([
  ['loss-landscape.h5', 'loss-landscape'],
  ['landscaper.npz', 'Landscaper'],
  ['pylandscape.npz', 'PyLandscape'],
  ['pylandscape.pkl', 'PyLandscape'],
  ['surface.json', 'JSON'],
  ['meshes.json', 'JSON'],
  ['line.npz', 'PyLandscape'],
])('%s', (name, format) => {
  test('has the loss of its function at every point, the right way round', async () => {
    const { x, y, losses, format: found } = await taken(name);
    expect(found).toBe(format);
    expect(losses).toHaveLength(x.length * (y?.length ?? 1));
    losses.forEach((loss, cell) => {
      if (loss === -1) return;
      const row = Math.floor(cell / x.length);
      expect(loss).toBeCloseTo(f(x[cell % x.length], y?.[row] ?? 0), 12);
    });
  });
});

test('what holds no surface says what it is instead', async () => {
  await expect(takeSurface('test/oracle/foreign/torch-net.ckpt')).rejects.toThrow(
    /holds no surface: PyTorch/,
  );
});

test('a study shows them beside its own, and says that nothing is known of them', async () => {
  const files = ['loss-landscape.h5', 'landscaper.npz'];
  const all = [];
  for (const name of files) all.push(await takeSurface(join(FILES, name)));
  const folder = freshFolder();
  const study = checkStudy(besideStudy(null, all), 'brought');
  openStudy(folder, study);
  const dataset = await loadDataset(study.dataset);
  const { signal } = new AbortController();
  const context = { study, folder, layout: layout(folder), dataset, backend, signal };
  for await (const _event of runStudy(context));
  const { surfaces } = openSnapshot(folder);
  expect(surfaces.map(({ head }) => head.origin)).toEqual([
    'loss-landscape.h5, by loss-landscape',
    'landscaper.npz, by Landscaper',
  ]);
  // The peer's −1 marks what it has not measured.
  expect([...surfaces[0].surface.measured].filter((is) => is === 0)).toHaveLength(1);
  expect(surfaces[0].surface.accuracies[6]).toBeCloseTo(1 - f(-0.5, 1 / 6) / 10, 10);
  const figure = contoursFigure(
    loadFigureSources(folder),
    check(FigureSpec, { kind: 'contours' }, 'figure'),
  );
  const said = JSON.stringify(figure.layout);
  expect(said).toContain('directions, images and batch norm unknown: loss-landscape.h5');
  await expect(openCellOf(context, surfaces[0].head.id, [0, 0])).rejects.toThrow(
    /measured elsewhere.*no network here to open/,
  );
  // What is deleted of them is written again as it was.
  const before = contentOf(folder);
  for (const name of ['surface.csv', 'surface.h5', 'head.json']) {
    rmSync(join(layout(folder).surface(surfaces[0].head.id), name));
  }
  for await (const _event of runStudy(context));
  expect(contentOf(folder)).toEqual(before);
});
