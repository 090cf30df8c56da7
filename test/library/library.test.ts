/** The library on disk: listing, snapshots, extension, cells, deletion that can be undone. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../main/engine/dataset/load';
import { previewDataset } from '../../main/engine/dataset/preview';
import { writeAnnotations } from '../../main/engine/library/annotations';
import { listItems } from '../../main/engine/library/items';
import { listAllItems, listStudies } from '../../main/engine/library/list';
import { discard, emptyTrash, listTrash, restore } from '../../main/engine/library/trash';
import { extendStudy } from '../../main/engine/study/extend';
import { describePlan, measureVariant } from '../../main/engine/study/measure';
import { openCellOf } from '../../main/engine/study/open-cell';
import { runStudy } from '../../main/engine/study/run-study';
import { openSnapshot } from '../../main/engine/study/snapshot';
import { layout, openStudy } from '../../main/engine/workspace';
import type { Backend } from '../../main/engine/backend/start';
import { usersOwn } from '../../main/native/paths';
import type { StudyEvent } from '../../shared/spec/events';
import { checkStudy } from '../../shared/spec/study';
import { startForTest } from '../support/backend';
import { SMALL_STUDY } from '../support/small-study';

const workspace = usersOwn(mkdtempSync(join(tmpdir(), 'isocurve-workspace-')));
const folder = usersOwn(join(workspace, 'small'));
let backend: Backend;

/** Runs what the study of `folder` lacks. */
async function run(): Promise<StudyEvent[]> {
  const snapshot = openSnapshot(folder);
  const study = checkStudy(snapshot.file, folder);
  const dataset = await loadDataset(study.dataset);
  const signal = new AbortController().signal;
  const events: StudyEvent[] = [];
  const context = { study, folder, layout: layout(folder), dataset, backend, signal };
  for await (const event of runStudy(context)) events.push(event);
  return events;
}

beforeAll(async () => {
  backend = await startForTest();
  openStudy(folder, checkStudy(SMALL_STUDY, 'small'));
  expect(listStudies(workspace)[0].state).toBe('planned');
  await run();
});

describe('a row of the library', () => {
  test('says how the study stands, with a stamp per network', () => {
    const [row] = listStudies(workspace);
    expect(row).toMatchObject({
      folder,
      name: 'small',
      state: 'done',
      fault: null,
      dataset: 'digits',
    });
    expect(row.thumbnails.map(({ variant, columns }) => [variant, columns])).toEqual([
      ['skip', 5],
      ['plain', 5],
    ]);
    expect(row.thumbnails[0].heights).toHaveLength(15);
    expect(row.accuracy![0]).toBeLessThanOrEqual(row.accuracy![1]);
    expect(row.bytes).toBeGreaterThan(10_000);
  });

  test('keeps notes and tags beside what is computed', () => {
    writeAnnotations(folder, { note: 'look at this', tags: ['a', 'b'] });
    expect(listStudies(workspace)[0]).toMatchObject({ note: 'look at this', tags: ['a', 'b'] });
  });

  test('of a damaged study says what is wrong, and the others are listed', () => {
    mkdirSync(join(workspace, 'broken'));
    writeFileSync(join(workspace, 'broken', 'study.json'), '{');
    const row = listStudies(workspace).find(({ name }) => name === 'broken')!;
    expect(row.state).toBe('damaged');
    expect(row.fault).toMatch(/is not JSON/);
    expect(listStudies(workspace)).toHaveLength(2);
    rmSync(join(workspace, 'broken'), { recursive: true });
  });

  test('a workspace that is gone is empty', () => {
    expect(listStudies(usersOwn(join(workspace, 'nowhere')))).toEqual([]);
  });
});

test('a snapshot holds every step, epoch, path and cell that lies on disk', () => {
  const snapshot = openSnapshot(folder);
  expect(snapshot.runs.map(({ id }) => id)).toEqual(['skip-s1', 'plain-s1']);
  for (const { steps, epochs, result, path } of snapshot.runs) {
    // 1,437 images in batches of 256 are 6 steps, for 2 epochs.
    expect(steps.loss).toHaveLength(12);
    expect([...steps.step]).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(epochs).toHaveLength(2);
    expect(result!.summary.trainLoss).toBe(epochs[1].trainLoss);
    expect(path!.x[path!.x.length - 1]).toBeCloseTo(0, 12);
  }
  for (const { head, result, surface } of snapshot.surfaces) {
    expect(surface.measured.every((one) => one === 1)).toBe(true);
    expect(result).toMatchObject(head);
  }
});

describe('a cell that is opened', () => {
  const open = async (surface: string, at: readonly number[]) => {
    const { file } = openSnapshot(folder);
    const study = checkStudy(file, folder);
    const dataset = await loadDataset(study.dataset);
    return openCellOf({ study, folder, layout: layout(folder), dataset, backend }, surface, at);
  };

  test.each([0, 2, 6])(
    'has the loss and accuracy that the scan measured there (cell %i)',
    async (cell) => {
      const { head, surface } = openSnapshot(folder).surfaces.find(
        ({ head: h }) => h.kind === 'random' && h.y === null,
      )!;
      const report = await open(head.id, [head.x[cell]]);
      expect(Math.abs(report.loss / surface.losses[cell] - 1)).toBeLessThan(1e-4);
      expect(report.accuracy).toBeCloseTo(surface.accuracies[cell], 6);
      expect(Math.abs(report.standardError / surface.standardErrors[cell] - 1)).toBeLessThan(1e-3);
    },
  );

  test('counts every image once, and the worst come first', async () => {
    const { head } = openSnapshot(folder).surfaces.find(
      ({ head: h }) => h.kind === 'random' && h.y !== null,
    )!;
    const report = await open(head.id, [0.3, -0.2]);
    expect(report.confusion.reduce((sum, count) => sum + count, 0)).toBe(head.images);
    const diagonal = Array.from({ length: 10 }, (_, i) => report.confusion[11 * i]);
    expect(diagonal.reduce((sum, count) => sum + count, 0) / head.images).toBeCloseTo(
      report.accuracy,
      12,
    );
    const losses = report.worst.map(({ loss }) => loss);
    expect([...losses].sort((a, b) => b - a)).toEqual(losses);
    expect(report.worst[0].pixels).toHaveLength(64);
  });

  test('of a surface that is not there, or with too few coordinates, is one sentence', async () => {
    await expect(open('nothing', [0])).rejects.toThrow(/has no surface 'nothing'/);
    const { head } = openSnapshot(folder).surfaces.find(({ head: h }) => h.y !== null)!;
    await expect(open(head.id, [0])).rejects.toThrow(/has 2 axes; got 1 coordinates/);
  });
});

describe('extending a study', () => {
  test('computes what is new and leaves what was there, byte for byte', async () => {
    const before = readFileSync(join(folder, 'surfaces', 'skip-s1.line-d1', 'surface.csv'), 'utf8');
    const { file } = openSnapshot(folder);
    const scan = { ...file.scans[0], name: 'other', subset: 16, only: ['plain'] };
    extendStudy(folder, { ...file, scans: [...file.scans, scan] });
    expect(listStudies(workspace)[0].state).toBe('done');
    const events = await run();
    const cells = events.flatMap((event) => (event.kind === 'cells' ? [...event.cells.cell] : []));
    expect(cells).toHaveLength(7);
    expect(events.some(({ kind }) => kind === 'steps')).toBe(false);
    const ids = openSnapshot(folder).surfaces.map(({ head }) => head.id);
    expect(ids).toContain('plain-s1.other-d1');
    expect(ids).not.toContain('skip-s1.other-d1');
    const after = readFileSync(join(folder, 'surfaces', 'skip-s1.line-d1', 'surface.csv'), 'utf8');
    expect(after).toBe(before);
  });

  test('cannot change what results rest on', () => {
    const { file } = openSnapshot(folder);
    const [first, ...others] = file.variants;
    const changes = [
      { ...file, dataset: { kind: 'shapes' } },
      { ...file, seeds: [2] },
      { ...file, scans: file.scans.slice(1) },
      { ...file, variants: [{ ...first, model: { skip: 'identity' } }, ...others] },
      { ...file, scans: file.scans.map((scan) => ({ ...scan, subset: 8 })) },
    ];
    for (const next of changes) expect(() => extendStudy(folder, next)).toThrow(/cannot change/);
    expect(openSnapshot(folder).file).toEqual(file);
  });
});

describe('the trash', () => {
  test('takes a part or a study and gives back every byte', () => {
    const items = listItems(folder);
    expect(listAllItems(workspace)).toEqual(items.map((item) => ({ ...item, folder })));
    const surface = items.find(({ kind }) => kind === 'surfaces')!;
    const path = join(folder, 'surfaces', surface.id);
    const content = readFileSync(join(path, 'surface.csv'), 'utf8');
    const { id } = discard(workspace, path);
    expect(existsSync(path)).toBe(false);
    expect(listTrash(workspace)).toMatchObject([{ id, from: path }]);
    restore(workspace, id);
    expect(readFileSync(join(path, 'surface.csv'), 'utf8')).toBe(content);
    expect(listItems(folder)).toEqual(items);

    const whole = discard(workspace, folder);
    expect(listStudies(workspace)).toEqual([]);
    mkdirSync(folder);
    expect(() => restore(workspace, whole.id)).toThrow(/something else lies there now/);
    rmSync(folder, { recursive: true });
    restore(workspace, whole.id);
    expect(listStudies(workspace)).toHaveLength(1);
    expect(() => discard(workspace, join(workspace, 'gone'))).toThrow(/does not exist any more/);
    emptyTrash(workspace);
    expect(listTrash(workspace)).toEqual([]);
  });
});

describe('before anything is run', () => {
  test('a dataset is shown as it is: the digits by their published counts', async () => {
    const preview = previewDataset(await loadDataset({ kind: 'digits' }));
    // 1,797 digits in all: 178, 182, 177, 183, 181, 182, 181, 179, 174 and 180 of each (UCI).
    const counts = preview.trainCounts.map((count, i) => count + preview.testCounts[i]);
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    expect(preview.samples.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Math.max(...preview.samples[0].pixels)).toBeGreaterThan(200);
  });

  test('a plan is counted, and its time is that of measured steps and points', async () => {
    const study = checkStudy(SMALL_STUDY, 'small');
    const dataset = await loadDataset(study.dataset);
    const [plan] = describePlan(study, dataset);
    const built = openSnapshot(folder).runs[0].result!;
    expect(plan.parameters).toBe(built.parameters);
    // A line of 7, two planes of 5×3, a path of 5×5, a line of 9.
    expect(plan.points).toBe(7 + 2 * 15 + 25 + 9);
    const measured = measureVariant(study, 'skip', dataset, backend);
    // After each of its two epochs all 1,797 images pass through it; a point is one of 32 images.
    const passes = (2 * 1797) / 32;
    // Three rates are tried for an epoch of 1,437 images in batches of 256, then 2 × 6 steps.
    const steps = (3 * 1437) / 256 + 12;
    // Losses and gradients, three times as dear, at 5 checkpoints, batch norm in both ways.
    const along = 5 * 2 * (1 + 3);
    expect(measured.total).toBeCloseTo(
      steps * measured.step + (plan.points + passes + along) * measured.point,
      9,
    );
    expect(measured.least).toBe(measured.total);
    expect(measured.step).toBeGreaterThan(0);
  });

  test('training until a loss takes between its first schedule and all of them', async () => {
    const until = { loss: 0.1, epochs: [1, 2, 4] };
    const { recipe: own, ...base } = SMALL_STUDY.base;
    const recipe = { ...own, learningRate: 0.1, until };
    const study = checkStudy({ ...SMALL_STUDY, base: { ...base, recipe } }, 'small');
    const dataset = await loadDataset(study.dataset);
    const [plan] = describePlan(study, dataset);
    expect([plan.fewestSteps, plan.steps]).toEqual([6, 42]);
    const { step, point, least, total } = measureVariant(study, 'skip', dataset, backend);
    // 36 more steps and 6 looks at all images; the last training, of 24, has 6 more checkpoints.
    const more = 6 * 2 * (1 + 3) + (6 * 1797) / 32;
    expect(total - least).toBeCloseTo(36 * step + more * point, 9);
  });
});
