/** What a study names by hand reaches the engine as copies only. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { usersOwn } from '../../main/native/paths';
import { importsFolder } from '../../main/native/places';
import { withTakenFiles } from '../../main/host/taken-files';
import { checkStudy } from '../../shared/spec/study';

const study = (weights: string, surface: string, directions: string) =>
  checkStudy(
    {
      name: 'by-hand',
      question: 'q',
      variants: [
        { name: 'theirs', model: { depth: 8, width: 2 }, weights: { file: weights } },
        { name: 'elsewhere', surface: { file: surface, source: 'what they measured' } },
        { name: 'ours' },
      ],
      scans: [
        { name: 'plane', directions: { kind: 'file', path: directions } },
        { name: 'line', directions: { kind: 'random', axes: 1 } },
      ],
    },
    'study',
  ).file;

const FILES = [
  'test/oracle/foreign/resnet8.pth',
  'test/oracle/surfaces/loss-landscape.h5',
  'test/oracle/foreign/directions.h5',
] as const;

test('weights, surfaces and directions become copies, once', async () => {
  const given = study(...FILES);
  const taken = await withTakenFiles(given, usersOwn);
  expect(taken.variants).toMatchObject([
    { weights: { source: 'resnet8.pth' } },
    { surface: { source: 'what they measured' } },
    { name: 'ours' },
  ]);
  expect(taken.scans[0].directions).toMatchObject({ source: 'directions.h5' });
  const copies = [taken.variants[0].weights?.file, taken.variants[1].surface?.file];
  for (const path of [...copies, (taken.scans[0].directions as { path: string }).path]) {
    expect(path).toContain(importsFolder());
    expect(readFileSync(path!).length).toBeGreaterThan(0);
  }
  expect(await withTakenFiles(taken, usersOwn)).toEqual(taken);
  expect(given).toEqual(study(...FILES));
});

test('what cannot be read stops the study with its sentence', async () => {
  const [weights, surface] = FILES;
  await expect(withTakenFiles(study(weights, surface, weights), usersOwn)).rejects.toThrow(
    /resnet8.pth holds no directions: PyTorch archive/,
  );
});
