/** Paths of several runs on the plane that they share, and the checkpoints that span it. */

import type { SharedPlane } from '../spec/trajectory';
import type { JsonObject } from './plotly';
import { DASHES, SERIES } from './style';

/** How a run is called and looks: the name and the place of its network. */
export interface RunLook {
  readonly label: string;
  readonly place: number;
}

const still: JsonObject = { hoverinfo: 'text', showlegend: false };

/** Lines with a dot for each checkpoint, white below so that they show on every colour. */
export function sharedTraces(
  { corners, paths }: SharedPlane,
  lookOf: (run: string) => RunLook,
): JsonObject[] {
  const lines = paths
    .filter(({ steps }) => steps.length > 1)
    .flatMap(({ run, steps, x, y, residuals }): JsonObject[] => {
      const { label, place } = lookOf(run);
      const common = { type: 'scatter', x: [...x], y: [...y] };
      const text = steps.map(
        (step, t) => `${label}, step ${step}, ${residuals[t].toPrecision(2)} off the plane`,
      );
      return [
        {
          ...common,
          mode: 'lines',
          line: { color: '#ffffff', width: 4 },
          hoverinfo: 'skip',
          showlegend: false,
        },
        {
          ...common,
          ...still,
          mode: 'lines+markers',
          name: label,
          text,
          line: {
            color: SERIES[place % SERIES.length],
            dash: DASHES[place % DASHES.length],
            width: 2,
          },
          marker: { size: 3, color: SERIES[place % SERIES.length] },
        },
      ];
    });
  return [
    ...lines,
    {
      ...still,
      type: 'scatter',
      mode: 'markers+text',
      name: 'checkpoints',
      x: corners.map(({ x }) => x),
      y: corners.map(({ y }) => y),
      text: corners.map(({ run, step }) => `<b>${lookOf(run).label}</b><br>step ${step}`),
      // Networks lie where the loss is low, which is dark.
      textfont: { color: '#ffffff' },
      textposition: corners.map(({ y }) => (y > 0 ? 'top center' : 'bottom center')),
      marker: {
        symbol: 'circle-open',
        size: 8,
        color: corners.map(({ run }) => SERIES[lookOf(run).place % SERIES.length]),
        line: { width: 2 },
      },
    },
  ];
}

/** Whose the paths and corners are, in a sentence. */
export function sharedStatement(
  { corners, paths }: SharedPlane,
  lookOf: (run: string) => RunLook,
): string {
  const spans = corners.map(({ run, step }) => `${lookOf(run).label} at step ${step}`).join('; ');
  const off = Math.max(...paths.flatMap(({ residuals }) => residuals));
  return `Circles: the three checkpoints that span the plane (${spans}). Lines: checkpoints of their runs, projected; they lie up to ${off.toPrecision(2)} off the plane.`;
}
