/**
 * Curves: one-dimensional profiles of the loss, and training. Over several seeds: the mean and its
 * standard error.
 */

import { bandOver, bandText, estimate, type Estimate } from '../maths/statistics';
import type { FigureSpec } from '../spec/figure';
import { byVariant, isLine, variantsOf } from './choose';
import { linesAtCommas, type Type } from './measure';
import { laySheet, noteBelow, placePanels, type Room, type Said } from './panels';
import type { JsonObject, PlotlyFigure } from './plotly';
import type { FigureSources, RunCurves } from './sources';
import { labelOf, runStatement, scanStatement, standing, verdictStatement } from './statements';
import {
  axis,
  baseLayout,
  DASHES,
  INK,
  LINE_HEIGHT,
  pixels,
  SERIES,
  translucent,
  typePixels,
} from './style';
import { powerText, widest } from './ticks';

interface Series {
  readonly name: string;
  readonly x: readonly number[];
  readonly values: readonly Estimate[];
}

/** A line with a band of one standard error where there are several repetitions. */
function seriesTraces({ name, x, values }: Series, i: number, axes: JsonObject): JsonObject[] {
  const colour = SERIES[i % SERIES.length];
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  const line: JsonObject = {
    type: 'scatter',
    mode: 'lines',
    name,
    x,
    y: values.map(({ mean }) => finite(mean)),
    line: { color: colour, dash: DASHES[i % DASHES.length], width: 1.5 },
    ...axes,
  };
  if (values.every(({ standardError }) => standardError === null)) return [line];
  const edge = (sign: number) =>
    values.map(({ mean, standardError }) => finite(mean + sign * (standardError ?? 0)));
  const band: JsonObject = {
    type: 'scatter',
    mode: 'lines',
    hoverinfo: 'skip',
    x: [...x, ...[...x].reverse()],
    y: [...edge(1), ...edge(-1).reverse()],
    fill: 'toself',
    fillcolor: translucent(colour, 0.18),
    line: { width: 0 },
    ...axes,
  };
  return [band, line];
}

const marked = (sources: FigureSources, variant: string): string => {
  const failed = standing(sources, variant);
  return `${labelOf(sources, variant)}${failed === '' ? '' : ` (${failed})`}`;
};

/** Powers of ten alone: between two of them there is no room for words. */
const POWERS = Array.from({ length: 33 }, (_, i) => i - 12);
const LOG: JsonObject = {
  type: 'log',
  tickvals: POWERS.map((power) => 10 ** power),
  ticktext: POWERS.map(powerText),
};

/** Pixels of a legend's sign, the space after it, and that after an entry. */
const SIGN = 26;
const TO_NAME = 6;
const AFTER = 16;

/** One network in the legend. */
interface Entry {
  readonly name: string;
  /** Its place in the study. */
  readonly place: number;
}

interface Legend {
  /** Pixels over the panels. */
  readonly height: number;
  /**
   * Its signs and names over panels that take `body` by `own` pixels, and begin `shift` pixels to
   * the right of it.
   */
  over(
    body: number,
    own: number,
    shift: number,
  ): { readonly shapes: JsonObject[]; readonly annotations: JsonObject[] };
}

/** The legend of `entries` over panels of `inner` pixels: in columns of one width, row by row. */
function legendOf(entries: readonly Entry[], inner: number, spec: FigureSpec): Legend {
  const type: Type = { size: typePixels(spec), font: spec.font };
  const line = type.size * LINE_HEIGHT;
  const names = entries.map(({ name }) => linesAtCommas(name, inner - SIGN - TO_NAME, type));
  const width = Math.max(...names.map((lines) => SIGN + TO_NAME + widest(lines, type)));
  const columns = Math.max(1, Math.floor((inner + AFTER) / (width + AFTER)));
  const pitch = line * Math.max(...names.map((lines) => lines.length));
  const height = Math.ceil(entries.length / columns) * pitch + 0.8 * type.size + 4;
  const over = (body: number, own: number, shift: number) => {
    const placed = entries.map((entry, i) => ({
      ...{ entry, lines: names[i] },
      left: (i % columns) * (width + AFTER) - shift,
      top: Math.floor(i / columns) * pitch + 4,
    }));
    const y = (fromTop: number) => 1 + (height - fromTop) / body;
    return {
      shapes: placed.map(({ entry: { place }, left, top }): JsonObject => ({
        ...{ type: 'line', xref: 'paper', yref: 'paper' },
        ...{ x0: left / own, x1: (left + SIGN) / own },
        ...{ y0: y(top + line / 2), y1: y(top + line / 2) },
        line: {
          color: SERIES[place % SERIES.length],
          dash: DASHES[place % DASHES.length],
          width: 1.5,
        },
      })),
      annotations: placed.map(({ lines, left, top }): JsonObject => ({
        text: lines.join('<br>'),
        ...{ x: (left + SIGN + TO_NAME) / own, y: y(top) },
        ...{ xref: 'paper', yref: 'paper', xanchor: 'left', yanchor: 'top', borderpad: 0 },
        ...{ align: 'left', showarrow: false, font: { size: type.size, color: INK } },
      })),
    };
  };
  return { height, over };
}

/** One axis each way of a panel. */
interface LinePanel {
  readonly x: string;
  readonly y: string;
  /** Overrides of the vertical axis. */
  readonly up?: JsonObject;
}

/** Tick labels of a loss or a share, such as `0.001`, at most. */
const WIDEST_TICK = '0.001';

/** Everything of a figure of lines but its lines. */
function frame(
  spec: FigureSpec,
  aspect: number,
  said: Said,
  entries: readonly Entry[],
  lines: readonly LinePanel[],
) {
  const size = typePixels(spec);
  const type: Type = { size, font: spec.font };
  const line = size * LINE_HEIGHT;
  const left = widest([WIDEST_TICK], type) + 6 + line + 6;
  const under = 6 + 2 * line + 4;
  const room: Room = { left, right: 14, bottom: under, gap: left + 6, below: under + 6 };
  const inner = pixels(spec.widthMm) - left - room.right;
  const legend = legendOf(entries, inner, spec);
  const isNarrow = inner < 26 * size * lines.length;
  const asked = spec.heightMm === undefined && isNarrow ? { ...spec, columns: 1 } : spec;
  // The legend stands once over all rows.
  const above = { ...room, bottom: room.bottom + legend.height };
  const { bottom: below, ...sheet } = laySheet(lines.length, aspect, above, asked, () => 0);
  const bottom = below - legend.height;
  const { panels, height } = placePanels({ ...sheet, bottom }, lines.length, 0);
  const body = legend.height + height + bottom;
  const note = noteBelow(said, spec, { left: sheet.left, bottom, body });
  const { shapes, annotations } = legend.over(
    // Panels on a page of fixed height fill it.
    spec.heightMm === undefined
      ? height
      : pixels(spec.heightMm) - legend.height - bottom - note.height,
    pixels(spec.widthMm) - sheet.left - sheet.right,
    sheet.left - left,
  );
  const title = (text: string) => ({ text, standoff: 4, font: { size } });
  const axes = lines.flatMap(({ x, y, up = {} }, i): [string, JsonObject][] => {
    const suffix = i === 0 ? '' : String(i + 1);
    const common = { tickfont: { size }, tickangle: 0, nticks: 6 };
    const across = { ...common, domain: panels[i].x, anchor: `y${suffix}`, title: title(x) };
    const upward = { ...common, domain: panels[i].y, anchor: `x${suffix}`, title: title(y), ...up };
    return [
      [`xaxis${suffix}`, axis(x, across)],
      [`yaxis${suffix}`, axis(y, upward)],
    ];
  });
  return {
    ...baseLayout(spec, body + note.height, note.left),
    margin: {
      l: sheet.left,
      r: sheet.right,
      t: legend.height,
      b: bottom + note.height,
      autoexpand: false,
    },
    showlegend: false,
    shapes,
    annotations: [...annotations, ...note.annotations],
    ...Object.fromEntries(axes),
  };
}

/** A variant keeps its colour and dash in every figure: those of its place in the study. */
const placeOf = ({ study }: FigureSources, variant: string): number =>
  study.variants.findIndex(({ name }) => name === variant);

const entriesOf = (sources: FigureSources, variants: readonly string[]): Entry[] =>
  variants.map((variant) => ({
    name: marked(sources, variant),
    place: placeOf(sources, variant),
  }));

/** Loss along one direction, all variants in one plot. */
export function profilesFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isLine, 'line', spec);
  const entries = entriesOf(
    sources,
    chosen.map(({ variant }) => variant),
  );
  const results = chosen.flatMap(({ all }) => all.map(({ result }) => result));
  const between = results[0].kind === 'between';
  const wide = chosen.some(({ all }) =>
    all.some(({ surface }) => Math.max(...surface.losses) > 100),
  );
  const log = spec.scale === 'log' || (spec.scale !== 'linear' && wide);
  const bands =
    results.length > chosen.length
      ? `Bands: ${bandText(new Set(results.map(({ seed }) => seed)).size)}.`
      : '';
  const said = { known: [scanStatement(results)], own: [bands] };
  const layout = frame(spec, 0.5, said, entries, [
    { x: between ? 'share of the way' : 'α', y: 'loss', up: log ? LOG : {} },
  ]);
  const data = chosen.flatMap(({ variant, all }) => {
    const i = placeOf(sources, variant);
    const values = all[0].surface.x.map((_, cell) =>
      bandOver(
        all.map(({ result, surface }) => ({ seed: result.seed, value: surface.losses[cell] })),
      ),
    );
    const name = marked(sources, variant);
    const series = { name, x: all[0].surface.x, values };
    return seriesTraces(series, i, {});
  });
  return { data, layout };
}

/** The estimate of one number per epoch over the seeds of a variant. */
const perEpoch = (
  runs: readonly RunCurves[],
  pick: (epoch: RunCurves['epochs'][number]) => number,
) =>
  runs[0].epochs.map((_, i) =>
    estimate(runs.flatMap(({ epochs }) => (epochs[i] === undefined ? [] : [pick(epochs[i])]))),
  );

/** Training: the loss on the training split and the accuracy on the test split after each epoch. */
export function curvesFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const variants = variantsOf(sources, spec);
  const panels = [
    { pick: (e: RunCurves['epochs'][number]) => e.trainLoss },
    { pick: (e: RunCurves['epochs'][number]) => e.testAccuracy },
  ];
  const entries = entriesOf(sources, variants);
  const said = {
    known: [verdictStatement(sources, null, variants)],
    own: [
      `After each epoch, in evaluation mode on all images of the split; ${runStatement(sources, variants)}`,
    ],
  };
  const layout = frame(spec, 0.75, said, entries, [
    { x: 'epoch', y: 'training loss', up: LOG },
    { x: 'epoch', y: 'test accuracy', up: { rangemode: 'tozero' } },
  ]);
  const data = panels.flatMap(({ pick }, panel) =>
    variants.flatMap((name) => {
      const i = placeOf(sources, name);
      const runs = sources.runs.filter(
        ({ run, epochs }) => run.variant === name && epochs.length > 0,
      );
      if (runs.length === 0) return [];
      const x = runs[0].epochs.map(({ epoch }) => epoch + 1);
      const series = { name: marked(sources, name), x, values: perEpoch(runs, pick) };
      const suffix = panel === 0 ? '' : '2';
      return seriesTraces(series, i, { xaxis: `x${suffix}`, yaxis: `y${suffix}` });
    }),
  );
  return { data, layout };
}
