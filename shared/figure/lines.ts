/**
 * Curves: one-dimensional profiles of the loss, and training. Over several seeds: the mean and its
 * standard error.
 */

import { bandOver, bandText, estimate, type Estimate } from '../maths/statistics';
import type { FigureSpec } from '../spec/figure';
import { byVariant, isLine, variantsOf } from './choose';
import { noteBelow } from './panels';
import type { JsonObject, PlotlyFigure } from './plotly';
import type { FigureSources, RunCurves } from './sources';
import { labelOf, runStatement, scanStatement, standing, verdictStatement } from './statements';
import { axis, baseLayout, DASHES, pixels, SERIES, translucent } from './style';

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

const LEGEND: JsonObject = {
  orientation: 'h',
  x: 0,
  y: 1.02,
  xanchor: 'left',
  yanchor: 'bottom',
  bgcolor: 'rgba(0,0,0,0)',
};

function frame(spec: FigureSpec, share: number, note: string, rows: number) {
  const margins = { left: 54, bottom: 42 };
  const below = noteBelow(note, spec, margins);
  const top = 14 + 30 * rows;
  const height = pixels(spec.widthMm) * share + margins.bottom + below.height + top;
  return {
    ...baseLayout(spec, height),
    margin: { l: margins.left, r: 12, t: top, b: margins.bottom + below.height },
    legend: LEGEND,
    annotations: spec.bare ? [] : [below.annotation],
  };
}

/** A variant keeps its colour and dash in every figure: those of its place in the study. */
const placeOf = ({ study }: FigureSources, variant: string): number =>
  study.variants.findIndex(({ name }) => name === variant);

/** Loss along one direction, all variants in one plot. */
export function profilesFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const chosen = byVariant(sources, isLine, 'line', spec);
  const data = chosen.flatMap(({ variant, all }) => {
    const i = placeOf(sources, variant);
    const values = all[0].surface.x.map((_, cell) =>
      bandOver(
        all.map(({ result, surface }) => ({ seed: result.seed, value: surface.losses[cell] })),
      ),
    );
    const series = { name: marked(sources, variant), x: all[0].surface.x, values };
    return seriesTraces(series, i, {}, true);
  });
  const wide = chosen.some(({ all }) =>
    all.some(({ surface }) => Math.max(...surface.losses) > 100),
  );
  const log = spec.scale === 'log' || (spec.scale !== 'linear' && wide);
  const results = chosen.flatMap(({ all }) => all.map(({ result }) => result));
  const bands =
    results.length > chosen.length
      ? ` Bands: ${bandText(new Set(results.map(({ seed }) => seed)).size)}.`
      : '';
  const between = results[0].kind === 'between';
  return {
    data,
    layout: {
      ...frame(spec, 0.42, scanStatement(results) + bands, Math.ceil(chosen.length / 3)),
      xaxis: axis(between ? 'share of the way' : 'α'),
      yaxis: axis('loss', log ? { type: 'log' } : {}),
    },
  };
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
    { title: 'training loss', pick: (e: RunCurves['epochs'][number]) => e.trainLoss, log: true },
    {
      title: 'test accuracy',
      pick: (e: RunCurves['epochs'][number]) => e.testAccuracy,
      log: false,
    },
  ];
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
      return seriesTraces(series, i, { xaxis: `x${suffix}`, yaxis: `y${suffix}` }, panel === 0);
    }),
  );
  const rows = Math.ceil(variants.length / 3);
  const note =
    `After each epoch, in evaluation mode on all images of the split; ${runStatement(sources, variants)} ${verdictStatement(sources, null, variants)}`.trim();
  return {
    data,
    layout: {
      ...frame(spec, 0.36, note, rows),
      xaxis: axis('epoch', { domain: [0, 0.45] }),
      yaxis: axis(panels[0].title, { type: 'log' }),
      xaxis2: axis('epoch', { domain: [0.56, 1], anchor: 'y2' }),
      yaxis2: axis(panels[1].title, { anchor: 'x2', rangemode: 'tozero' }),
    },
  };
}
