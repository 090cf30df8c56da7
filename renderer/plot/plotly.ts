/** Plotly, fetched when the first chart is drawn. Only what is used of it is typed. */

import type { JsonObject } from '../../shared/figure/plotly';

export interface HoverPoint {
  readonly x: number;
  readonly y: number;
  readonly pointNumber: number | readonly [number, number];
  readonly curveNumber: number;
}

/** An element that Plotly draws in. */
export interface PlotElement extends HTMLElement {
  on(
    name: 'plotly_hover' | 'plotly_click',
    listener: (event: { points: HoverPoint[] }) => void,
  ): void;
  on(name: 'plotly_unhover', listener: () => void): void;
  on(name: 'plotly_relayout', listener: (change: Readonly<Record<string, unknown>>) => void): void;
}

/** A trace as Plotly takes it: JSON, or typed arrays in its place. */
export type Trace = Readonly<Record<string, unknown>>;

export interface Plotly {
  react(
    element: HTMLElement,
    data: readonly Trace[],
    layout: Trace,
    config: JsonObject,
  ): Promise<PlotElement>;
  relayout(element: HTMLElement, change: Trace): Promise<PlotElement>;
  purge(element: HTMLElement): void;
  readonly Plots: { resize(element: HTMLElement): Promise<void> };
}

let loading: Promise<Plotly> | null = null;

/** The library; the same promise for all who ask. */
export function loadPlotly(): Promise<Plotly> {
  loading ??= import('plotly.js-dist-min').then(
    (module: { default: unknown }) => module.default as Plotly,
  );
  return loading;
}
