/** Deadlines in the processor's time: a machine that is busy otherwise brings them no nearer. */

import { existsSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const LOOK_EVERY_MS = 500;

/** Seconds that a process has computed; where the system does not say, those of the clock. */
function spentBy(pid: number): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return performance.now() / 1000;
  const stat = readFileSync(path, 'utf8');
  // In user and kernel, fields 14 and 15; the name before them stands in parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Calls `late` once the process has computed for so many seconds more; returns what forgets it. */
export function onceSpent(pid: number, seconds: number, late: () => void): () => void {
  const last = spentBy(pid) + seconds;
  const timer = setInterval(() => {
    if (spentBy(pid) < last) return;
    clearInterval(timer);
    late();
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
