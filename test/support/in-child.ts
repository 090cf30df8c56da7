/** Runs `trainTwenty` on the tensorflow tier in a process of its own: one process has one backend. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

const SCRIPT = `
import { startBackend } from './main/engine/backend/start';
import { chooseBackend } from './main/native/choose';
import { trainTwenty } from './test/support/twenty-steps';
const backend = await startBackend(await chooseBackend());
console.log(JSON.stringify(trainTwenty(backend.node)));
`;

export async function trainTwentyOnTensorflow(): Promise<number[]> {
  const folder = mkdtempSync(join(root, 'dist', 'child-'));
  try {
    const outfile = join(folder, 'child.mjs');
    await build({
      stdin: { contents: SCRIPT, resolveDir: root, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile,
    });
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [outfile], (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      );
    });
    return JSON.parse(output.trim().split('\n').at(-1)!) as number[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
