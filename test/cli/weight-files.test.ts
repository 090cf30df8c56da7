/** Which files of weights a command line names: by pattern, by folder, one by one. */

import { copyFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { namesOf, weightFiles } from '../../main/cli/weight-files';

const scratch = mkdtempSync(join(tmpdir(), 'isocurve-weight-files-'));
const NAMES = ['epoch_1.pt', 'epoch_2.pt', 'epoch_10.pt'];
const at = (...parts: string[]) => join(scratch, ...parts);

beforeAll(() => {
  for (const run of ['seed1', 'seed2']) {
    mkdirSync(at(run));
    for (const name of NAMES) copyFileSync('test/oracle/foreign/resnet8.pth', at(run, name));
  }
  mkdirSync(at('empty'));
});

test('a folder is its files of weights, as people count', async () => {
  expect(await weightFiles([at('seed1')])).toEqual(NAMES.map((name) => at('seed1', name)));
});

test('a pattern that no shell has replaced is the files that it stands for', async () => {
  expect(await weightFiles([at('seed1', 'epoch_?.pt')])).toEqual(
    NAMES.slice(0, 2).map((name) => at('seed1', name)),
  );
  await expect(weightFiles([at('seed1', 'step_*.pt')])).rejects.toThrow(
    /no file is named like .*step_\*\.pt/,
  );
});

test('a folder without weights, and a file that is not there, are refused', async () => {
  await expect(weightFiles([at('empty')])).rejects.toThrow(/holds no dataset and no network/);
  await expect(weightFiles([at('none.pt')])).rejects.toThrow(/cannot read .*none\.pt/);
});

test('files of one folder are called by their names, those of several by their folders too', () => {
  const one = NAMES.map((name) => at('seed1', name));
  expect(namesOf(one)).toEqual(NAMES);
  expect(namesOf([one[0], at('seed2', NAMES[0])])).toEqual([
    'seed1/epoch_1.pt',
    'seed2/epoch_1.pt',
  ]);
});
