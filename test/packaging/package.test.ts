/**
 * The installers' recipe, played with an empty shell in Electron's place: what would be shipped,
 * where
 * it would lie, and that nothing it needs is missing. Fuses and signing need the real binary.
 */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'isocurve-package-'));
const resources = join(folder, 'release', 'linux-unpacked', 'resources');
const config = readFileSync('electron-builder.yml', 'utf8');

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
}

/** The paths in an asar archive: its header is JSON behind four lengths. */
function filesIn(path: string): Map<string, Entry> {
  const file = openSync(path, 'r');
  const sizes = Buffer.alloc(16);
  readSync(file, sizes, 0, 16, 0);
  const header = Buffer.alloc(sizes.readUInt32LE(12));
  readSync(file, header, 0, header.length, 16);
  closeSync(file);
  const found = new Map<string, Entry>();
  const walk = (entry: Entry, at: string) => {
    for (const [name, inner] of Object.entries(entry.files ?? {})) {
      const whole = at === '' ? name : `${at}/${name}`;
      if (inner.files === undefined) found.set(whole, inner);
      else walk(inner, whole);
    }
  };
  walk(JSON.parse(header.toString('utf8')) as Entry, '');
  return found;
}

let files: Map<string, Entry>;

beforeAll(() => {
  const stub = join(folder, 'stub');
  mkdirSync(join(stub, 'resources'), { recursive: true });
  writeFileSync(join(stub, 'electron'), '#!/bin/sh\n');
  chmodSync(join(stub, 'electron'), 0o755);
  writeFileSync(join(stub, 'LICENSE'), '');
  writeFileSync(join(stub, 'version'), 'v45.4.1');
  const stubbed = config
    .replace(/electronFuses:\n(?: {2}.*\n)+/, `electronDist: ${stub}\n`)
    .replace('output: release', `output: ${join(folder, 'release')}`);
  const path = join(folder, 'stub.yml');
  writeFileSync(path, stubbed);
  const args = ['node_modules/electron-builder/cli.js', '--config', path, '--linux', 'dir'];
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status, `${stdout}${stderr}`).toBe(0);
  files = filesIn(join(resources, 'app.asar'));
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packaged app', () => {
  test('holds the shell, the engine, the preload, the interface and the assets', () => {
    for (const path of [
      'package.json',
      'dist/electron.js',
      'dist/engine.js',
      'dist/library.js',
      'dist/preload.cjs',
      'dist/renderer/index.html',
      'assets/presets/skip.json',
      'assets/datasets/digits.csv.gz',
    ]) {
      expect(files.has(path), path).toBe(true);
    }
    const { main } = JSON.parse(readFileSync('package.json', 'utf8')) as { main: string };
    expect(files.has(main)).toBe(true);
  });

  test('holds no tests, no sources, no source maps, and nothing of a server', () => {
    const strays = [...files.keys()].filter(
      (path) =>
        /^(main|renderer|shared|test|docs)\//.test(path) ||
        /^dist\/.*\.map$/.test(path) ||
        /^node_modules\/(playwright-core|ws|electron|vitest|esbuild)\//.test(path),
    );
    expect(strays).toEqual([]);
  });

  test('every package that its three programs import is inside', () => {
    const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    const imported = ['electron', 'engine', 'library'].flatMap((name) => {
      const code = readFileSync(`dist/${name}.js`, 'utf8');
      return [...code.matchAll(/^import (?:[^'"]*? from )?["']([^."'][^"']*)["']/gm)].map(
        (m) => m[1],
      );
    });
    const packages = new Set(
      imported
        .filter((name) => !builtin.has(name) && name !== 'electron')
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    );
    expect(packages.size).toBeGreaterThan(3);
    const missing = [...packages].filter((name) => !files.has(`node_modules/${name}/package.json`));
    expect(missing).toEqual([]);
  });

  test('what pip and the compiler read are real files beside the archive', () => {
    for (const path of [
      'assets/native/cpu.txt',
      'assets/native/cuda.txt',
      'node_modules/@tensorflow/tfjs-node-gpu/binding/tfjs_backend.cc',
      'node_modules/node-api-headers/include/node_api.h',
    ]) {
      expect(existsSync(join(resources, 'app.asar.unpacked', path)), path).toBe(true);
    }
  });
});

test('there is an installer for every system the product is for', () => {
  expect(config).toMatch(/linux:\n {2}target: \[AppImage, deb\]/);
  expect(config).toMatch(/target: dmg\n {6}arch: \[arm64, x64\]/);
  expect(config).toMatch(/win:\n {2}target: \[nsis\]/);
});
