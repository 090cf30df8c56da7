/**
 * Places that a window must not lead its host to, what lies there, and where a schema has places.
 */

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A study with a run and a surface, all of which hold the secret. */
export function plantStudy(folder: string, secret: string): void {
  for (const part of ['runs/a-s1', 'surfaces/a-s1.plane-d1', 'checkpoints/a-s1']) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  const study = { name: secret, question: secret, variants: [{ name: 'a' }] };
  const head = { id: 'a-s1.plane-d1', variant: 'a', x: [0], y: [0], kind: 'random', scan: secret };
  const contents = {
    'study.json': study,
    'annotations.json': { note: secret, tags: [] },
    'results.json': { runs: [], surfaces: [], claims: [], complete: true, note: secret },
    'runs/a-s1/manifest.json': { id: secret },
    'surfaces/a-s1.plane-d1/head.json': head,
    'surfaces/a-s1.plane-d1/manifest.json': head,
  };
  for (const [name, content] of Object.entries(contents)) {
    writeFileSync(join(folder, name), JSON.stringify(content));
  }
  writeFileSync(join(folder, 'surfaces/a-s1.plane-d1/surface.csv'), secret);
}

/** Everything below a folder: kinds, sizes, times of change, contents. */
export function treeOf(folder: string, under = ''): string[] {
  return readdirSync(join(folder, under))
    .sort()
    .flatMap((name) => {
      const path = join(folder, under, name);
      const stat = lstatSync(path);
      const entry = `${join(under, name)} ${stat.mode} ${stat.mtimeMs}`;
      if (stat.isDirectory()) return [entry, ...treeOf(folder, join(under, name))];
      if (!stat.isFile()) return [entry];
      return [`${entry} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
    });
}

type Place = readonly [what: string, path: string, leads: 'out' | 'nowhere'];

const everywhere = (workspace: string, outside: string): Place[] => [
  ['a file outside', join(outside, 'canary.safetensors'), 'out'],
  ['a study outside', join(outside, 'study'), 'out'],
  ['the folder above', '..', 'out'],
  ['a way up and down again', '../outside/study', 'out'],
  ['a way out of a study', `${join(workspace, 'inside')}/../../outside/study`, 'out'],
  ['the home folder', '~', 'out'],
  ['a file at home', '~/canary.safetensors', 'out'],
  ['a study at home', '~/study', 'out'],
  ['a file where the server was started', 'canary.safetensors', 'nowhere'],
  ['a study where the server was started', './study', 'nowhere'],
  ['a way through a link', join(workspace, 'link', 'canary.safetensors'), 'out'],
  ['a study through a link', 'link/study', 'out'],
  ['a linked study', 'linked-study', 'out'],
  ['a null character', `file.txt\0${outside}`, 'out'],
  ['a name without end', 'n'.repeat(4000), 'out'],
  ['a path without end', 'n/'.repeat(4000), 'out'],
];

const onWindows: readonly Place[] = [
  ['a file server', '\\\\elsewhere.example\\share\\canary', 'out'],
  ['a file server, the other way', '//elsewhere.example/share/canary', 'out'],
  ['a device', '\\\\.\\pipe\\canary', 'out'],
];

const elsewhere: readonly Place[] = [
  ['a link to a file', 'linked-file', 'out'],
  ['a link to itself', 'circle', 'out'],
  ['a link to nothing', 'dangling', 'out'],
  ['what has no end', '/dev/zero', 'out'],
  ['a pipe', 'pipe', 'nowhere'],
];

/** Places that lead out of what was opened, and such as lead nowhere. */
export const hostilePlaces = (workspace: string, outside: string): Place[] => [
  ...everywhere(workspace, outside),
  ...(process.platform === 'win32' ? onWindows : elsewhere),
];

interface Schema {
  readonly kind: string;
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly value?: Schema;
  readonly options?: readonly Schema[];
  readonly pipe?: readonly (Schema & { readonly metadata?: { place?: string; shape?: Schema } })[];
}

function countIn({ entries = {}, item, wrapped, value, options = [], pipe = [] }: Schema): number {
  const marks = pipe.flatMap(({ metadata }) => metadata ?? []);
  const own = marks.filter(({ place }) => place !== undefined).length;
  const shapes = marks.flatMap(({ shape }) => shape ?? []);
  const within = [...Object.values(entries), ...options, ...shapes];
  for (const one of [item, wrapped, value]) if (typeof one === 'object') within.push(one);
  return within.reduce((sum, schema) => sum + countIn(schema), own);
}

/** How many places a schema has, found by going through all of it. */
export const placesIn = (schema: unknown): number => countIn(schema as Schema);
