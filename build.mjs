/**
 * Bundles the hosts, the engine and the interface into dist/ when a source is newer than they are.
 * One folder, three targets: Node, Electron's preload, the browser.
 */

import { build } from 'esbuild';
import sveltePlugin from 'esbuild-svelte';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const stamp = join(root, 'dist', 'built');

/** The latest change under a folder or of a file. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))));
}

const sources = ['main', 'shared', 'renderer', 'build.mjs', 'package.json'];
const changed = Math.max(...sources.map((name) => newest(join(root, name))));
const isFresh = existsSync(stamp) && statSync(stamp).mtimeMs > changed;

const common = { absWorkingDir: root, bundle: true, logLevel: 'warning', sourcemap: true };
const node = {
  ...common,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
};

/** The interface: hashed names, Plotly in a chunk of its own that is fetched when first needed. */
async function buildRenderer() {
  const outdir = join(root, 'dist', 'renderer');
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints: { app: 'renderer/main.ts' },
    outdir,
    format: 'esm',
    platform: 'browser',
    target: 'chrome120',
    splitting: true,
    minify: true,
    sourcemap: false,
    metafile: true,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file' },
    mainFields: ['svelte', 'browser', 'module', 'main'],
    conditions: ['svelte', 'browser'],
    plugins: [sveltePlugin({ compilerOptions: { css: 'external' } })],
  });
  const outputs = Object.keys(metafile.outputs).map((path) => basename(path));
  const page = readFileSync(join(root, 'renderer', 'index.html'), 'utf8');
  const named = page.replaceAll(/(app)\.(js|css)/g, (_, name, kind) =>
    outputs.find((path) => path.startsWith(`${name}-`) && path.endsWith(`.${kind}`)),
  );
  writeFileSync(join(outdir, 'index.html'), named);
}

if (!isFresh) {
  await build({
    ...node,
    entryPoints: { cli: 'main/cli/cli.ts' },
    outdir: 'dist',
    banner: { js: '#!/usr/bin/env node' },
  });
  await build({
    ...node,
    entryPoints: {
      engine: 'main/engine/entry.ts',
      library: 'main/engine/library/thread.ts',
      reader: 'main/engine/foreign/entry.ts',
      electron: 'main/electron/entry.ts',
    },
    outdir: 'dist',
  });
  // A sandboxed preload is one CommonJS file.
  await build({
    ...common,
    entryPoints: { preload: 'main/electron/preload.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    platform: 'browser',
    format: 'cjs',
    target: 'chrome140',
    external: ['electron'],
  });
  await buildRenderer();
  writeFileSync(stamp, '');
}
