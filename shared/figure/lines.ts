/**
 * Curves: one-dimensional profiles of the loss, and training. Over several seeds: the mean and its
 * standard error.
 */

import { bandOver, bandText, estimate, type Estimate } from '../maths/statistics';
import type { FigureSpec } from '../spec/figure';
import { byVariant, isLine, variantsOf } from './choose';
import { linesAtCommas, widthOf, type Type } from './measure';
import { laySheet, noteBelow, placePanels, type Room, type Said } from './panels';
import type { JsonObject, PlotlyFigure } from './plotly';
import type { FigureSources, RunCurves } from './sources';
import { labelOf, runStatement, scanStatement, standing, verdictStatement } from './statements';
import {
  axis,
  baseLayout,
  DASHES,
  LINE_HEIGHT,
  pixels,
  SERIES,
  translucent,
  typePixels,
} from './style';

interface Series {
  readonly name: string;
  readonly x: readonly number[];
  readonly values: readonly Estimate[];
}

/** A line with a band of one standard error where there are several repetitions. */
function seriesTraces(
  { name, x, values }: Series,
  i: number,
  axes: JsonObject,
  legend: boolean,
): JsonObject[] {
  const colour = SERIES[i % SERIES.length];
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  const line: JsonObject = {
    type: 'scatter',
    mode: 'lines',
    name,
    legendgroup: name,
    showlegend: legend,
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
    legendgroup: name,
    showlegend: false,
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
const LOG: JsonObject = { type: 'log', dtick: 1, exponentformat: 'power' };

/** Pixels of a legend's entry besides its name: the piece of line, and the space after it. */
const ENTRY = 30 + 5 + 12;

interface Legend {
  /** Pixels over the panels. */
  readonly height: number;
  readonly layout: JsonObject;
  /** A name in lines that fit. */
  named(name: string): string;
}

/** The legend of `names` over panels of `inner` pixels: Plotly gives all entries one width. */
function legendOf(names: readonly string[], inner: number, spec: FigureSpec): Legend {
  const type: Type = { size: typePixels(spec), font: spec.font };
  const room = inner - ENTRY;
  const lines = (name: string) => linesAtCommas(name, room, type);
  const width = Math.max(
    ...names.flatMap((name) => lines(name).map((line) => widthOf(line, type) + ENTRY)),
  );
  const columns = Math.max(1, Math.floor(inner / width));
  const perRow = Math.max(...names.map((name) => lines(name).length));
  // So Plotly sets them: no row is lower than the sign in it.
  const pitch = Math.max(16, perRow * type.size * LINE_HEIGHT) + 3;
  return {
    height: Math.ceil(names.length / columns) * pitch + 12,
    named: (name) => lines(name).join('<br>'),
    layout: {
      orientation: 'h',
      ...{ x: 0, y: 1, xanchor: 'left', yanchor: 'bottom' },
      entrywidth: width - ENTRY + 8,
      entrywidthmode: 'pixels',
      font: { size: type.size },
      bgcolor: 'rgba(0,0,0,0)',
    },
  };
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
  names: readonly string[],
  lines: readonly LinePanel[],
) {
  const size = typePixels(spec);
  const type: Type = { size, font: spec.font };
  const line = size * LINE_HEIGHT;
  const left = widthOf(WIDEST_TICK, type) + 6 + line + 6;
  const under = 6 + 2 * line + 4;
  const room: Room = { left, right: 14, bottom: under, gap: left + 6, below: under + 6 };
  const inner = pixels(spec.widthMm) - left - room.right;
  const legend = legendOf(names, inner, spec);
  const isNarrow = inner < 26 * size * lines.length;
  const asked = spec.heightMm === undefined && isNarrow ? { ...spec, columns: 1 } : spec;
  const sheet = laySheet(lines.length, aspect, room, asked, () => legend.height / lines.length);
  const { panels, height } = placePanels(sheet, lines.length, 0);
  const body = legend.height + height + sheet.bottom;
  const note = noteBelow(said, spec, { left: sheet.left, bottom: sheet.bottom, body });
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
    legend,
    layout: {
      ...baseLayout(spec, body + note.height, note.left),
      margin: {
        l: sheet.left,
        r: sheet.right,
        t: legend.height,
        b: sheet.bottom + note.height,
        autoexpand: false,
      },
      legend: legend.layout,
      annotations: note.annotations,
      ...Object.fromEntries(axes),
    },
  };
}

/** A variant keeps its colour and dash in every figure: those of its place in the study. */
const placeOf = ({ study }: FigureSources, variant: string): number =>
  study.variants.findIndex(({ name }) => name === variant);

/** Loss along one direction, all variants in one plot. */
export function profilesFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isLine, 'line', spec);
  const names = chosen.map(({ variant }) => marked(sources, variant));
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
  const { legend, layout } = frame(spec, 0.5, said, names, [
    { x: between ? 'share of the way' : 'α', y: 'loss', up: log ? LOG : {} },
  ]);
  const data = chosen.flatMap(({ variant, all }) => {
    const i = placeOf(sources, variant);
    const values = all[0].surface.x.map((_, cell) =>
      bandOver(
        all.map(({ result, surface }) => ({ seed: result.seed, value: surface.losses[cell] })),
      ),
    );
    const name = legend.named(marked(sources, variant));
    const series = { name, x: all[0].surface.x, values };
    return seriesTraces(series, i, {}, true);
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
  const names = variants.map((name) => marked(sources, name));
  const said = {
    known: [verdictStatement(sources, null, variants)],
    own: [
      `After each epoch, in evaluation mode on all images of the split; ${runStatement(sources, variants)}`,
    ],
  };
  const { legend, layout } = frame(spec, 0.75, said, names, [
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
      const series = { name: legend.named(marked(sources, name)), x, values: perEpoch(runs, pick) };
      const suffix = panel === 0 ? '' : '2';
      return seriesTraces(series, i, { xaxis: `x${suffix}`, yaxis: `y${suffix}` }, panel === 0);
    }),
  );
  return { data, layout };
}
