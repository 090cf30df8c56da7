/** What `doctor` finds out about this machine. */

import type { EngineInfo } from '../contract';

export interface SelfTest {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

export interface DoctorReport {
  readonly engine: EngineInfo;
  readonly isocurve: string;
  readonly platform: string;
  readonly cores: number;
  readonly memoryGiB: { readonly total: number; readonly free: number; readonly engine: number };
  readonly tests: readonly SelfTest[];
  /** GFLOP/s of a 3×3 convolution, and of a matrix product as the machine's measured peak. */
  readonly speed: { readonly convolution: number; readonly matrixPeak: number } | null;
}
