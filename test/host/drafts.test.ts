/** Which half-written files are swept, and which are left alone. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mendSettings, SettingsFile } from '../../main/host/settings-file';
import { draftOf, draftTag, isDraft, replaceFile, sweepDrafts } from '../../main/native/drafts';
import { runInChild } from '../support/in-child';

const scratch = () => mkdtempSync(join(tmpdir(), 'isocurve-drafts-'));
const deadNumber = (): number => spawnSync(process.execPath, ['--version']).pid;

/** The name that a process gave its draft of `path`, which has ended since. */
const draftOfDead = (path: string): Promise<string> =>
  runInChild(`
    import { draftOf } from './main/native/drafts';
    console.log(JSON.stringify(draftOf(${JSON.stringify(path)})));
  `);

test('what is written again takes what a killed process left of that file with it', async () => {
  const folder = scratch();
  const path = join(folder, 'surfaces.svg');
  const dead = await draftOfDead(path);
  const older = `${path}.${deadNumber()}.tmp`;
  const alive = draftOf(path, draftTag(process.ppid));
  const foreign = join(folder, `cache.${deadNumber()}.tmp`);
  for (const draft of [dead, older, alive, foreign]) writeFileSync(draft, 'half');
  replaceFile(path, 'whole');
  expect(readFileSync(path, 'utf8')).toBe('whole');
  expect([dead, older, alive, foreign].map((draft) => existsSync(draft))).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('settings leave nothing half-written behind', async () => {
  const folder = scratch();
  const path = join(folder, 'settings.json');
  writeFileSync(await draftOfDead(path), '{');
  new SettingsFile(path).write(mendSettings({}));
  expect(readdirSync(folder)).toEqual(['settings.json']);
});

test('a half-written binding of libtensorflow is swept, also that of an earlier version', async () => {
  const folder = scratch();
  const binding = join(folder, 'tfjs_binding.node');
  const left = [await draftOfDead(binding), join(folder, `binding.${deadNumber()}.node`)];
  for (const path of [binding, ...left]) writeFileSync(path, '');
  sweepDrafts(folder);
  expect(readdirSync(folder)).toEqual(['tfjs_binding.node']);
});

test('a draft is known by its name, and nothing else is taken for one', () => {
  expect(isDraft(draftOf('study.json'))).toBe(true);
  expect(isDraft('study.json.4711.tmp')).toBe(true);
  for (const name of ['study.json', 'notes.tmp', 'a.4711.tmp.txt', 'step-000012.safetensors']) {
    expect(isDraft(name)).toBe(false);
  }
});
