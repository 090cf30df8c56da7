/** The panels under the planes of a path: the angles of its later steps, and q over training. */

import { CHANCE } from '../maths/crossing';
import { numberText } from '../maths/statistics';
import { angleShares, BINS, qCourse, type SeedCrossing } from './angles';
import type { Drawn } from './path-plane';
import type { JsonObject } from './plotly';
import { FAINT, INK, translucent } from './style';

/** Of the isocurves that the figure is not about. */
const OTHER = '#b35900';

/** A panel whose network has no such thing. */
export const NOTHING: Drawn = { traces: [], annotations: [] };

const chance = (x: readonly [number, number], y: number): JsonObject => ({
  ...{ type: 'scatter', mode: 'lines', name: 'chance', x: [...x], y: [y, y] },
  ...{ line: { color: FAINT, width: 1, dash: 'dot' }, hoverinfo: 'skip', showlegend: false },
});

/** How the later steps are spread over angles, beside what chance gives. */
export function anglesPanel(seeds: readonly SeedCrossing[]): Drawn {
  if (seeds.length === 0) return NOTHING;
  const width = 90 / BINS;
  const bars: JsonObject = {
    type: 'bar',
    name: 'later steps',
    x: Array.from({ length: BINS }, (_, bin) => (bin + 0.5) * width),
    y: angleShares(seeds).map((share) => 100 * share),
    width,
    marker: { color: '#9aa0a6', line: { color: '#ffffff', width: 0.5 } },
    showlegend: false,
  };
  return { traces: [bars, chance([0, 90], 100 / BINS)], annotations: [] };
}

/**
 * q over training of the isocurves that the figure is about, and, dashed, of the `other` ones;
 * words are `size` pixels high.
 */
export function coursePanel(
  seeds: readonly SeedCrossing[],
  other: readonly SeedCrossing[],
  size: number,
): Drawn {
  if (seeds.length === 0) return NOTHING;
  const own = qCourse(seeds);
  const rest = qCourse(other);
  const line = {
    ...{ type: 'scatter', mode: 'lines', name: 'q' },
    ...{ hoverinfo: 'skip', showlegend: false },
  };
  const band: JsonObject = {
    ...line,
    name: 'range over seeds',
    x: [...own.at, ...[...own.at].reverse()],
    y: [...own.high, ...[...own.low].reverse()],
    fill: 'toself',
    fillcolor: translucent(INK, 0.18),
    line: { width: 0 },
  };
  const dashed: JsonObject = {
    ...line,
    x: [...rest.at],
    y: [...rest.mean],
    line: { color: OTHER, width: 1.25, dash: 'dash' },
  };
  return {
    traces: [
      ...(seeds.length > 1 ? [band] : []),
      chance([0, 1], CHANCE),
      { ...line, x: [...own.at], y: [...own.mean], line: { color: INK, width: 1.5 } },
      ...(other.length === 0 ? [] : [dashed]),
    ],
    annotations: [
      {
        ...{ x: 1, y: CHANCE, text: `chance ${numberText(CHANCE, 2)}`, showarrow: false },
        ...{ xanchor: 'right', yanchor: 'bottom', font: { size, color: FAINT } },
      },
    ],
  };
}
