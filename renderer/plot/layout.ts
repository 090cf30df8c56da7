/** What all charts on the screen share: hairlines, one typeface, no ground of their own. */

import { chartColours } from './theme.svelte';
import type { Trace } from './plotly';

export const FONT = "'Inter Variable', system-ui, sans-serif";

export function screenLayout(extra: Trace): Trace {
  const { ink, soft, raised, line } = chartColours();
  return {
    autosize: true,
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: soft, activecolor: ink },
    font: { family: FONT, size: 12, color: ink },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: 56, r: 12, t: 8, b: 40 },
    hoverlabel: {
      bgcolor: raised,
      bordercolor: line,
      font: { color: ink, family: FONT, size: 12 },
    },
    showlegend: false,
    ...extra,
  };
}

/** A logarithmic axis: a mark at each power of ten, or closer ones where few or none would show. */
export const logAxis = (narrow: boolean): Trace => ({
  type: 'log',
  ...(narrow ? { nticks: 6, tickformat: '~g' } : { dtick: 1 }),
});

export function screenAxis(title: string, extra: Trace = {}): Trace {
  const { soft, line } = chartColours();
  return {
    title: { text: title, standoff: 6, font: { color: soft } },
    showline: true,
    linewidth: 1,
    linecolor: line,
    ticks: 'outside',
    ticklen: 3,
    tickcolor: line,
    gridcolor: line,
    gridwidth: 0.5,
    zeroline: false,
    ...extra,
  };
}
