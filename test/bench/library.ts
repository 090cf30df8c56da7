/**
 * How fast a workspace of 2,000 studies is listed by a real engine, and how long other calls wait
 * meanwhile: part of `npm run bench:app`.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../main/host/engine-process';
import { chooseBackend } from '../../main/native/choose';
import { writeStudies } from '../support/many-studies';

const STUDIES = 2_000;
/** Milliseconds after which a file system tells a change from the one before by its time. */
const SETTLED = 3_000;

const ms = (value: number) => `${value.toFixed(0)} ms`;

/** Milliseconds of one listing, and of the slowest of the calls that were made meanwhile. */
async function timeList(engine: Engine, workspace: string) {
  const began = performance.now();
  let isListed = false;
  const listed = engine.call('library/list', { workspace }).then(() => {
    isListed = true;
    return performance.now() - began;
  });
  let [worst, calls] = [0, 0];
  for (; !isListed; calls++) {
    const asked = performance.now();
    await engine.call('job/list', {});
    worst = Math.max(worst, performance.now() - asked);
  }
  return { list: await listed, worst, calls };
}

/** Lists 2,000 studies three times, the last time with an engine that has just started. */
export async function benchLibrary(
  line: (what: string, value: string, target: string) => void,
): Promise<void> {
  const workspace = mkdtempSync(join(tmpdir(), 'isocurve-many-'));
  const before = process.env['ISOCURVE_CACHE'];
  process.env['ISOCURVE_CACHE'] = mkdtempSync(join(tmpdir(), 'isocurve-cache-'));
  writeStudies(workspace, STUDIES);
  await new Promise((resolve) => setTimeout(resolve, SETTLED));
  const choice = await chooseBackend();
  const rounds = [
    { what: 'the first time', isFresh: true, target: '' },
    { what: 'the second time', isFresh: false, target: '≤ 500 ms' },
    { what: 'after a new start', isFresh: true, target: '' },
  ];
  let engine: Engine | null = null;
  for (const { what, isFresh, target } of rounds) {
    if (isFresh) await engine?.stop();
    if (isFresh || engine === null) engine = await startEngine(choice);
    const { list, worst, calls } = await timeList(engine, workspace);
    line(`${STUDIES} studies listed ${what}`, ms(list), target);
    line(`slowest of ${calls} other answers meanwhile`, ms(worst), '');
    // What was read is kept for the next start soon after the first answer.
    if (isFresh) await new Promise((resolve) => setTimeout(resolve, SETTLED));
  }
  await engine?.stop();
  rmSync(workspace, { recursive: true });
  if (before === undefined) delete process.env['ISOCURVE_CACHE'];
  else process.env['ISOCURVE_CACHE'] = before;
}
