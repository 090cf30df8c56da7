/** What the wizard begins with where a study file says nothing. */

/** By whole schedules, long enough for one that cuts the rate to tell the rates apart. */
export const TRIAL = { rates: [0.1, 0.05, 0.02], epochs: 10, schedule: 'whole' } as const;
