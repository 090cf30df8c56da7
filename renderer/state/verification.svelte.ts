/** The check of one study's files: started, followed, cancelled, and what it found. */

import { Fault } from '../../shared/fault';
import type { VerifyReport } from '../../shared/spec/inventory';
import type { Link } from './link';

export class Verification {
  /** The study whose files are checked; null: none is. */
  folder: string | null = $state(null);
  /** Null: still at it. */
  report: VerifyReport | null = $state.raw(null);
  fault: Fault | null = $state.raw(null);
  private turn = 0;

  constructor(private readonly link: Link) {}

  async start(folder: string): Promise<void> {
    const turn = ++this.turn;
    this.folder = folder;
    this.report = null;
    this.fault = null;
    try {
      const report = await this.link.call('study/verify', { folder });
      if (turn === this.turn) this.report = report;
    } catch (error) {
      if (turn !== this.turn) return;
      this.fault = error instanceof Fault ? error : new Fault('internal', (error as Error).message);
    }
  }

  /** Closes it; `job` is that of a check that still runs. */
  close(job: string | null): void {
    this.turn++;
    this.folder = null;
    if (job !== null) void this.link.call('job/cancel', { job }).catch(() => undefined);
  }
}
