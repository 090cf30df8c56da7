/** What the wizard begins with where a study file says nothing. */

import type { StudyFile } from '../../../shared/spec/study';

/** By whole schedules, long enough for one that cuts the rate to tell the rates apart. */
export const TRIAL = { rates: [0.1, 0.05, 0.02], epochs: 10, schedule: 'whole' } as const;

/** The scans of a study without the network `name`: those around it alone go with it. */
export const scansWithout = (scans: StudyFile['scans'], name: string): StudyFile['scans'] =>
  scans.flatMap((scan) => {
    if (scan.only === undefined) return [scan];
    const only = scan.only.filter((one) => one !== name);
    return only.length === 0 ? [] : [{ ...scan, only }];
  });
