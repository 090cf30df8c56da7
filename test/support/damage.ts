/** Ways to damage a file of a finished small study, and what its manifests hold. */

import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOwn, toJson, writeManifest } from '../../main/engine/files';
import { checkStudy } from '../../shared/spec/study';
import { freshFolder, SMALL_STUDY } from './small-study';

/** All files of `folder`, with slashes. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

/** Parses a manifest of our own and leaves out what makes it trustworthy. */
export function unsealed(path: string): Record<string, unknown> {
  const { seal: _seal, ...rest } = parseOwn(readFileSync(path, 'utf8')) as Record<string, unknown>;
  return rest;
}

/** What lies at `path` in another study, or of another network in this one. */
function anothers(whole: string, path: string): string | Buffer {
  if (path === 'study.json') {
    return toJson(checkStudy({ ...SMALL_STUDY, question: 'Another?' }, 'another').file);
  }
  if (path === 'results.json') {
    return toJson({ runs: [], surfaces: [], claims: [], complete: true });
  }
  if (path === 'manifest.json') {
    const manifest = unsealed(join(whole, path));
    const listed = manifest['files'] as { path: string; bytes: number; sha256: string }[];
    const others = listed.map((file) => ({ ...file, sha256: file.sha256.replaceAll('1', '0') }));
    const elsewhere = freshFolder();
    writeManifest(elsewhere, { ...manifest, name: 'another', files: others });
    return readFileSync(elsewhere);
  }
  const [from, to] = path.includes('skip-s1') ? ['skip-s1', 'plain-s1'] : ['plain-s1', 'skip-s1'];
  return readFileSync(join(whole, path.replace(from, to)));
}

export type Damage = 'cut' | 'with a changed byte' | 'removed' | "in another's place";
export const damages: readonly Damage[] = [
  'cut',
  'with a changed byte',
  'removed',
  "in another's place",
];

/** Changes one bit in the middle of the file at `path`. */
export function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  writeFileSync(path, bytes);
}

/** Damages the file `name` in `folder`, a copy of the small study in `whole`. */
export function damageFile(folder: string, name: string, damage: Damage, whole: string): void {
  const path = join(folder, name);
  switch (damage) {
    case 'cut':
      return truncateSync(path, Math.floor(readFileSync(path).length / 2));
    case 'with a changed byte':
      return flip(path);
    case 'removed':
      return rmSync(path);
    case "in another's place":
      return writeFileSync(path, anothers(whole, name));
    default:
      return damage satisfies never;
  }
}
