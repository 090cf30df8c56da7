/**
 * How closely a large surface is drawn: thinned out while it changes or a view has just been
 * chosen, whole as soon as it rests. What stays on the screen is always the whole.
 */

import { emptySurface, type Surface } from '../../shared/spec/surface';

/** Points per side that are drawn within a frame. */
export const AT_ONCE = 42;
/** Milliseconds of rest before the whole is drawn, and between two panels that rest together. */
const REST = 250;
const STAGGER = 120;

/** Every `step`-th row and column, so that no side has more than `most` points. */
export function thin(surface: Surface, most: number): Surface {
  const { x, y } = surface;
  const step = Math.ceil(Math.max(x.length, y?.length ?? 1) / most);
  if (step <= 1) return surface;
  const keep = (_: number, i: number) => i % step === 0;
  const small = emptySurface(x.filter(keep), y === null ? null : y.filter(keep));
  const columns = small.x.length;
  for (let cell = 0; cell < small.losses.length; cell++) {
    const column = cell % columns;
    const from = ((cell - column) / columns) * step * x.length + column * step;
    small.measured[cell] = surface.measured[from];
    small.losses[cell] = surface.losses[from];
    small.accuracies[cell] = surface.accuracies[from];
    small.standardErrors[cell] = surface.standardErrors[from];
  }
  return small;
}

export class Detail {
  /** What had come to rest when the whole was last due. */
  private rested: readonly unknown[] = $state.raw([]);
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** `place` among the panels beside it: they are drawn whole one after the other. */
  constructor(private readonly place: number) {}

  /** Whether `state` (a version, options) has rested: any change of it is drawn thinned first. */
  isWhole(...state: readonly unknown[]): boolean {
    return state.length === this.rested.length && state.every((one, i) => one === this.rested[i]);
  }

  /** Begins to wait for `state` to rest; the returned function ends the wait. */
  rest(...state: readonly unknown[]): () => void {
    const wait = REST + this.place * STAGGER;
    this.timer = setTimeout(() => (this.rested = state), wait);
    return () => {
      if (this.timer !== null) clearTimeout(this.timer);
    };
  }
}
