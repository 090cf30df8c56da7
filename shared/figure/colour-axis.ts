/** One colour scale for all panels: linear, or logarithmic with the losses written at its ticks. */

import { numberText } from '../maths/statistics';
import type { FigureSpec } from '../spec/figure';
import type { Surface } from '../spec/surface';
import type { JsonObject } from './plotly';
import { colourScale } from './colour-maps';

export interface ColourAxis {
  /** From a loss to the height that is drawn; null where it overflowed or was not measured. */
  height(loss: number): number | null;
  readonly low: number;
  readonly high: number;
  readonly isLog: boolean;
  /** Cells that were drawn lower than they are. */
  readonly clipped: number;
  readonly title: string;
  readonly ticks: JsonObject;
  /** Plotly's `coloraxis`. */
  readonly layout: JsonObject;
  /** Levels for contours, the same in every panel. */
  readonly contours: JsonObject;
}

/** Ratio of losses from which a linear scale would show one colour. */
const LOG_FROM = 100;

/** Share of a colour bar that a tick's label needs; a zero nearer to one is left out. */
const TICK_ROOM = 0.12;

/**
 * Round losses between two heights of log₁₀(1 + L): whole powers of ten where there are many,
 * thirds where few.
 */
function logTicks(low: number, high: number): { values: number[]; texts: string[] } {
  const every = high - low > 5 ? 2 : 1;
  const powers = Array.from({ length: 40 }, (_, i) => i * every);
  const decades = powers.flatMap((power) =>
    high - low < 2.5 ? [10 ** power, 3 * 10 ** power] : [10 ** power],
  );
  const hasRoom = Math.log10(2) - Math.max(0, low) >= TICK_ROOM * (high - low);
  const losses = [...(hasRoom ? [0] : []), ...decades].filter((loss) => {
    const height = Math.log10(1 + loss);
    return height >= low - 0.02 * (high - low) && height <= high;
  });
  return {
    values: losses.map((loss) => Math.log10(1 + loss)),
    texts: losses.map((loss) => (loss >= 1e4 ? `10<sup>${Math.log10(loss)}</sup>` : String(loss))),
  };
}

/** Whatever holds a surface, whole or not. */
type Filled = { readonly surface: Surface };

const countAbove = (sources: readonly Filled[], limit: number): number =>
  sources.reduce(
    (count, { surface }) =>
      count +
      surface.losses.filter((loss, cell) => surface.measured[cell] === 1 && loss > limit).length,
    0,
  );

/** The scale that the losses of all `sources` share. */
export function colourAxis(
  sources: readonly Filled[],
  spec: Pick<FigureSpec, 'scale' | 'clip' | 'colours' | 'levels'>,
): ColourAxis {
  let smallest = Infinity;
  let largest = -Infinity;
  for (const { surface } of sources) {
    const { losses, measured } = surface;
    for (let cell = 0; cell < losses.length; cell++) {
      const loss = losses[cell];
      if (measured[cell] !== 1 || !Number.isFinite(loss)) continue;
      if (loss < smallest) smallest = loss;
      if (loss > largest) largest = loss;
    }
  }
  const { clip } = spec;
  const clipped = clip === undefined ? 0 : countAbove(sources, clip);
  if (clip !== undefined) largest = Math.max(smallest, Math.min(largest, clip));
  const wide = largest > LOG_FROM * Math.max(smallest, 0.1);
  const isLog = spec.scale === 'log' || (spec.scale === 'auto' && wide);
  const scaled = (loss: number) => (isLog ? Math.log10(1 + loss) : loss);
  const toHeight = (loss: number) => scaled(Math.min(loss, clip ?? Infinity));
  const [low, high] = [toHeight(smallest), toHeight(largest)];
  const { values, texts } = logTicks(low, high);
  const ticks: JsonObject = isLog ? { tickvals: values, ticktext: texts } : {};
  const cut = clipped === 0 ? '' : `, clipped at ${numberText(clip!)}`;
  const title = `${isLog ? 'loss (log₁₀(1 + L) scale)' : 'loss'}${cut}`;
  return {
    height: (loss) => (Number.isFinite(loss) ? toHeight(loss) : null),
    low,
    high,
    isLog,
    clipped,
    title,
    ticks,
    layout: {
      colorscale: colourScale(spec.colours),
      cmin: low,
      cmax: high,
      colorbar: {
        title: { text: title, side: 'right' },
        thickness: 10,
        outlinewidth: 0.5,
        len: 0.9,
        ...ticks,
      },
    },
    contours: { start: low, end: high, size: (high - low) / spec.levels || 1 },
  };
}

/** Heights row by row, as Plotly's `z`. */
export function heights({ surface }: Filled, axis: ColourAxis): (number | null)[][] {
  const columns = surface.x.length;
  return (surface.y ?? [0]).map((_, row) =>
    surface.x.map((__, column) => {
      const cell = row * columns + column;
      return surface.measured[cell] === 1 ? axis.height(surface.losses[cell]) : null;
    }),
  );
}

/**
 * Crosses on the cells whose loss overflowed, so that a hole in a picture is not taken for missing
 * data.
 */
export function overflowMarks({ surface }: Filled): JsonObject | null {
  const cells: number[] = [];
  for (let cell = 0; cell < surface.losses.length; cell++) {
    if (surface.measured[cell] === 1 && !Number.isFinite(surface.losses[cell])) cells.push(cell);
  }
  if (cells.length === 0) return null;
  const columns = surface.x.length;
  return {
    type: 'scatter',
    mode: 'markers',
    name: 'overflow',
    x: cells.map((cell) => surface.x[cell % columns]),
    y: cells.map((cell) => surface.y?.[Math.floor(cell / columns)] ?? 0),
    marker: { symbol: 'x-thin', size: 5, line: { width: 1, color: '#b00020' } },
    hoverinfo: 'name',
    showlegend: false,
  };
}
