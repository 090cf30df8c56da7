/** The one table of what clients may ask of the engine and what it tells them. */

import * as v from 'valibot';
import type { BenchReport } from './spec/bench';
import type { DoctorReport } from './spec/doctor';
import type { StudyEvent } from './spec/events';
import type { StudyResults } from './spec/results';
import type { PlotlyFigure } from './figure/plotly';
import { BenchSpec } from './spec/bench';
import { FigureSpec } from './spec/figure';

export type JobState = 'running' | 'paused' | 'done' | 'cancelled' | 'failed';

/** Long work as any client may see it. */
export interface JobStatus {
  readonly job: string;
  readonly kind: 'study' | 'bench';
  readonly state: JobState;
  /** Share of the work done, from 0 to 1. */
  readonly share: number;
  /** Seconds left; null until 5 % are done. */
  readonly eta: number | null;
  readonly phase: string;
  /** Why it failed; null otherwise. */
  readonly fault: { readonly code: string; readonly message: string } | null;
}

export interface Calls {
  'engine/info': { args: Record<string, never>; result: EngineInfo };
  'engine/doctor': { args: { quick: boolean }; result: DoctorReport };
  'study/start': { args: { study: unknown; folder: string }; result: { job: string } };
  'study/resume': { args: { folder: string }; result: { job: string } };
  'study/results': { args: { folder: string }; result: StudyResults };
  'figure/build': { args: { folder: string; figure: FigureSpec }; result: PlotlyFigure };
  'bench/start': { args: BenchSpec; result: { job: string } };
  'job/list': { args: Record<string, never>; result: JobStatus[] };
  'job/pause': { args: { job: string }; result: null };
  'job/continue': { args: { job: string }; result: null };
  'job/cancel': { args: { job: string }; result: null };
}

export interface Events {
  'job/changed': JobStatus;
  'study/event': { readonly job: string; readonly event: StudyEvent };
  'bench/report': { readonly job: string; readonly report: BenchReport };
}

export interface EngineInfo {
  readonly version: string;
  readonly node: string;
  readonly backend: {
    readonly tier: string;
    readonly version: string;
    readonly device: string;
    readonly reason: string | null;
  };
}

export type CallName = keyof Calls;
export type EventName = keyof Events;

const none = v.strictObject({});
const job = v.strictObject({ job: v.string() });
const folder = v.pipe(v.string(), v.minLength(1));

/** Every call's run-time check; a call without one does not compile. */
export const callChecks = {
  'engine/info': none,
  'engine/doctor': v.strictObject({ quick: v.boolean() }),
  'study/start': v.strictObject({ study: v.unknown(), folder }),
  'study/resume': v.strictObject({ folder }),
  'study/results': v.strictObject({ folder }),
  'figure/build': v.strictObject({ folder, figure: FigureSpec }),
  'bench/start': BenchSpec,
  'job/list': none,
  'job/pause': job,
  'job/continue': job,
  'job/cancel': job,
} satisfies { [Name in CallName]: v.GenericSchema<unknown, unknown> };
