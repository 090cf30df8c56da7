/**
 * Runs a piece of TypeScript in a process of its own: one process has one backend and one set of
 * TensorFlow flags.
 */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What `source`, a module in the project's root, prints as its last line, parsed as JSON. */
export async function runInChild<T>(source: string, env: Record<string, string> = {}): Promise<T> {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(root, 'dist', 'child-'));
  try {
    const outfile = join(folder, 'child.mjs');
    await build({
      stdin: { contents: source, resolveDir: root, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile,
    });
    const output = await new Promise<string>((resolve, reject) => {
      const options = { env: { ...process.env, ...env } };
      execFile(process.execPath, [outfile], options, (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      );
    });
    return JSON.parse(output.trim().split('\n').at(-1)!) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
