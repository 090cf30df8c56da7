/** Which surfaces a comparison shows, by its mode, scan and pair of directions. */

import type { CompareMode, ViewState } from '../../state/view';
import type { LiveSurface, StudySession } from '../../state/study.svelte';
import type { SurfaceHead } from '../../../shared/spec/surface';

/** What a mode can draw. */
const fits = (mode: CompareMode, head: SurfaceHead): boolean => {
  switch (mode) {
    case 'profile':
      return head.y === null;
    case 'trajectory':
      return head.kind === 'principal';
    case 'contour':
    case 'heatmap':
    case 'surface':
      return head.y !== null && head.kind !== 'principal';
    default:
      return mode satisfies never;
  }
};

export interface Panel {
  readonly variant: string;
  readonly label: string;
  readonly index: number;
  readonly live: LiveSurface;
}

export interface Comparison {
  /** Scans that the mode can draw. */
  readonly scans: readonly string[];
  readonly scan: string | null;
  /** Direction seeds of the scan; empty where chance had no part. */
  readonly pairs: readonly number[];
  readonly pair: number | null;
  /** One per variant. */
  readonly panels: readonly Panel[];
  /** All surfaces of the scan: seeds and direction seeds. */
  readonly all: readonly LiveSurface[];
}

/** What `view` shows of a study as it is at `tick`. */
export function compare(
  session: StudySession,
  view: ViewState['compare'],
  tick: number,
): Comparison {
  if (tick < 0) return { scans: [], scan: null, pairs: [], pair: null, panels: [], all: [] };
  const drawable = [...session.surfaces.values()].filter(
    ({ head, count }) => fits(view.mode, head) && count > 0,
  );
  const drawn = drawable.map(({ head }) => head.scan);
  // The study's own order, then what was brought and stands beside none of its scans.
  const known = session.study.scans.map(({ name }) => name);
  const scans = [...new Set([...known, ...drawn])].filter((name) => drawn.includes(name));
  const scan = view.scan !== null && scans.includes(view.scan) ? view.scan : (scans[0] ?? null);
  const all = drawable.filter(({ head }) => head.scan === scan);
  const seeds = all.flatMap(({ head }) =>
    head.directionSeed === null ? [] : [head.directionSeed],
  );
  const pairs = [...new Set(seeds)].sort((a, b) => a - b);
  const pair = view.pair !== null && pairs.includes(view.pair) ? view.pair : (pairs[0] ?? null);
  const panels = session.study.variants.flatMap(({ name, label }, index): Panel[] => {
    const own = all.filter(({ head }) => head.variant === name);
    const live = own.find(({ head }) => head.directionSeed === pair) ?? own[0];
    return live === undefined ? [] : [{ variant: name, label, index, live }];
  });
  return { scans, scan, pairs, pair, panels, all };
}

/** The cell of `head` nearest to a point. */
export function cellAt({ x, y }: SurfaceHead, at: { x: number; y: number }): number {
  const nearest = (values: readonly number[], value: number) =>
    values.reduce(
      (best, v, i) => (Math.abs(v - value) < Math.abs(values[best] - value) ? i : best),
      0,
    );
  return (y === null ? 0 : nearest(y, at.y)) * x.length + nearest(x, at.x);
}
