/** What the app says in passing: something done that can be undone, something that went wrong. */

import type { JobStatus } from '../../shared/contract';
import { Fault } from '../../shared/fault';

const SHOWN_MS = 8000;

export interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'fault';
  readonly text: string;
  /** What is safe, and what to do. */
  readonly advice: string | null;
  readonly action: { readonly label: string; run(): void } | null;
}

/** What is safe after a fault of this kind, and where to look. */
const ADVICE = new Map<Fault['code'], string>([
  ['engine-gone', 'Everything measured is on disk. Resume the study to go on.'],
  ['storage', 'Everything written before is safe. Free some space, then resume.'],
  ['conflict', 'Nothing was changed.'],
  ['bad-value', 'Nothing was changed.'],
  ['not-found', 'Nothing was changed. It may have been moved or deleted outside of the app.'],
  ['internal', 'This is a mistake of Isocurve. The log on the system page says more.'],
]);

export class Notices {
  list: readonly Notice[] = $state.raw([]);
  private next = 0;

  done(text: string, action: Notice['action'] = null): void {
    this.add({ kind: 'done', text, advice: null, action });
  }

  fault(error: unknown): void {
    const fault =
      error instanceof Fault ? error : new Fault('internal', (error as Error).message ?? '');
    const advice = ADVICE.get(fault.code) ?? null;
    this.add({ kind: 'fault', text: fault.message, advice, action: null });
  }

  jobEnded({ fault }: JobStatus): void {
    const code = (fault?.code ?? 'internal') as Fault['code'];
    this.fault(new Fault(code, fault?.message ?? 'the job ended without saying why'));
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  private add(notice: Omit<Notice, 'id'>): void {
    const id = this.next++;
    // One sentence said twice is one notice.
    this.list = [...this.list.filter(({ text }) => text !== notice.text), { ...notice, id }];
    // What went wrong stays until it was read.
    if (notice.kind === 'done') setTimeout(() => this.dismiss(id), SHOWN_MS);
  }
}
