/** The library's memory: what is not read again, and what it must notice. */

import { execFileSync } from 'node:child_process';
import fs, {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeAnnotations } from '../../main/engine/library/annotations';
import { listItems } from '../../main/engine/library/items';
import { finish, Library, listAllItems, listStudies } from '../../main/engine/library/list';
import { discard, restore } from '../../main/engine/library/trash';
import { openJournal } from '../../main/engine/surface/journal';
import { usersOwn } from '../../main/native/paths';
import { writeStudies, writeStudy } from '../support/many-studies';

/** So late that everything changed long ago. */
const later = () => Date.now() + 3_600_000;

let workspace: ReturnType<typeof usersOwn>;
let folder: ReturnType<typeof usersOwn>;
let kept: string;

/** Waits until the file system gives a new change another time than all before. */
function tick(): void {
  const probe = join(mkdtempSync(join(tmpdir(), 'isocurve-tick-')), 'probe');
  writeFileSync(probe, '');
  const first = statSync(probe, { bigint: true }).ctimeNs;
  while (statSync(probe, { bigint: true }).ctimeNs === first) writeFileSync(probe, '');
}

/** The files of the workspace that are opened while `work` is done. */
function readsOf(work: () => void): string[] {
  const { readFileSync: read, openSync: open } = fs;
  const paths: string[] = [];
  fs.readFileSync = ((...args: Parameters<typeof read>) => {
    paths.push(String(args[0]));
    return read(...args);
  }) as typeof read;
  fs.openSync = (...args) => {
    paths.push(String(args[0]));
    return open(...args);
  };
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    fs.readFileSync = read;
    fs.openSync = open;
    syncBuiltinESMExports();
  }
  return paths.filter((path) => path.startsWith(workspace));
}

beforeEach(() => {
  workspace = usersOwn(fs.realpathSync(mkdtempSync(join(tmpdir(), 'isocurve-workspace-'))));
  kept = mkdtempSync(join(tmpdir(), 'isocurve-kept-'));
  writeStudies(workspace, 3);
  folder = usersOwn(join(workspace, 'study-0001'));
  // A run and a surface that have not come to their ends.
  rmSync(join(folder, 'runs', 'skip-s1', 'manifest.json'));
  rmSync(join(folder, 'surfaces', 'skip-s1.plane-d1', 'manifest.json'));
  tick();
});

test('what was listed is not read again while nothing changes', () => {
  const library = new Library(null, later);
  const rows = finish(library.list(workspace));
  expect(rows.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  expect(readsOf(() => expect(finish(library.list(workspace))).toEqual(rows))).toEqual([]);
  const items = listAllItems(workspace);
  expect(items).toEqual(
    rows.flatMap((row) => listItems(row.folder).map((item) => ({ ...item, folder: row.folder }))),
  );
  expect(readsOf(() => expect(finish(library.items(workspace))).toEqual(items))).toEqual([]);
});

describe('noticed is', () => {
  const at = (...path: string[]) => join(folder, ...path);
  const plane = (name: string) => at('surfaces', 'skip-s1.plane-d1', name);

  test.each<[change: string, make: () => void]>([
    [
      'a word changed in place, with the old time put back',
      () => {
        const { atime, mtime } = statSync(at('study.json'));
        const text = readFileSync(at('study.json'), 'utf8');
        writeFileSync(at('study.json'), text.replace('smoother', 'bumpier.'));
        utimesSync(at('study.json'), atime, mtime);
      },
    ],
    ['a note', () => writeAnnotations(folder, { note: 'look', tags: [] })],
    ['a note in place', () => writeFileSync(at('annotations.json'), '{"note":"l","tags":["man"]}')],
    ['results that are gone', () => rmSync(at('results.json'))],
    ['results of one more sitting', () => appendFileSync(at('results.json'), '\n')],
    ['a journal that grows', () => appendFileSync(plane('journal.bin'), Buffer.alloc(32))],
    [
      'a cell measured anew in place',
      () => {
        const journal = openJournal(plane('journal.bin'), 'skip-s1.plane-d1');
        const { cells } = journal;
        journal.append([{ ...cells[0], loss: 7 }]);
        journal.close();
      },
    ],
    ['metrics that grow', () => appendFileSync(at('runs', 'skip-s1', 'metrics.jsonl'), 'x')],
    ['a surface that goes', () => discard(workspace, at('surfaces', 'plain-s1.plane-d1'))],
    ['a checkpoint that goes', () => rmSync(at('checkpoints/skip-s1/step-000010.safetensors'))],
    [
      'a figure that comes',
      () => {
        mkdirSync(at('figures'));
        writeFileSync(at('figures', 'one.svg'), '<svg/>');
      },
    ],
    [
      'another study in the same place',
      () => {
        const other = join(mkdtempSync(join(tmpdir(), 'isocurve-other-')), 'study');
        writeStudy(other, 'other');
        renameSync(folder, `${other}-old`);
        renameSync(other, folder);
      },
    ],
    ['a study that goes', () => discard(workspace, folder)],
    ['a study that comes', () => writeStudy(join(workspace, 'new'), 'new')],
    ['a study that breaks', () => writeFileSync(at('study.json'), '{')],
  ])('%s', (_change, make) => {
    const library = new Library(kept, later);
    const before = finish(library.list(workspace));
    library.save();
    make();
    const now = listStudies(workspace);
    expect(now).not.toEqual(before);
    expect(finish(library.list(workspace))).toEqual(now);
    expect(finish(library.items(workspace))).toEqual(listAllItems(workspace));
    // Also by the next start.
    expect(finish(new Library(kept, later).list(workspace))).toEqual(now);
  });

  test('what comes back from the trash', () => {
    const library = new Library(null, later);
    const before = finish(library.list(workspace));
    const surface = discard(workspace, at('surfaces', 'plain-s1.plane-d1'));
    expect(finish(library.list(workspace))).not.toEqual(before);
    restore(workspace, surface.id);
    expect(finish(library.list(workspace))).toEqual(before);
    const study = discard(workspace, folder);
    expect(finish(library.list(workspace))).toHaveLength(2);
    restore(workspace, study.id);
    expect(finish(library.list(workspace))).toEqual(before);
  });
});

test('what changed a moment ago is read again: a file system may give two changes one time', () => {
  const library = new Library(null, () => statSync(join(folder, 'study.json')).ctimeMs + 1);
  const rows = finish(library.list(workspace));
  const reads = readsOf(() => expect(finish(library.list(workspace))).toEqual(rows));
  expect(reads).toContain(join(folder, 'study.json'));
});

test('a study that goes on has only the surfaces read again that have changed', () => {
  const library = new Library(null, later);
  finish(library.list(workspace));
  writeAnnotations(folder, { note: 'on', tags: [] });
  const journal = join(folder, 'surfaces', 'skip-s1.plane-d1', 'journal.bin');
  appendFileSync(journal, Buffer.alloc(1));
  const reads = readsOf(() =>
    expect(finish(library.list(workspace))).toEqual(listStudies(workspace)),
  );
  const once = reads.filter((path) => path.endsWith('journal.bin'));
  // The memory reads the changed one; the list without memory reads the planes of three studies.
  expect(once).toHaveLength(1 + 6);
});

describe('what is kept for the next start', () => {
  const start = () => new Library(kept, later);
  const fileIn = () => join(kept, readdirSync(kept).filter((file) => file.endsWith('.json'))[0]);

  /** Lists and keeps; gives the rows. */
  function keep(): unknown {
    const library = start();
    const rows = finish(library.list(workspace));
    expect(library.hasNews).toBe(true);
    library.save();
    expect(library.hasNews).toBe(false);
    return rows;
  }

  test('spares it every file', () => {
    const rows = keep();
    const library = start();
    expect(readsOf(() => expect(finish(library.list(workspace))).toEqual(rows))).toEqual([]);
    expect(library.hasNews).toBe(false);
  });

  test.each<[damage: string, make: (text: string) => string]>([
    ['one letter off', (text) => text.replace('Do skip', 'Do ship')],
    ['cut short', (text) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['no cache', () => '{"format":1}\n[["study-0000",{}]]'],
    ['of another version', (text) => text.replace(/"version":"[^"]*"/, '"version":"0.0.0"')],
    ['of another form', (text) => text.replace('"format":', '"format":9')],
  ])('is nothing when it is %s', (_damage, make) => {
    const rows = keep();
    writeFileSync(fileIn(), make(readFileSync(fileIn(), 'utf8')));
    const library = start();
    const reads = readsOf(() => expect(finish(library.list(workspace))).toEqual(rows));
    expect(reads).toContain(join(folder, 'study.json'));
  });

  test('loses the studies that are gone', () => {
    keep();
    expect(readFileSync(fileIn(), 'utf8')).toContain('study-0001');
    rmSync(folder, { recursive: true });
    keep();
    expect(readFileSync(fileIn(), 'utf8')).not.toContain('study-0001');
  });

  test('is bounded: of many workspaces the latest are kept', () => {
    for (let i = 0; i < 20; i++) {
      writeFileSync(join(kept, `${i}.json`), '');
      utimesSync(join(kept, `${i}.json`), i, i);
    }
    keep();
    expect(readdirSync(kept)).toHaveLength(16);
    expect(readdirSync(kept)).not.toContain('0.json');
    const library = start();
    expect(readsOf(() => void finish(library.list(workspace)))).toEqual([]);
  });

  test('is done without where it cannot be written', () => {
    const library = new Library(join(folder, 'study.json', 'nowhere'), later);
    finish(library.list(workspace));
    library.save();
    expect(finish(library.list(workspace))).toEqual(listStudies(workspace));
  });
});

describe.skipIf(process.platform === 'win32')('what is no file is not opened', () => {
  const pipe = (path: string) => {
    rmSync(path, { force: true });
    execFileSync('mkfifo', [path]);
  };

  test.each(['study.json', 'results.json', 'surfaces/plain-s1.plane-d1/journal.bin'])(
    'a pipe as %s: the row says so, and the others are listed',
    (path) => {
      pipe(join(folder, path));
      const rows = listStudies(workspace);
      expect(rows.map(({ state }) => state).sort()).toEqual(['damaged', 'done', 'done']);
      expect(rows.find(({ state }) => state === 'damaged')!.fault).toContain('is not read');
    },
  );

  test('a link as annotations', () => {
    rmSync(join(folder, 'annotations.json'));
    symlinkSync('/dev/zero', join(folder, 'annotations.json'));
    expect(listStudies(workspace).find((row) => row.folder === folder)!.state).toBe('damaged');
  });

  test('a link to the folder of a study is that study, once', () => {
    symlinkSync(folder, join(workspace, 'linked'));
    const library = new Library(null, later);
    const rows = finish(library.list(workspace));
    expect(rows.map((row) => row.folder)).toContain(folder);
    expect(rows).toHaveLength(3);
    expect(readsOf(() => expect(finish(library.list(workspace))).toEqual(rows))).toEqual([]);
  });
});
