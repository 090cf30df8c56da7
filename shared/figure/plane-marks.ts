/**
 * What is marked on a plane besides its losses: the line of guessing, the centre, the cells that
 * count as misaligned, what lies above the range, and what overflowed.
 */

import { misalignedCells } from '../maths/surface-metrics';
import { interpolate } from '../maths/grid';
import type { Surface } from '../spec/surface';
import type { ColourAxis } from './colour-axis';
import type { JsonObject } from './plotly';
import { WRONG } from './style';

const isComplete = ({ measured }: Surface): boolean => measured.every((one) => one === 1);

const still: JsonObject = { hoverinfo: 'skip', showlegend: false };

const xOf = (surface: Surface, cell: number): number => surface.x[cell % surface.x.length];
const yOf = (surface: Surface, cell: number): number =>
  surface.y?.[Math.floor(cell / surface.x.length)] ?? 0;

const at = (surface: Surface, cells: readonly number[]): JsonObject => ({
  x: cells.map((cell) => xOf(surface, cell)),
  y: cells.map((cell) => yOf(surface, cell)),
});

/** Crosses on the cells whose loss overflowed: a hole is not missing data. */
function overflow(surface: Surface): JsonObject[] {
  const cells: number[] = [];
  for (let cell = 0; cell < surface.losses.length; cell++) {
    if (surface.measured[cell] === 1 && !Number.isFinite(surface.losses[cell])) cells.push(cell);
  }
  if (cells.length === 0) return [];
  return [
    {
      type: 'scatter',
      mode: 'markers',
      name: 'overflow',
      ...at(surface, cells),
      marker: { symbol: 'x-thin', size: 5, line: { width: 1, color: WRONG } },
      hoverinfo: 'name',
      showlegend: false,
    },
  ];
}

/** Hatch lines across the whole plane, and points along each per cell. */
const HATCHES = 40;
const FINE = 4;

/**
 * Diagonal hatching where the loss lies above the cap, as one line with gaps. `stepwise`: of whole
 * cells, as heat maps draw them; else where the interpolated loss crosses the cap.
 */
function hatching(surface: Surface, { cap, height }: ColourAxis, stepwise: boolean): JsonObject[] {
  if (cap === null || surface.y === null || !isComplete(surface)) return [];
  const [columns, rows] = [surface.x.length, surface.y.length];
  const values = Float64Array.from(surface.losses, (loss) => height(loss) ?? 2 * cap);
  const snap = stepwise ? Math.round : (place: number) => place;
  // Places run over [-½, columns - ½] for cells and [0, columns - 1] between their centres.
  const [first, spanX, spanY] = stepwise ? [-0.5, columns, rows] : [0, columns - 1, rows - 1];
  const toX = (place: number) => surface.x[0] + place * (surface.x[1] - surface.x[0]);
  const toY = (place: number) => surface.y![0] + place * (surface.y![1] - surface.y![0]);
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  const samples = FINE * Math.max(columns, rows);
  for (let line = 1; line < 2 * HATCHES; line++) {
    const shift = line / HATCHES - 1;
    let inside = false;
    for (let i = 0; i <= samples; i++) {
      const [u, v] = [i / samples, i / samples + shift];
      const [column, row] = [first + u * spanX, first + v * spanY];
      const isAbove =
        v >= 0 && v <= 1 && interpolate(values, columns, rows, snap(column), snap(row)) > cap;
      if (isAbove) {
        x.push(toX(column));
        y.push(toY(row));
      } else if (inside) {
        x.push(null);
        y.push(null);
      }
      inside = isAbove;
    }
    if (inside) {
      x.push(null);
      y.push(null);
    }
  }
  if (x.length === 0) return [];
  return [
    { type: 'scatter', mode: 'lines', name: 'above the range', x, y, ...still, line: HATCH_LINE },
  ];
}
const HATCH_LINE: JsonObject = { color: '#8a8a8a', width: 0.6 };

/** One thick line where the network is as good as guessing: L = ln(classes). */
function guessingLine(surface: Surface, z: JsonObject['z'], scale: ColourAxis): JsonObject[] {
  const { guessing, low, high } = scale;
  if (guessing === null || surface.y === null || guessing <= low || guessing >= high) return [];
  return [
    {
      type: 'contour',
      name: 'guessing',
      x: [...surface.x],
      y: [...surface.y],
      z,
      autocontour: false,
      contours: { start: guessing, end: guessing, size: 1, coloring: 'none' },
      line: { color: '#000000', width: 1.75, smoothing: 0 },
      showscale: false,
      ...still,
    },
  ];
}

const centre: JsonObject = {
  type: 'scatter',
  mode: 'markers',
  name: 'centre',
  x: [0],
  y: [0],
  marker: { symbol: 'cross-thin', size: 9, line: { width: 1.5, color: '#ffffff' } },
  ...still,
};

/** More dots than this are one picture instead of a shape each. */
const MOST_DOTS = 3000;
const RED = '#e3120b';

/** Red dots on the cells that make the misaligned fraction of a verdict. */
function misaligned(surface: Surface, logarithmic: boolean): JsonObject[] {
  if (surface.y === null || !isComplete(surface)) return [];
  const cells = misalignedCells(surface, logarithmic);
  if (cells.length === 0) return [];
  if (cells.length > MOST_DOTS) {
    const marked = new Set(cells);
    const { x, y } = surface;
    const z = y.map((_, row) =>
      x.map((__, column) => (marked.has(row * x.length + column) ? 1 : null)),
    );
    const colorscale = [
      [0, RED],
      [1, RED],
    ];
    const shade = { colorscale, opacity: 0.55, showscale: false, ...still };
    return [{ type: 'heatmap', name: 'misaligned', x: [...x], y: [...y], z, ...shade }];
  }
  const size = Math.max(2, Math.min(5, 90 / surface.x.length));
  return [
    {
      type: 'scatter',
      mode: 'markers',
      name: 'misaligned',
      ...at(surface, cells),
      cliponaxis: false,
      marker: { symbol: 'circle', size, color: RED },
      ...still,
    },
  ];
}

export interface MarkOptions {
  /** Whether metrics are of log₁₀(1 + L). */
  readonly logarithmic: boolean;
  /** Cells are drawn as squares, not interpolated. */
  readonly stepwise: boolean;
}

/** The marks over a plane around one network, in the order they are drawn. */
export const planeMarks = (
  surface: Surface,
  z: JsonObject['z'],
  scale: ColourAxis,
  { logarithmic, stepwise }: MarkOptions,
): JsonObject[] => [
  ...hatching(surface, scale, stepwise),
  ...(stepwise ? [] : guessingLine(surface, z, scale)),
  ...misaligned(surface, logarithmic),
  ...overflow(surface),
  centre,
];

/** The marks over the plane of a trajectory, whose own path says the rest. */
export const pathMarks = (surface: Surface): JsonObject[] => overflow(surface);

/** Share of the measured cells that lie above the cap or overflowed; 0 without a cap. */
export function shareAbove(surface: Surface, { cap }: ColourAxis): number {
  if (cap === null) return 0;
  let [above, all] = [0, 0];
  surface.losses.forEach((loss, cell) => {
    if (surface.measured[cell] !== 1) return;
    all++;
    if (!(loss <= cap)) above++;
  });
  return all === 0 ? 0 : above / all;
}
