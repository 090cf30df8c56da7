/** Loss along one direction, all variants in one chart for the screen. */

import { DASHES, translucent } from '../../shared/figure/style';
import { bandOver } from '../../shared/maths/statistics';
import type { LiveSurface, StudySession } from '../state/study.svelte';
import { logAxis, screenAxis, screenLayout } from './layout';
import { isNarrow } from './narrow';
import type { Trace } from './plotly';
import { seriesColour } from './theme.svelte';

const drawable = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Mean and standard error of one variant: over seeds, or over directions of the only seed. */
function bandTraces(surfaces: readonly LiveSurface[], index: number, label: string): Trace[] {
  const { x } = surfaces[0].surface;
  const values = x.map((_, cell) =>
    bandOver(
      surfaces
        .filter(({ surface }) => surface.measured[cell] === 1)
        .map(({ head, surface }) => ({ seed: head.seed, value: surface.losses[cell] })),
    ),
  );
  const colour = seriesColour(index);
  const line: Trace = {
    type: 'scatter',
    mode: 'lines',
    name: label,
    x,
    y: values.map(({ mean }) => drawable(mean)),
    line: { color: colour, dash: DASHES[index % DASHES.length], width: 1.75 },
    hovertemplate: `${label}<br>%{x:.3g}: %{y:.4g}<extra></extra>`,
  };
  if (surfaces.length === 1) return [line];
  const edge = (sign: number) =>
    values.map(({ mean, standardError }) => drawable(mean + sign * (standardError ?? 0)));
  const band: Trace = {
    type: 'scatter',
    mode: 'lines',
    x: [...x, ...[...x].reverse()],
    y: [...edge(1), ...edge(-1).reverse()],
    fill: 'toself',
    fillcolor: translucent(colour, 0.18),
    line: { width: 0 },
    hoverinfo: 'skip',
  };
  return [band, line];
}

export const profileTraces = (session: StudySession, surfaces: readonly LiveSurface[]): Trace[] =>
  session.study.variants.flatMap(({ name, label }, i) => {
    const own = surfaces.filter(({ head }) => head.variant === name);
    return own.length === 0 ? [] : bandTraces(own, i, label);
  });

/** Whether the losses of these lines lie within two powers of ten. */
export const areNarrow = (surfaces: readonly LiveSurface[]): boolean =>
  isNarrow(surfaces.map(({ surface }) => surface.losses));

export const profileLayout = (title: string, log: boolean, narrow: boolean): Trace =>
  screenLayout({
    xaxis: screenAxis(title),
    yaxis: screenAxis('loss', log ? logAxis(narrow) : {}),
    hovermode: 'x unified',
  });
