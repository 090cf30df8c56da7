/** What is the matter with this machine, if anything. */

import { cpus, freemem, totalmem } from 'node:os';
import type { EngineInfo } from '../../shared/contract';
import type { DoctorReport } from '../../shared/spec/doctor';
import { version } from '../native/version';
import { measureSpeed, selfTest } from './backend/self-test';

const GIB = 2 ** 30;

/** Examines the running engine. `quick` leaves the speed out. */
export const examine = (engine: EngineInfo, quick: boolean): DoctorReport => ({
  engine,
  isocurve: version,
  platform: `${process.platform} ${process.arch}`,
  cores: cpus().length,
  tests: selfTest(),
  speed: quick ? null : measureSpeed(),
  memoryGiB: {
    total: totalmem() / GIB,
    free: freemem() / GIB,
    engine: process.memoryUsage.rss() / GIB,
  },
});
