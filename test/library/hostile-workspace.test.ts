/**
 * A workspace, a study or a folder of weights that somebody else made: whatever it names and links
 * to, nothing outside of it is read, moved or written, and nothing in it holds the engine up.
 */

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildHandlers } from '../../main/engine/handlers';
import { usersOwn } from '../../main/native/paths';
import type { CallName, JobStatus } from '../../shared/contract';
import type { Handlers } from '../../shared/rpc';
import { startForTest } from '../support/backend';
import { inspectFile, takeWeights } from '../support/reader';

const isWindows = process.platform === 'win32';
/** Windows gives links to files to administrators only, and has neither pipes nor /dev. */
const onUnix = describe.skipIf(isWindows);
const SECRET = 'zxquvkw';
const SURFACE = 'a-s1.plane-d1';

let handlers: Handlers<CallName>;
const ended: JobStatus[] = [];
let root: string;
let workspace: ReturnType<typeof usersOwn>;
let outside: string;
let folder: ReturnType<typeof usersOwn>;

beforeAll(async () => {
  const tell = (name: string, data: unknown) => {
    const status = data as JobStatus;
    if (name === 'job/changed' && status.state !== 'running') ended.push(status);
  };
  ({ handlers } = buildHandlers(await startForTest(), tell as never));
});

const study = (more: object = {}) => ({
  name: 'theirs',
  question: 'q',
  base: { model: { depth: 8, width: 2 }, recipe: { epochs: 0, learningRate: 0.1 } },
  variants: [{ name: 'a' }],
  ...more,
});

const write = (path: string, content: unknown) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
};

const head = (points: number) => {
  const axis = Array.from({ length: points }, (_, i) => i);
  return {
    id: SURFACE,
    run: 'a-s1',
    variant: 'a',
    seed: 1,
    scan: 's',
    kind: 'random',
    x: axis,
    y: axis,
  };
};

/** A study with a surface of four cells, as far as it is read. */
function plant(at: string, note: string): void {
  write(join(at, 'study.json'), study({ question: note }));
  write(join(at, 'annotations.json'), { note, tags: [] });
  write(join(at, 'manifest.json'), { sittings: [], dataset: { hash: note } });
  write(join(at, 'results.json'), { runs: [], surfaces: [], claims: [], complete: true });
  write(join(at, 'runs', 'a-s1', 'manifest.json'), { id: 'a-s1', note });
  write(join(at, 'runs', 'a-s1', 'metrics.jsonl'), '{"step":0,"loss":1}\n');
  write(join(at, 'runs', 'a-s1', 'epochs.jsonl'), '');
  write(join(at, 'runs', 'a-s1', 'path.json'), { steps: [], x: [], y: [], explained: [] });
  const place = join(at, 'surfaces', SURFACE);
  write(join(place, 'head.json'), head(2));
  write(join(place, 'manifest.json'), { ...head(2), note });
  write(join(place, 'journal.bin'), 'isocurve journal 1\nx\n');
  write(join(place, 'surface.csv'), note);
  write(join(place, 'surface.h5'), note);
}

/** The names and contents of everything below a folder. */
const treeOf = (at: string): [string, string][] =>
  readdirSync(at, { withFileTypes: true, recursive: true })
    .map((entry): [string, string] => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? readFileSync(path, 'latin1') : ''];
    })
    .sort();

let before: [string, string][];
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'isocurve-theirs-')));
  workspace = usersOwn(join(root, 'workspace'));
  outside = join(root, 'outside');
  folder = usersOwn(join(workspace, 'theirs'));
  plant(folder, 'ours');
  plant(join(outside, 'study'), SECRET);
  write(join(outside, 'holder', 'trashed.json'), { from: join(workspace, 'x'), deleted: 'then' });
  write(join(outside, 'holder', 'content', 'file'), SECRET);
  before = treeOf(outside);
});

const isUntouched = () => expect(treeOf(outside)).toEqual(before);

/** Links a folder; junctions are what Windows lets everybody make. */
const link = (target: string, path: string) => {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, 'junction');
};

describe('what is brought back from the trash', () => {
  const trash = (from: string) => {
    write(join(workspace, '.trash', 'x', 'trashed.json'), { from, deleted: 'then' });
    write(join(workspace, '.trash', 'x', 'content', 'file'), 'planted');
    return handlers['trash/restore']({ workspace, id: 'x' });
  };

  test('comes back to the whole path that an older note names, in the workspace', async () => {
    const from = join(workspace, 'gone', 'surfaces', 's');
    expect(await trash(from)).toEqual({ folder: from });
    expect(readFileSync(join(from, 'file'), 'utf8')).toBe('planted');
    expect(await handlers['trash/list']({ workspace })).toEqual([]);
  });

  test.each([
    ['outside', () => join(outside, 'planted')],
    ['over the edge', () => join(workspace, '..', 'outside', 'planted')],
    ['through a link', () => join(workspace, 'link', 'planted')],
    ['in place of the workspace', () => workspace],
  ])('comes back to no place %s', async (_where, from) => {
    link(outside, join(workspace, 'link'));
    await expect(trash(from())).rejects.toThrow(/does not lie in the workspace/);
    isUntouched();
    expect(existsSync(join(workspace, '.trash', 'x', 'content', 'file'))).toBe(true);
  });

  test('is nothing that lies outside', async () => {
    mkdirSync(join(workspace, '.trash'));
    link(join(outside, 'holder'), join(workspace, '.trash', 'x'));
    await expect(handlers['trash/restore']({ workspace, id: 'x' })).rejects.toThrow(/is a link/);
    isUntouched();
    expect(existsSync(join(workspace, 'x'))).toBe(false);
    expect(await handlers['trash/list']({ workspace })).toEqual([]);
  });
});

describe('what is removed', () => {
  test('is no part of a study whose parts are linked', async () => {
    link(join(outside, 'study', 'runs'), join(folder, 'runs'));
    const args = { folder, workspace, kind: 'runs', id: 'a-s1' } as const;
    await expect(handlers['item/remove'](args)).rejects.toThrow(/runs is not read: it is a link/);
    await expect(handlers['study/items']({ folder })).rejects.toThrow(/it is a link/);
    expect(await handlers['library/items']({ workspace })).toEqual([]);
    isUntouched();
  });

  test('is a study with linked parts as a whole, and what it links to stays', async () => {
    link(join(outside, 'study', 'runs'), join(folder, 'runs'));
    const { id } = await handlers['study/remove']({ folder, workspace });
    expect(existsSync(folder)).toBe(false);
    await handlers['trash/restore']({ workspace, id });
    expect(existsSync(join(folder, 'study.json'))).toBe(true);
    await handlers['study/remove']({ folder, workspace });
    await handlers['trash/empty']({ workspace });
    isUntouched();
  });

  test('is no study outside of the workspace', async () => {
    const away = usersOwn(join(outside, 'study'));
    const refusal = /does not lie in the workspace/;
    await expect(handlers['study/remove']({ folder: away, workspace })).rejects.toThrow(refusal);
    const part = { folder: away, workspace, kind: 'runs', id: 'a-s1' } as const;
    await expect(handlers['item/remove'](part)).rejects.toThrow(refusal);
    expect(treeOf(outside).filter(([path]) => !path.endsWith('.lock'))).toEqual(before);
  });

  test('moves into no trash that is a link', async () => {
    link(join(outside, 'holder'), join(workspace, '.trash'));
    const refusal = /\.trash is not read: it is a link/;
    await expect(handlers['study/remove']({ folder, workspace })).rejects.toThrow(refusal);
    await expect(handlers['trash/list']({ workspace })).rejects.toThrow(refusal);
    await expect(handlers['trash/empty']({ workspace })).rejects.toThrow(refusal);
    expect(existsSync(join(folder, 'study.json'))).toBe(true);
    isUntouched();
  });
});

describe('a study that is a link', () => {
  const rows = () => handlers['library/list']({ workspace });

  test('out of the workspace is a damaged row that tells nothing of it', async () => {
    link(join(outside, 'study'), join(workspace, 'linked'));
    const row = (await rows()).find(({ name }) => name === 'linked')!;
    expect(row).toMatchObject({ state: 'damaged', folder: join(workspace, 'linked') });
    expect(row.fault).toMatch(/is a link out of the workspace/);
    expect(JSON.stringify(await rows())).not.toContain(SECRET);
    const items = await handlers['library/items']({ workspace });
    expect(items.every((item) => item.folder === folder)).toBe(true);
  });

  test('within the workspace is the study that it leads to, once', async () => {
    link(folder, join(workspace, 'linked'));
    expect((await rows()).map((row) => row.folder)).toEqual([folder]);
  });

  test('into a folder that the server was started with is that study', async () => {
    const place = join(outside, 'study');
    link(place, join(workspace, 'linked'));
    process.env['ISOCURVE_OPENED'] = JSON.stringify([outside]);
    try {
      expect((await rows()).map((row) => row.folder).sort()).toEqual([place, folder].sort());
    } finally {
      delete process.env['ISOCURVE_OPENED'];
    }
  });
});

const jobEnds = async (job: string): Promise<JobStatus> => {
  const last = () => ended.find((status) => status.job === job);
  await expect.poll(last, { timeout: 120_000 }).toBeDefined();
  return last()!;
};

describe('a study on disk that names files', () => {
  const along = (path: string) => ({
    scans: [{ name: 'along', directions: { kind: 'file', path }, subset: 8, x: { points: 2 } }],
  });

  test.each([
    ['file of weights', (path: string) => ({ variants: [{ name: 'b', weights: { file: path } }] })],
    ['surface', (path: string) => ({ variants: [{ name: 'b', surface: { file: path } }] })],
    ['file of directions', along],
  ])('is not gone on with when its %s was never added', async (_what, more) => {
    const canary = join(outside, 'canary.safetensors');
    copyFileSync('test/oracle/foreign/resnet8.safetensors', canary);
    for (const path of isWindows ? [canary] : [canary, '/dev/zero']) {
      rmSync(folder, { recursive: true });
      write(join(folder, 'study.json'), study(more(path)));
      const { job } = await handlers['study/resume']({ folder });
      const { state, fault } = await jobEnds(job);
      expect(state).toBe('failed');
      expect(fault!.message).toMatch(/which was never added to Isocurve; add the file again/);
    }
  });

  test('is not worked on where that would write through a link', async () => {
    for (const part of ['runs', 'checkpoints', 'surfaces', 'directions']) {
      rmSync(folder, { recursive: true });
      plant(folder, 'ours');
      link(join(outside, 'study', 'runs'), join(folder, part));
      await expect(handlers['study/resume']({ folder })).rejects.toThrow(/it is a link/);
      const more = { ...study(), seeds: [1, 2] };
      await expect(handlers['study/extend']({ folder, study: more })).rejects.toThrow(/is a link/);
    }
    isUntouched();
  });
});

onUnix('a file of a study', () => {
  const odd: [what: string, make: (path: string) => void][] = [
    ['a link out', (path) => symlinkSync(join(outside, 'study', path.slice(folder.length)), path)],
    ['a link to what has no end', (path) => symlinkSync('/dev/zero', path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
    [
      'larger than any such file',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 2 ** 33);
      },
    ],
  ];
  const files = [
    'study.json',
    'annotations.json',
    'manifest.json',
    'results.json',
    'runs/a-s1/manifest.json',
    'runs/a-s1/metrics.jsonl',
    'runs/a-s1/epochs.jsonl',
    'runs/a-s1/path.json',
    `surfaces/${SURFACE}/head.json`,
    `surfaces/${SURFACE}/manifest.json`,
    `surfaces/${SURFACE}/journal.bin`,
  ];

  describe.each(odd)('that is %s', (_what, make) => {
    test.each(files)('is not read as %s', async (name) => {
      const path = join(folder, name);
      rmSync(path);
      make(path);
      const opened = handlers['study/open']({ folder });
      // Nothing that was measured rests on the study's manifest: it is only looked at.
      const isShown = name === 'manifest.json';
      if (isShown) expect(JSON.stringify(await opened)).not.toContain(SECRET);
      else await expect(opened).rejects.toThrow(`${path} is not read: `);
      const rows = await handlers['library/list']({ workspace });
      expect(rows).toHaveLength(1);
      if (isShown) expect(rows[0].fault).toContain(`${path} is not read: `);
      else if (!name.includes('/')) expect(rows[0].state).toBe('damaged');
      expect(JSON.stringify(rows)).not.toContain(SECRET);
    });

    test('is no note of the trash', async () => {
      const path = join(workspace, '.trash', 'x', 'trashed.json');
      mkdirSync(join(dirname(path), 'content'), { recursive: true });
      if (_what === 'a link out') symlinkSync(join(outside, 'holder', 'trashed.json'), path);
      else make(path);
      expect(await handlers['trash/list']({ workspace })).toEqual([]);
      await expect(handlers['trash/restore']({ workspace, id: 'x' })).rejects.toThrow(
        'is not read: ',
      );
    });

    test('is no lock that keeps anybody waiting', async () => {
      make(join(folder, '.lock'));
      if (_what === 'a folder' || _what.startsWith('larger')) return;
      const refusal = '.lock is not read: ';
      await expect(handlers['study/resume']({ folder })).rejects.toThrow(refusal);
      await expect(handlers['study/remove']({ folder, workspace })).rejects.toThrow(refusal);
      isUntouched();
    });

    test.each(['csv', 'h5'])('is not exported as %s', async (format) => {
      const path = join(folder, 'surfaces', SURFACE, `surface.${format}`);
      rmSync(path);
      make(path);
      const request = { folder, kind: 'surfaces', id: SURFACE, format } as const;
      await expect(handlers['item/export'](request)).rejects.toThrow(`${path} is not read: `);
    });
  });
});

test('a surface that claims more cells than a scan may have is not made room for', async () => {
  write(join(folder, 'surfaces', SURFACE, 'head.json'), head(30_000));
  const refusal = /claims 900000000 cells, and no surface has more than 16008001/;
  await expect(handlers['study/open']({ folder })).rejects.toThrow(refusal);
  const [row] = await handlers['library/list']({ workspace });
  expect(row).toMatchObject({ state: 'damaged', fault: expect.stringMatching(refusal) });
});

onUnix('a file beside another that names it', () => {
  const from = 'test/oracle/foreign';
  let model: string;
  beforeEach(() => {
    model = join(root, 'model');
    mkdirSync(model);
    copyFileSync(join(from, 'shards.json'), join(model, 'model.safetensors.index.json'));
    copyFileSync(join(from, 'shard-1.safetensors'), join(model, 'shard-1.safetensors'));
    copyFileSync(join(from, 'shard-2.safetensors'), join(outside, 'elsewhere.safetensors'));
  });

  test('is not read where it is a link out of their folder, named alone or with it', async () => {
    symlinkSync(join(outside, 'elsewhere.safetensors'), join(model, 'shard-2.safetensors'));
    const refusal = /"shard-2.safetensors" beside it is a link out of its folder/;
    const index = join(model, 'model.safetensors.index.json');
    await expect(takeWeights(index)).rejects.toThrow(refusal);
    await expect(takeWeights(model)).rejects.toThrow(refusal);
  });

  test('is read where its link stays in their folder', async () => {
    copyFileSync(join(from, 'shard-2.safetensors'), join(model, 'really.safetensors'));
    symlinkSync('really.safetensors', join(model, 'middle'));
    symlinkSync('middle', join(model, 'shard-2.safetensors'));
    const { tensors } = await inspectFile(join(model, 'model.safetensors.index.json'));
    expect(tensors.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('does not speak for a folder that it is linked into', async () => {
    rmSync(model, { recursive: true });
    mkdirSync(model);
    copyFileSync(join(from, 'shards.json'), join(outside, 'model.safetensors.index.json'));
    const index = join(outside, 'model.safetensors.index.json');
    symlinkSync(index, join(model, 'model.safetensors.index.json'));
    await expect(inspectFile(model)).rejects.toThrow(/holds no dataset and no network/);
  });
});
