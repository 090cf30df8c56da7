/** Bundles the command line and the engine into dist/ when a source is newer than they are. */

import { build } from 'esbuild';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const entries = { cli: 'main/cli/cli.ts', engine: 'main/engine/entry.ts' };

/** The latest change under a folder or of a file. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))));
}

const outputs = Object.keys(entries).map((name) => join(root, 'dist', `${name}.js`));
const sources = ['main', 'shared', 'build.mjs', 'package.json'].map((name) =>
  newest(join(root, name)),
);
const isFresh = outputs.every(
  (path) => existsSync(path) && statSync(path).mtimeMs > Math.max(...sources),
);

if (!isFresh) {
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  });
}
