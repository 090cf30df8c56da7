/** What a guard makes of a place that a window names: where it really is, or a refusal. */

import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { loadFigureSources } from '../../main/engine/study/figure-sources';
import { openSnapshot } from '../../main/engine/study/snapshot';
import { guardCall, guardPlace, type Reach } from '../../main/host/guard';
import { inspectFile } from '../../main/host/reader';
import type { Supervisor } from '../../main/host/supervisor';
import type { Handlers } from '../../shared/rpc';
import { mapPlaces, placeFor, type NamedPath } from '../../shared/spec/place';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'isocurve-guard-')));
const at = (...parts: string[]) => join(root, ...parts);
for (const folder of ['disk/study', 'data/study', 'home/study']) {
  mkdirSync(at(folder), { recursive: true });
}
writeFileSync(at('data', 'weights'), '');
symlinkSync(at('disk'), at('workspace'), 'junction');
symlinkSync(at('data', 'study'), at('disk', 'opened'), 'junction');
symlinkSync(at('home', 'study'), at('disk', 'away'), 'junction');

const reach: Reach = { workspace: at('workspace'), roots: [at('data')] };

test('a workspace may be a link: its places are where they really are', () => {
  const studies = ['study', at('workspace', 'study'), at('disk', 'study'), './new/../study'];
  for (const path of studies) {
    expect(guardPlace(reach, 'studyFolder', path)).toBe(at('disk', 'study'));
  }
  expect(guardPlace(reach, 'workspace', '.')).toBe(at('disk'));
  expect(guardPlace(reach, 'studyFolder', 'new/deep')).toBe(at('disk', 'new', 'deep'));
});

test('a study may be linked into a folder that was opened, and into no other', () => {
  expect(guardPlace(reach, 'studyFolder', 'opened')).toBe(at('data', 'study'));
  expect(() => guardPlace(reach, 'studyFolder', 'away')).toThrow(/must lie in the workspace/);
  const closed = { ...reach, roots: null };
  expect(() => guardPlace(closed, 'studyFolder', 'opened')).toThrow(/must lie in the workspace/);
  expect(() => guardPlace(reach, 'workspace', at('data'))).toThrow(/must lie in the workspace/);
});

test('a window that may read everything names a file as it is called', () => {
  const open = { ...reach, roots: null };
  expect(guardPlace(open, 'readableFile', at('workspace', 'away'))).toBe(at('workspace', 'away'));
});

test('places are found by what a call says of them, in all that it is given', () => {
  const study = {
    variants: [{ weights: { file: 'opened' } }, { surface: { file: 'w' }, weights: 7 }, null],
    scans: [{ directions: { path: '../data/weights' } }],
    file: 'no place',
  };
  const args = { workspace: '.' as NamedPath<'workspace'>, study };
  expect(guardCall(reach, 'study/create', args)).toEqual({
    workspace: at('disk'),
    study: {
      variants: [
        { weights: { file: at('data', 'study') } },
        { surface: { file: at('disk', 'w') }, weights: 7 },
        null,
      ],
      scans: [{ directions: { path: at('data', 'weights') } }],
      file: 'no place',
    },
  });
});

test('a schema that is not looked into is none that may hold places', () => {
  const pair = v.tuple([v.pipe(v.string(), placeFor('readableFile'))]);
  expect(() => mapPlaces(pair, ['x'], () => '')).toThrow(/kind 'tuple'/);
});

/** Never called: that each line is refused is what the compiler checks. */
export function unguarded(named: NamedPath<'studyFolder'>, supervisor: Supervisor): void {
  // @ts-expect-error a path that nobody looked at opens no study
  openSnapshot(named);
  // @ts-expect-error nor does a text
  loadFigureSources('folder');
  // @ts-expect-error nor does a reader read it
  void inspectFile(named);
  // @ts-expect-error nor does an engine hear of it
  void supervisor.call('study/open', { folder: named });
  const handlers: Pick<Handlers<'study/results'>, 'study/results'> = {
    // @ts-expect-error nor does a handler take it
    'study/results': async ({ folder }: { folder: NamedPath<'studyFolder'> }) => folder as never,
  };
  void handlers;
}
