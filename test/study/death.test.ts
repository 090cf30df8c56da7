/**
 * What a process that died at an awkward moment leaves behind, and what the next one makes of it.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Backend } from '../../main/engine/backend/start';
import { loadDataset } from '../../main/engine/dataset/load';
import { checkpointSteps, loadCheckpoint } from '../../main/engine/checkpoint/checkpoint';
import { buildModel } from '../../main/engine/model/build';
import { livePathFile, PathPreview } from '../../main/engine/study/live-path';
import { layout, lockStudy, openStudy } from '../../main/engine/workspace';
import { checkStudy } from '../../shared/spec/study';
import { startForTest } from '../support/backend';
import { differences, freshFolder, runSmall, SMALL_STUDY } from '../support/small-study';

let backend: Backend;
const whole = freshFolder();
const study = checkStudy(SMALL_STUDY, 'small study');

/** The number of a process that has ended. */
const deadProcess = (): number => spawnSync(process.execPath, ['--version']).pid;

beforeAll(async () => {
  backend = await startForTest();
  await runSmall(whole, backend);
});

test('drafts of dead processes are swept when the study is taken up; those of living ones stay', async () => {
  const folder = freshFolder();
  cpSync(whole, folder, { recursive: true });
  const dead = join(folder, `surfaces/skip-s1.path/surface.csv.${deadProcess()}.tmp`);
  const alive = join(folder, `notes.json.${process.pid}.tmp`);
  for (const path of [dead, alive]) writeFileSync(path, 'half');
  (await lockStudy(folder)).release();
  expect([existsSync(dead), existsSync(alive)]).toEqual([false, true]);
});

test('a study whose first file was never finished can be begun again', () => {
  const folder = freshFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `study.json.${deadProcess()}.tmp`), '{');
  openStudy(folder, study);
  expect(existsSync(join(folder, 'study.json'))).toBe(true);
});

test('a state to resume from that outlived its run is deleted', async () => {
  const folder = freshFolder();
  cpSync(whole, folder, { recursive: true });
  writeFileSync(join(layout(folder).run('skip-s1'), 'resume.safetensors'), 'outdated');
  await runSmall(folder, backend);
  expect(differences(folder, whole)).toEqual([]);
});

test('the path of a run that went on at any of its checkpoints is that of one never stopped', async () => {
  const checkpoints = layout(whole).checkpoints('skip-s1');
  const model = buildModel(study.variants[0].model, await loadDataset(study.dataset));
  const steps = checkpointSteps(checkpoints);
  const known = readFileSync(livePathFile(layout(whole).run('skip-s1')), 'utf8');
  for (const stopped of steps) {
    const folder = freshFolder();
    const preview = new PathPreview(model, folder, checkpoints, stopped);
    const rest = steps.filter((step) => step > stopped || stopped === 0);
    for (const step of rest) preview.add(loadCheckpoint(checkpoints, step, model));
    expect(preview.draw(true)!.steps).toEqual(steps);
    expect(readFileSync(livePathFile(folder), 'utf8')).toBe(known);
    expect(preview.draw(true)).toBeNull();
  }
});
