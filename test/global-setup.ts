/** Before any test: dist/ is fresh, and libtensorflow is there where it can be had. */

import { execFileSync } from 'node:child_process';
import { chooseBackend } from '../main/native/choose';

export default async function setup(): Promise<void> {
  execFileSync(process.execPath, ['build.mjs'], { stdio: 'inherit' });
  const choice = await chooseBackend();
  const what = choice.tier === 'tensorflow' ? choice.provision.build : `wasm: ${choice.reason}`;
  process.stdout.write(`backend of the tests: ${what} (Node ${process.versions.node})\n`);
}
