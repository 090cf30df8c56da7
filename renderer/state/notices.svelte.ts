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
  ['storage', 'Everything written before is safe. Free some space, then resume.'],
  ['conflict', 'Nothing was changed.'],
  ['bad-value', 'Nothing was changed.'],
  ['not-found', 'Nothing was changed. It may have been moved or deleted outside of the app.'],
  ['internal', 'This is a mistake of Isocurve. The log on the system page says more.'],
]);

/**
 * Who tells that the engine is gone, from whoever knows least of it: a call that it died over, a
 * job that it cut short, the host that leaves it down.
 */
const TELLERS = ['call', 'job', 'host'] as const;
type Teller = (typeof TELLERS)[number];

const GONE_ADVICE: Readonly<Record<Teller, string>> = {
  call: 'Everything measured is on disk. Try it again in a moment.',
  job: 'Everything measured is on disk. Resume the study to go on.',
  host: 'Everything measured is on disk.',
};

export class Notices {
  list: readonly Notice[] = $state.raw([]);
  private next = 0;
  /** The notice that the engine is gone; there is one at most, of whoever knows most. */
  private gone: { readonly id: number; readonly rank: number } | null = null;
  private isDown = false;

  /** `report` saves what is known of a fault; null: there is no such thing here. */
  constructor(private readonly report: (() => void) | null = null) {}

  done(text: string, action: Notice['action'] = null): void {
    this.add({ kind: 'done', text, advice: null, action });
  }

  fault(error: unknown): void {
    const fault =
      error instanceof Fault ? error : new Fault('internal', (error as Error).message ?? '');
    if (fault.code === 'engine-gone') return this.engineGone(fault.message, 'call');
    const advice = ADVICE.get(fault.code) ?? null;
    const action = fault.code === 'internal' ? this.reporting : null;
    this.add({ kind: 'fault', text: fault.message, advice, action });
  }

  jobEnded({ fault }: JobStatus): void {
    const code = (fault?.code ?? 'internal') as Fault['code'];
    const message = fault?.message ?? 'the job ended without saying why';
    if (code === 'engine-gone') this.engineGone(message, 'job');
    else this.fault(new Fault(code, message));
  }

  /** The host starts no other engine until somebody asks; `reason` says how. */
  engineDown(reason: string): void {
    this.isDown = true;
    this.engineGone(reason, 'host');
  }

  /** An engine is there; what may be told later is another one's end. */
  engineServes(): void {
    if (this.isDown && this.gone !== null) this.dismiss(this.gone.id);
    this.isDown = false;
    this.gone = this.gone && { ...this.gone, rank: -1 };
  }

  /** Tells an engine's end once: who knows less than was told already adds nothing. */
  private engineGone(text: string, teller: Teller): void {
    const by = this.isDown ? 'host' : teller;
    const rank = TELLERS.indexOf(by);
    const standing = this.list.find(({ id }) => id === this.gone?.id);
    if (standing !== undefined) {
      if (this.gone !== null && rank < this.gone.rank) return;
      this.dismiss(standing.id);
    }
    const id = this.add({ kind: 'fault', text, advice: GONE_ADVICE[by], action: this.reporting });
    this.gone = { id, rank };
  }

  private get reporting(): Notice['action'] {
    const { report } = this;
    return report === null ? null : { label: 'Save a report', run: () => report() };
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  private add(notice: Omit<Notice, 'id'>): number {
    const id = this.next++;
    // One sentence said twice is one notice.
    this.list = [...this.list.filter(({ text }) => text !== notice.text), { ...notice, id }];
    // What went wrong stays until it was read.
    if (notice.kind === 'done') setTimeout(() => this.dismiss(id), SHOWN_MS);
    return id;
  }
}
