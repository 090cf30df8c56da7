/** `verify`: whether the files of studies are as they were written, and what to do where not. */

import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { VerifyReport } from '../../../shared/spec/inventory';
import type { Engine } from '../../host/engine-process';
import { usersOwn } from '../../native/paths';
import { withEngine } from '../engine';
import { ProgressLine, say, sayJson } from '../print';

export interface VerifyFlags {
  json?: boolean;
}

/** Exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const isStudy = (folder: string): boolean =>
  ['study.json', 'manifest.json'].some((name) => existsSync(join(folder, name)));

/** The studies that `path` names: itself, or those of a workspace. */
function studiesOf(path: string): string[] {
  if (!existsSync(path)) throw new Fault('not-found', `${path} does not exist`);
  if (isStudy(path)) return [path];
  const studies = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(path, name))
    .filter(isStudy)
    .sort();
  if (studies.length > 0) return studies;
  throw new Fault('not-found', `${path} is neither the folder of a study nor one that holds some`);
}

const count = (files: number): string =>
  `${files.toLocaleString('en')} file${files === 1 ? '' : 's'}`;

function print({ folder, files, recorded, findings, notes }: VerifyReport): void {
  const shown = relative('.', folder) || '.';
  if (findings.length > 0) {
    say(`${shown}: ${findings.length} of ${count(files)} not as written`);
  } else if (recorded > 0) {
    say(`${shown}: ${count(recorded)} as written`);
  } else {
    say(`${shown}: nothing wrong is seen`);
  }
  for (const { path, what, wayOut } of findings) say(`  ${path} ${what}\n    ${wayOut}`);
  for (const note of notes) say(`  note: ${note}`);
  if (findings.length > 0) say(`  resume with 'isocurve resume ${shown}'`);
}

/** Verifies one study after the other; Ctrl-C cancels. Null: it was cancelled. */
async function verifyAll(
  engine: Engine,
  folders: readonly string[],
  onReport: (report: VerifyReport) => void,
): Promise<VerifyReport[] | null> {
  const line = new ProgressLine();
  const reports: VerifyReport[] = [];
  let job = '';
  let stopped = false;
  const stop = () => {
    stopped = true;
    if (job !== '') void engine.call('job/cancel', { job }).catch(() => undefined);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const off = engine.on('job/changed', (status) => {
    job = status.job;
    if (stopped) stop();
    else if (status.state === 'running') line.update(status);
  });
  try {
    for (const folder of folders) {
      if (stopped) return null;
      const report = await engine.call('study/verify', { folder: usersOwn(folder) });
      line.clear();
      reports.push(report);
      onReport(report);
    }
    return reports;
  } catch (error) {
    if (stopped) return null;
    throw error;
  } finally {
    line.clear();
    off();
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}

/** `isocurve verify FOLDER…`: 1 where a file is not as it was written. */
export async function verify(paths: readonly string[], flags: VerifyFlags): Promise<number> {
  const folders = paths.flatMap((path) => studiesOf(resolve(path)));
  // Nothing is computed, so that no backend has to be fetched or started.
  return withEngine('wasm', async (engine) => {
    const asJson = flags.json === true;
    const reports = await verifyAll(engine, folders, (report) => {
      if (!asJson) print(report);
    });
    if (reports === null) return INTERRUPTED;
    if (asJson) sayJson(reports);
    return reports.some(({ findings }) => findings.length > 0) ? 1 : 0;
  });
}
