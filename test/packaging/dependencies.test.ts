/** What is installed for those who run Isocurve is what its programs load, and nothing else. */

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const required = Object.keys(manifest.dependencies);

/** The package of a module's name: `@a/b/c` belongs to `@a/b`. */
const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

/** Packages that the built programs import, require, or look up when they run. */
function loadedPackages(): Set<string> {
  const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
  const programs = readdirSync('dist').filter((name) => /\.c?js$/.test(name));
  const names = programs.flatMap((name) => {
    const code = readFileSync(join('dist', name), 'utf8');
    const statements = /^(?:import|export) (?:[^'"]*? from )?["']([^."'][^"']*)["']/gm;
    const calls = /\b(?:import|require\w*|require\w*\.resolve)\(["']([^."'][^"']*)["']\)/g;
    return [...code.matchAll(statements), ...code.matchAll(calls)].map((match) => match[1]);
  });
  return new Set(names.filter((name) => !builtin.has(name)).map(packageOf));
}

test('every package that is required is loaded by a program, and the other way round', () => {
  const loaded = loadedPackages();
  expect(required.filter((name) => !loaded.has(name))).toEqual([]);
  // Electron is the host itself; the packaged Chromium is a choice for where no browser is.
  const optional = ['electron', '@sparticuz/chromium'];
  const missing = [...loaded].filter((name) => !required.includes(name));
  expect(missing.filter((name) => !optional.includes(name))).toEqual([]);
});

test('the kernels and the binding come from tfjs-node-gpu, in the version of tfjs', () => {
  expect(required).not.toContain('@tensorflow/tfjs-node');
  expect(manifest.dependencies['@tensorflow/tfjs-node-gpu']).toBe(
    manifest.dependencies['@tensorflow/tfjs'],
  );
});
