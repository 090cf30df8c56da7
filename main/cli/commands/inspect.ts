/** `inspect`: says what a file is, what lies in it, and what can be done with it. */

import { Fault } from '../../../shared/fault';
import type { FileReport } from '../../../shared/spec/foreign';
import { inspectFile } from '../../host/reader';
import { usersOwn } from '../../native/paths';
import { cellText, complain, say, sayJson } from '../print';

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
  const names = shown.map(({ name }) => cellText(name));
  const width = names.reduce((most, name) => Math.max(most, name.length), 0);
  for (const [i, { shape, dtype, odd }] of shown.entries()) {
    const broken = odd === 0 ? '' : `  ${odd} NaN or infinite`;
    say(`  ${names[i].padEnd(width)}  ${dtype.padEnd(8)}  ${shape.join('×') || 'scalar'}${broken}`);
  }
  const left = report.tensors.length - shown.length;
  if (left > 0) say(`  … and ${left} more (--all)`);
}

/** `isocurve inspect FILE…`: each is told, whatever became of those before it. */
export async function inspect(paths: readonly string[], flags: InspectFlags): Promise<number> {
  let code = 0;
  for (const path of paths) {
    try {
      const report = await inspectFile(usersOwn(path));
      if (flags.json === true) sayJson(report);
      else print(report, flags.all === true);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      complain(error);
      code = 1;
    }
  }
  return code;
}
