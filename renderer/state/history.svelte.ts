/** A value with an undo and a redo. Values are replaced, never changed in place. */

/** Changes that follow each other faster than this, under one label, are one step. */
const SAME_STEP_MS = 600;
const MOST = 500;

export class History<T> {
  value = $state.raw() as T;
  private past: T[] = $state.raw([]);
  private future: T[] = $state.raw([]);
  private label = '';
  private moment = -Infinity;

  constructor(first: T) {
    this.value = first;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Makes `next` the value. Quick changes of one `label`, as by a slider, undo together. */
  change(next: T, label: string): void {
    const now = performance.now();
    const joins = label === this.label && now - this.moment < SAME_STEP_MS && this.past.length > 0;
    if (!joins) this.past = [...this.past.slice(-MOST), this.value];
    this.future = [];
    this.value = next;
    this.label = label;
    this.moment = now;
  }

  undo(): void {
    if (this.past.length === 0) return;
    this.future = [...this.future, this.value];
    this.value = this.past[this.past.length - 1];
    this.past = this.past.slice(0, -1);
    this.label = '';
  }

  redo(): void {
    if (this.future.length === 0) return;
    this.past = [...this.past, this.value];
    this.value = this.future[this.future.length - 1];
    this.future = this.future.slice(0, -1);
    this.label = '';
  }

  /** Begins anew: what was before cannot be undone. */
  reset(value: T): void {
    this.past = [];
    this.future = [];
    this.value = value;
    this.label = '';
  }
}
