/** What a drop carries: files, folders with folders in them, texts. */

import { expect, test } from 'vitest';
import { chosenIn, droppedIn } from '../../renderer/state/dropped';

const fileOf = (name: string) => new File(['x'], name);

const fileEntry = (name: string) => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (done: (file: File) => void) => done(fileOf(name)),
});

/** A folder whose entries come two at a time, as a browser gives them by the hundred. */
const folderEntry = (name: string, children: readonly { name: string }[]) => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader() {
    const rest = [...children];
    return { readEntries: (done: (list: unknown[]) => void) => done(rest.splice(0, 2)) };
  },
});

const item = (entry: object | null, file: File | null = null) => ({
  webkitGetAsEntry: () => entry,
  getAsFile: () => file,
});
const transfer = (...items: object[]) => ({ items }) as unknown as Parameters<typeof droppedIn>[0];

test('files come singly, folders whole with the paths within, hidden files and texts not at all', async () => {
  const folder = folderEntry('data', [
    fileEntry('a.png'),
    folderEntry('deep', [fileEntry('b.png'), fileEntry('.DS_Store'), fileEntry('c.png')]),
    fileEntry('z.png'),
  ]);
  const weights = fileOf('w.pt');
  const dropped = await droppedIn(
    transfer(item(null), item(fileEntry('w.pt'), weights), item(folder)),
  );
  expect(dropped.map(({ name, isFolder }) => [name, isFolder])).toEqual([
    ['w.pt', false],
    ['data', true],
  ]);
  expect(dropped[0].files).toEqual([{ path: 'w.pt', file: weights }]);
  expect(dropped[1].files.map(({ path }) => path)).toEqual([
    'data/a.png',
    'data/deep/b.png',
    'data/deep/c.png',
    'data/z.png',
  ]);
});

test('a chosen folder is one thing, chosen files are many', () => {
  const within = (path: string) =>
    Object.defineProperty(fileOf(path), 'webkitRelativePath', { value: path });
  const single = Object.defineProperty(fileOf('w.pt'), 'webkitRelativePath', { value: '' });
  expect(chosenIn([single, single])).toHaveLength(2);
  const [folder, ...rest] = chosenIn(['m/x', 'm/.git/y', 'm/v/z'].map(within));
  expect(rest).toEqual([]);
  expect([folder.name, folder.files.map(({ path }) => path)]).toEqual(['m', ['m/x', 'm/v/z']]);
  expect(chosenIn([])).toEqual([]);
});
