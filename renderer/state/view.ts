/** What of a study is looked at, and how: plain values, so that they can be undone. */

import * as v from 'valibot';
import { FigureSpec } from '../../shared/spec/figure';
import type { Settings } from '../../shared/spec/host';
import type { StepKey } from './steps';

export const studyViews = ['plan', 'watch', 'compare', 'figure'] as const;
export type StudyView = (typeof studyViews)[number];

export const compareModes = ['contour', 'heatmap', 'surface', 'profile', 'trajectory'] as const;
export type CompareMode = (typeof compareModes)[number];

export const modeNames: Readonly<Record<CompareMode, string>> = {
  contour: 'Contours',
  heatmap: 'Cells',
  surface: '3-D',
  profile: 'Profiles',
  trajectory: 'Trajectories',
};

export type CompareScale = 'capped' | 'linear' | 'log';
export const scaleNames: Readonly<Record<CompareScale, string>> = {
  capped: 'Guessing',
  linear: 'Linear',
  log: 'Log',
};

export type CurveKey = StepKey | 'accuracy';

interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface Camera {
  readonly eye: Point;
  readonly center?: Point;
}

/** Settings that one changes while looking; they are undone with the views. */
export type Preferences = Pick<Settings, 'theme' | 'unit' | 'dpi' | 'inspector' | 'notify'>;

export const preferencesOf = ({ theme, unit, dpi, inspector, notify }: Settings): Preferences => ({
  theme,
  unit,
  dpi,
  inspector,
  notify,
});

export interface ViewState {
  readonly watch: {
    readonly curve: CurveKey;
    readonly axis: 'step' | 'epoch';
    readonly log: boolean;
    /** Weight of the past in the exponential mean; 0: none. */
    readonly smoothing: number;
    readonly each: boolean;
  };
  readonly compare: {
    readonly mode: CompareMode;
    /** Null: the first that fits the mode. */
    readonly scan: string | null;
    readonly scale: CompareScale;
    readonly clip: number | null;
    readonly colours: FigureSpec['colours'];
    readonly columns: number;
    /** Setting whose values make the rows, such as `model.depth`; null: one row after the other. */
    readonly rows: string | null;
    readonly sort: { readonly key: string; readonly down: boolean } | null;
    /** Direction seed that is shown; null: the first. */
    readonly pair: number | null;
  };
  readonly figure: FigureSpec;
  readonly preferences: Preferences;
}

export const firstView = (settings: Settings): ViewState => ({
  watch: { curve: 'loss', axis: 'step', log: true, smoothing: 0.8, each: false },
  compare: {
    mode: 'contour',
    scan: null,
    scale: 'capped',
    clip: null,
    colours: 'viridis',
    columns: 0,
    rows: null,
    sort: null,
    pair: null,
  },
  figure: settings.figure,
  preferences: preferencesOf(settings),
});

export const plainFigure = (): FigureSpec => v.parse(FigureSpec, { kind: 'contours' });
