/** What a window sends: how much of it is kept, for how long, and what a refusal leaves. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Uploads, uploadsFolder } from '../../main/host/uploads';

beforeEach(() => {
  process.env['ISOCURVE_CACHE'] = mkdtempSync(join(tmpdir(), 'isocurve-cache-'));
});

const ID = 'an-upload-of-a-test';
const KB = 1000;
const roomy = { file: 100 * KB, all: 200 * KB, reserve: 0 };
const left = (): string[] =>
  existsSync(uploadsFolder()) ? readdirSync(uploadsFolder(), { recursive: true }).map(String) : [];

/** Sends a file of `size` bytes in pieces of 10 kB; `announced`: what it says it has. */
async function send(uploads: Uploads, name: string, size: number, announced = size, id = ID) {
  const incoming = await uploads.begin(id, name, announced);
  for (let at = 0; at < size; at += 10 * KB) {
    await incoming.write(Buffer.alloc(Math.min(10 * KB, size - at), 7));
  }
  return incoming.end();
}

describe('what is sent', () => {
  test('is kept whole, by pieces or at once, until it is taken', async () => {
    const uploads = new Uploads(roomy);
    const path = await send(uploads, 'a', 35 * KB);
    expect(readFileSync(path)).toEqual(Buffer.alloc(35 * KB, 7));
    const bytes = Buffer.alloc(8 * KB, 1);
    const first = { upload: ID, name: 'b/c', at: 0, bytes };
    expect(await uploads.piece(first)).toEqual({ path: join(uploadsFolder(), ID, 'b') });
    await uploads.piece({ ...first, at: 8 * KB });
    expect(readFileSync(join(uploadsFolder(), ID, 'b', 'c'))).toHaveLength(16 * KB);
    await uploads.forget(path);
    await uploads.forget(join(uploadsFolder(), ID, 'b'));
    expect(left()).toEqual([]);
  });

  test('and is more than one file may have is refused before it is written, or where it is', async () => {
    const uploads = new Uploads(roomy);
    const refused = /large is refused: one file may have 100 kB; split it, or open it by its path/;
    await expect(send(uploads, 'large', 101 * KB)).rejects.toThrow(refused);
    await expect(send(uploads, 'large', 150 * KB, 0)).rejects.toThrow(refused);
    const bytes = Buffer.alloc(60 * KB);
    await uploads.piece({ upload: ID, name: 'large', at: 0, bytes });
    const second = { upload: ID, name: 'large', at: 60 * KB, bytes };
    await expect(uploads.piece(second)).rejects.toThrow(refused);
    expect(left()).toEqual([]);
  });

  test('and finds no room beside the rest is refused, until something was taken', async () => {
    const uploads = new Uploads(roomy);
    const first = await send(uploads, 'a', 90 * KB);
    await send(uploads, 'b', 80 * KB);
    const refused =
      /c is refused: .*uploads may hold 200 kB and holds [\d.]+ kB; take in or delete/;
    await expect(send(uploads, 'c', 80 * KB)).rejects.toThrow(refused);
    await expect(send(uploads, 'c', 80 * KB, 0)).rejects.toThrow(refused);
    expect(left().sort()).toEqual([ID, join(ID, 'a'), join(ID, 'b')]);
    await uploads.forget(first);
    await send(uploads, 'c', 80 * KB);
    expect(left().sort()).toEqual([ID, join(ID, 'b'), join(ID, 'c')]);
  });

  test('counts from its announcement, so that two at once do not share one room', async () => {
    const uploads = new Uploads(roomy);
    const open = await uploads.begin(ID, 'a', 95 * KB);
    const other = await uploads.begin(ID, 'b', 80 * KB);
    await expect(uploads.begin(ID, 'c', 40 * KB)).rejects.toThrow(/c is refused/);
    await open.drop();
    await (await uploads.begin(ID, 'c', 40 * KB)).end();
    await other.end();
  });

  test('counts when other processes sent it, and empty files count', async () => {
    mkdirSync(join(uploadsFolder(), 'another-process'), { recursive: true });
    writeFileSync(join(uploadsFolder(), 'another-process', 'x'), Buffer.alloc(150 * KB));
    const uploads = new Uploads(roomy);
    await expect(send(uploads, 'a', 60 * KB)).rejects.toThrow(/a is refused/);
    const empty = async () => {
      for (let i = 0; i < 50; i++) await send(uploads, String(i), 0);
    };
    await expect(empty()).rejects.toThrow(/is refused/);
  });

  test('leaves a part of the disk free, and says how much is', async () => {
    const uploads = new Uploads({ ...roomy, reserve: 1e18 });
    await expect(send(uploads, 'a', KB)).rejects.toThrow(
      /a is refused: the disk of .*uploads has [\d.]+ [kG]B free, and 1000000000 GB are to stay so/,
    );
    expect(left()).toEqual([]);
  });

  test('begins at its beginning and has no gaps', async () => {
    const uploads = new Uploads(roomy);
    const piece = { upload: ID, name: 'a', bytes: Buffer.alloc(KB) };
    await expect(uploads.piece({ ...piece, at: KB })).rejects.toThrow(
      /the beginning of a is not here; send it anew/,
    );
    await uploads.piece({ ...piece, at: 0 });
    await expect(uploads.piece({ ...piece, at: 5 * KB })).rejects.toThrow(
      /a piece of a is missing before byte 5000/,
    );
    await uploads.piece({ ...piece, at: KB });
  });

  test.each([
    ['x'.repeat(300), /is longer than this disk allows/],
    ['a/b', /is in a folder that is a file of the same upload/],
    ['d', /is that of a folder of the same upload/],
  ])('under the name %s is refused with what to do, and the rest stays', async (name, reason) => {
    const uploads = new Uploads(roomy);
    await send(uploads, 'a', KB);
    await send(uploads, 'd/e', KB);
    await expect(send(uploads, name, KB)).rejects.toThrow(reason);
    expect(left().sort()).toEqual([ID, join(ID, 'a'), join(ID, 'd'), join(ID, 'd', 'e')]);
  });

  test('and not taken for a day is swept, when the app starts and when more is sent', async () => {
    const uploads = new Uploads(roomy);
    const old = new Date(Date.now() - 25 * 3600 * 1000);
    for (const begin of [() => uploads.sweep(), () => send(uploads, 'n', KB, KB, 'the-next-one')]) {
      const path = await send(uploads, 'a/b', KB, KB, 'an-old-one');
      await send(uploads, 'c', KB, KB, 'a-young-one');
      for (const part of [join(path, 'b'), path, join(path, '..')]) utimesSync(part, old, old);
      await begin();
      expect(left()).not.toContain('an-old-one');
      expect(left()).toContain('a-young-one');
    }
  });

  test('is swept by what was written last: a long file on its way stays', async () => {
    const uploads = new Uploads(roomy);
    const incoming = await uploads.begin(ID, 'a', 0);
    const old = new Date(Date.now() - 25 * 3600 * 1000);
    utimesSync(join(uploadsFolder(), ID), old, old);
    await incoming.write(Buffer.alloc(KB));
    await uploads.sweep();
    expect(existsSync(await incoming.end())).toBe(true);
  });
});

test('nothing but what was sent is forgotten: not the folder, not what a link leads to', async () => {
  const uploads = new Uploads(roomy);
  await send(uploads, 'a', KB);
  const beside = join(uploadsFolder(), '..', 'imports');
  mkdirSync(beside);
  for (const path of [uploadsFolder(), beside, join(uploadsFolder(), '..'), '/']) {
    await uploads.forget(path);
  }
  expect(left()).toHaveLength(2);
  expect(existsSync(beside)).toBe(true);
});
