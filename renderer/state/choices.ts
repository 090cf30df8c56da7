/** What can be chosen by a few letters besides commands: views, scales, figures, files. */

import { tick } from 'svelte';
import { figureKinds } from '../../shared/spec/figure';
import type { App } from './app.svelte';
import { exportFormats, kindNames } from './formats';
import type { Panels } from './panels.svelte';
import { compareModes, modeNames, scaleNames, type CompareScale } from './view';

export interface Choice {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  run(): void;
}

/** The choices of the open study; none where none is open. */
export function choicesOf(app: App, panels: Panels): Choice[] {
  if (app.session === null || app.route.page !== 'study') return [];
  const { value } = app.views;
  const compare = (patch: Partial<typeof value.compare>) => {
    app.views.change(
      { ...value, compare: { ...value.compare, ...patch } },
      Object.keys(patch).join(),
    );
    app.show('compare');
  };
  const modes = compareModes.map((mode) => ({
    key: `mode ${mode}`,
    title: `Compare: ${modeNames[mode]}`,
    detail: 'kind of view',
    run: () => compare({ mode }),
  }));
  const scales = (Object.keys(scaleNames) as CompareScale[]).map((scale) => ({
    key: `scale ${scale}`,
    title: `Scale: ${scaleNames[scale]}`,
    detail: 'of the comparison',
    run: () => compare({ scale }),
  }));
  const kinds = figureKinds.map((kind) => ({
    key: `kind ${kind}`,
    title: `Figure: ${kindNames[kind]}`,
    detail: 'kind of figure',
    run: () => {
      app.views.change({ ...value, figure: { ...value.figure, kind } }, 'figure.kind');
      app.show('figure');
    },
  }));
  const formats = exportFormats.map(({ value: format, text }) => ({
    key: `format ${format}`,
    title: `Export the figure as ${text}`,
    detail: format.toUpperCase(),
    run: () => {
      panels.format = format;
      app.show('figure');
      void tick().then(() => panels.exportNow());
    },
  }));
  return [...modes, ...scales, ...kinds, ...formats];
}
