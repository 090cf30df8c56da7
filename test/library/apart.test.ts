/** Listing beside other work: who is answered when, and what happens where no thread can be had. */

import { mkdtempSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildHandlers } from '../../main/engine/handlers';
import { openLibrary } from '../../main/engine/library/apart';
import { listAllItems, listStudies } from '../../main/engine/library/list';
import { discard, listTrash } from '../../main/engine/library/trash';
import type { Backend } from '../../main/engine/backend/start';
import { packageRoot } from '../../main/native/places';
import { usersOwn } from '../../main/native/paths';
import { writeStudies } from '../support/many-studies';

const STUDIES = 30;
const workspace = usersOwn(realpathSync(mkdtempSync(join(tmpdir(), 'isocurve-workspace-'))));
const nowhere = join(workspace, 'no-thread.js');

beforeAll(() => {
  process.env['ISOCURVE_CACHE'] = mkdtempSync(join(tmpdir(), 'isocurve-cache-'));
  writeStudies(workspace, STUDIES);
});

/** Lets everything else have its turn until `work` has ended; gives the number of turns. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let [ended, turns] = [false, 0];
  const end = work.finally(() => (ended = true));
  for (; !ended; turns++) await new Promise((resolve) => setImmediate(resolve));
  await end;
  return turns;
}

test('while a workspace is listed, whoever asks for something else is answered first', async () => {
  const backend = { info: { tier: 'test' } } as unknown as Backend;
  const { handlers } = buildHandlers(backend, () => undefined);
  const order: string[] = [];
  const asked = {
    'library/list': handlers['library/list']({ workspace }),
    'job/list': handlers['job/list']({}),
    'engine/info': handlers['engine/info']({}),
    'study/open': handlers['study/open']({ folder: usersOwn(join(workspace, 'study-0003')) }),
  };
  const all = Object.entries(asked).map(async ([name, answer]) => {
    await answer;
    order.push(name);
  });
  await Promise.all(all);
  expect(order).toEqual(['job/list', 'engine/info', 'study/open', 'library/list']);
  expect(await asked['library/list']).toEqual(listStudies(workspace));
});

describe.each([
  ['in a thread', undefined],
  ['where no thread can be had', nowhere],
])('%s', (_where, entry) => {
  test('the lists are those of the disk', async () => {
    const library = openLibrary(entry);
    expect(await library['library/list']({ workspace })).toEqual(listStudies(workspace));
    expect(await library['library/items']({ workspace })).toEqual(listAllItems(workspace));
    expect(await library['trash/list']({ workspace })).toEqual(listTrash(workspace));
  });

  test('who asks for lists at the same time gets one of two, and nobody an older one', async () => {
    const library = openLibrary(entry);
    const first = library['library/list']({ workspace });
    const { id } = discard(workspace, join(workspace, 'study-0005'));
    const others = [1, 2, 3].map(() => library['library/list']({ workspace }));
    expect(new Set(others).size).toBe(1);
    expect(await others[0]).toHaveLength(STUDIES - 1);
    await first;
    renameSync(join(workspace, '.trash', id, 'content'), join(workspace, 'study-0005'));
    expect(await library['library/list']({ workspace })).toHaveLength(STUDIES);
  });
});

test('where no thread can be had, others get their turn after every slice', async () => {
  const library = openLibrary(nowhere, 0);
  // The first call finds out that there is no thread.
  await library['trash/list']({ workspace });
  const turns = await turnsDuring(library['library/list']({ workspace }));
  expect(turns).toBeGreaterThan(STUDIES);
});

test('a thread that breaks off says so once, and the next list is made by another', async () => {
  const program = join(mkdtempSync(join(tmpdir(), 'isocurve-thread-')), 'thread.mjs');
  writeFileSync(
    program,
    `import { parentPort } from 'node:worker_threads';
     parentPort.postMessage({ kind: 'ready' });
     parentPort.on('message', ({ id, args }) => {
       if (args.workspace.endsWith('break')) throw new Error('out of memory');
       parentPort.postMessage({ kind: 'result', id, value: [] });
     });`,
  );
  const library = openLibrary(program);
  const broken = library['library/list']({ workspace: usersOwn('/break') });
  await expect(broken).rejects.toThrow(/could not be listed.*out of memory.*list it again/);
  expect(await library['library/list']({ workspace })).toEqual([]);
});

test("the library's thread is free of tensors: a second TensorFlow.js in a process fails", () => {
  const program = readFileSync(join(packageRoot(), 'dist', 'library.js'), 'utf8');
  expect(program).toContain('library/list');
  expect(program).not.toMatch(/from "(@tensorflow|h5wasm)/);
});
