/** What the engine takes of the machine, sampled while it lives. */

import { cpus } from 'node:os';
import type { EngineLoad } from '../../shared/contract';
import { seconds } from './clock';

const EVERY_MS = 2000;
const MICROSECONDS = 1e6;

/** Tells the load every two seconds until the returned function is called. */
export function watchLoad(tell: (load: EngineLoad) => void): () => void {
  let [then, usage] = [seconds(), process.cpuUsage()];
  const timer = setInterval(() => {
    const now = seconds();
    const used = process.cpuUsage(usage);
    const busy = (used.user + used.system) / MICROSECONDS / (now - then);
    [then, usage] = [now, process.cpuUsage()];
    tell({ memory: process.memoryUsage.rss(), busy, cores: cpus().length });
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
