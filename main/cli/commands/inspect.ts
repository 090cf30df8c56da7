/** `inspect`: says what a file is, what lies in it, and what can be done with it. */

import type { FileReport } from '../../../shared/spec/foreign';
import { inspectFile } from '../../host/reader';
import { usersOwn } from '../../native/paths';
import { say } from '../print';

export interface InspectFlags {
  json?: boolean;
  all?: boolean;
}

/** Tensors that are listed when nothing is said. */
const FIRST = 20;

function print(report: FileReport, all: boolean): void {
  say(`${report.name} (${report.bytes.toLocaleString('en')} bytes)`);
  say(report.verdict);
  if (report.way !== '') say(report.way);
  if (report.guess !== null && report.guess.open !== '') say(`open: ${report.guess.open}`);
  const shown = all ? report.tensors : report.tensors.slice(0, FIRST);
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  for (const { name, shape, dtype, odd } of shown) {
    const broken = odd === 0 ? '' : `  ${odd} NaN or infinite`;
    say(`  ${name.padEnd(width)}  ${dtype.padEnd(8)}  ${shape.join('×') || 'scalar'}${broken}`);
  }
  const left = report.tensors.length - shown.length;
  if (left > 0) say(`  … and ${left} more (--all)`);
}

/** `isocurve inspect FILE…` */
export async function inspect(paths: readonly string[], flags: InspectFlags): Promise<number> {
  for (const path of paths) {
    const report = await inspectFile(usersOwn(path));
    if (flags.json === true) say(JSON.stringify(report, null, 2));
    else print(report, flags.all === true);
  }
  return 0;
}
