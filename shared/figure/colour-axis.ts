/**
 * One range and colour scale for all panels, on screen and on paper: capped, linear, or logarithmic
 * with the losses written at its ticks.
 */

import { numberText } from '../maths/statistics';
import type { FigureSpec } from '../spec/figure';
import type { Surface } from '../spec/surface';
import type { JsonObject } from './plotly';
import { colourScale } from './colour-maps';
import { powerText } from './ticks';

export interface ColourAxis {
  /** From a loss to the height that is drawn; null where it overflowed or was not measured. */
  height(loss: number): number | null;
  readonly low: number;
  readonly high: number;
  readonly isLog: boolean;
  /** Above this height there is no colour but grey; null: all heights are drawn. */
  readonly cap: number | null;
  /** Height of ln(classes), the loss of guessing; null: the classes are not known. */
  readonly guessing: number | null;
  /** Cells that are drawn lower than they are. */
  readonly clipped: number;
  /** Plotly's `colorscale` from `low` to `high`. */
  readonly colours: readonly (readonly [number, string])[];
  readonly title: string;
  readonly ticks: { readonly tickvals: number[]; readonly ticktext: string[] };
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
function logTicks(low: number, high: number): { tickvals: number[]; ticktext: string[] } {
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
    tickvals: losses.map((loss) => Math.log10(1 + loss)),
    ticktext: losses.map((loss) => (loss >= 1e4 ? powerText(Math.log10(loss)) : String(loss))),
  };
}

/** Round losses between two: 1, 2 or 5 times a power of ten apart, three to seven of them. */
function linearTicks(low: number, high: number): { tickvals: number[]; ticktext: string[] } {
  const rough = (high - low) / 5;
  if (!(rough > 0)) return { tickvals: [low], ticktext: [numberText(low)] };
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((times) => times * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const tickvals = Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
  return { tickvals, ticktext: tickvals.map((value) => String(Number(value.toPrecision(6)))) };
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

/** What a range covers: the losses that were measured, and how many cells lie above it. */
function spanOf(sources: readonly Filled[]): { smallest: number; largest: number } {
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
  return { smallest, largest };
}

type Asked = Pick<FigureSpec, 'scale' | 'clip' | 'colours' | 'levels'>;

/** Plotly's colour axis from `low` to `high`, with its bar. */
const layoutOf = (
  { low, high, title, ticks }: Pick<ColourAxis, 'low' | 'high' | 'title' | 'ticks'>,
  colorscale: ColourAxis['colours'],
): JsonObject => ({
  colorscale,
  cmin: low,
  cmax: high,
  colorbar: {
    title: { text: title, side: 'right' },
    thickness: 10,
    outlinewidth: 0.5,
    len: 0.9,
    ...ticks,
  },
});

/** Above the cap; no colour map has it. */
const ABOVE = '#c9c9c9';

/**
 * The range of `capped`: linear from 0 to twice the loss of guessing, which is ln(classes), and one
 * grey above. What lies there does worse than guessing by as much as the whole range.
 */
function cappedAxis(sources: readonly Filled[], asked: Asked, classes: number): ColourAxis {
  const guessing = Math.log(classes);
  const cap = 2 * guessing;
  const step = cap / asked.levels;
  // Plotly spreads a colour scale from half a level below the first to half a level above the last.
  const [low, high] = [-step / 2, cap + step / 2];
  const rounds = Array.from({ length: Math.floor(cap) + 1 }, (_, i) => i);
  const every = Math.max(1, Math.ceil(rounds.length / 6));
  const kept = rounds.filter((i) => i % every === 0 && Math.abs(i - guessing) > 0.07 * cap);
  const ticks = {
    tickvals: [...kept, guessing],
    ticktext: [...kept.map(String), `ln ${classes}`],
  };
  const shareOf = (height: number) => (height - low) / (high - low);
  const map = colourScale(asked.colours);
  const colours = [
    [0, map[0][1]] as const,
    ...map.map(([place, colour]) => [shareOf(place * cap), colour] as const),
    [shareOf(cap), ABOVE] as const,
    [1, ABOVE] as const,
  ];
  const title = `loss; grey: above ${numberText(cap, 2)}`;
  const axis = { low, high, title, ticks };
  return {
    ...axis,
    // Interpolated between cells, a cliff is drawn neither at its foot nor at its head.
    height: (loss) => (Number.isFinite(loss) ? Math.min(loss, 2 * cap) : null),
    cap,
    guessing,
    isLog: false,
    clipped: countAbove(sources, cap),
    colours,
    layout: layoutOf(axis, colours),
    contours: { start: 0, end: cap, size: step },
  };
}

/**
 * The scale that the losses of all `sources` share. Without `classes` there is no loss of guessing,
 * and `capped` shows the full range as `auto` does.
 */
export function colourAxis(
  sources: readonly Filled[],
  asked: Asked,
  classes: number | null,
): ColourAxis {
  if (asked.scale === 'capped' && asked.clip === undefined && classes !== null && classes > 1) {
    return cappedAxis(sources, asked, classes);
  }
  const { clip } = asked;
  const clipped = clip === undefined ? 0 : countAbove(sources, clip);
  const { smallest, largest: highest } = spanOf(sources);
  const largest = clip === undefined ? highest : Math.max(smallest, Math.min(highest, clip));
  const wide = largest > LOG_FROM * Math.max(smallest, 0.1);
  const isLog = asked.scale === 'log' || (asked.scale !== 'linear' && wide);
  const scaled = (loss: number) => (isLog ? Math.log10(1 + loss) : loss);
  const toHeight = (loss: number) => scaled(Math.min(loss, clip ?? Infinity));
  const [low, high] = [toHeight(smallest), toHeight(largest)];
  const cut = clipped === 0 ? '' : `, clipped at ${numberText(clip!)}`;
  const axis = {
    low,
    high,
    title: `${isLog ? 'loss (log₁₀(1 + L) scale)' : 'loss'}${cut}`,
    ticks: isLog ? logTicks(low, high) : linearTicks(low, high),
  };
  const colours = colourScale(asked.colours);
  return {
    ...axis,
    height: (loss) => (Number.isFinite(loss) ? toHeight(loss) : null),
    cap: null,
    guessing: classes === null ? null : scaled(Math.log(classes)),
    isLog,
    clipped,
    colours,
    layout: layoutOf(axis, colours),
    contours: { start: low, end: high, size: (high - low) / asked.levels || 1 },
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
