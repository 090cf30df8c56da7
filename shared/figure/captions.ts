/** The caption and the methods sentence of a figure, from what it was drawn from. */

import { nameOfDataset } from '../spec/dataset';
import type { PlotlyFigure } from './plotly';
import type { FigureSources } from './sources';
import { labelOf, scanStatement, untrainedStatement, verdictStatement } from './statements';
import { lengthText } from '../spec/training-notes';
import type { FigureSpec } from '../spec/figure';
import type { SurfaceResult } from '../spec/results';

const KINDS: Readonly<Record<FigureSpec['kind'], string>> = {
  surfaces: 'Loss surfaces',
  contours: 'Loss contours',
  heatmaps: 'Loss, cell by cell,',
  profiles: 'Loss profiles',
  curves: 'Training curves',
  trajectories: 'Training trajectories over loss contours',
};

function drawn(sources: FigureSources, spec: FigureSpec): SurfaceResult[] {
  const fits = ({ kind, y, trajectory }: SurfaceResult) => {
    if (spec.kind === 'profiles') return y === null;
    if (spec.kind === 'trajectories') return trajectory !== null;
    return spec.kind !== 'curves' && y !== null && kind !== 'principal';
  };
  const all = sources.surfaces.map(({ result }) => result).filter(fits);
  const scan = spec.scan ?? all[0]?.scan;
  return all.filter(
    (result) =>
      result.scan === scan &&
      (spec.variants === undefined || spec.variants.includes(result.variant)),
  );
}

/** What a figure that is just built has to be told beside it. */
interface Meta {
  /** What there is no room for on the page. */
  readonly beside?: string;
  readonly caption?: string;
}

const metaOf = ({ layout }: PlotlyFigure): Meta => (layout['meta'] ?? {}) as Meta;

/** The caption that `figure` carries. */
export const captionIn = (figure: PlotlyFigure): string => metaOf(figure).caption ?? '';

/** `figure` of `sources`, called as `spec` says, with its caption. */
export function captioned(
  figure: PlotlyFigure,
  sources: FigureSources,
  spec: FigureSpec,
): PlotlyFigure {
  const caption = captionOf(sources, spec, metaOf(figure).beside ?? '');
  return { ...figure, layout: { ...figure.layout, meta: { caption } } };
}

function captionOf(sources: FigureSources, spec: FigureSpec, beside: string): string {
  const chosen = spec.variants ?? sources.study.variants.map(({ name }) => name);
  const labels = chosen.map((name) => labelOf(sources, name));
  const results = drawn(sources, spec);
  const said = results.length === 0 ? '' : ` ${scanStatement(results)}`;
  const failed = untrainedStatement(sources, chosen);
  const warning = failed === '' ? '' : ` ${failed}.`;
  const scan = spec.kind === 'curves' ? null : (results[0]?.scan ?? '');
  const verdicts = verdictStatement(sources, scan, chosen, true);
  const head = `${KINDS[spec.kind]} of ${labels.join('; ')} on ${nameOfDataset(sources.study.dataset)}.`;
  return `${head}${said}${verdicts === '' ? '' : ` ${verdicts}`}${warning}${beside === '' ? '' : ` ${beside}`}`;
}

/** How long networks were trained: once where all were alike, else for each. */
function lengthsOf(variants: FigureSources['study']['variants']): string {
  const texts = variants.map(({ recipe }) => lengthText(recipe));
  if (new Set(texts).size === 1) return ` ${texts[0]}`;
  return ` (${variants.map(({ label }, i) => `${label}: ${texts[i]}`).join('; ')})`;
}

function rateText({ learningRate }: FigureSources['study']['variants'][number]['recipe']): string {
  if (typeof learningRate === 'number') return `learning rate ${learningRate}`;
  const { rates, epochs, schedule } = learningRate;
  const how = schedule === 'whole' ? 'a whole schedule of ' : '';
  return `the best learning rate of ${rates.join(', ')} after ${how}${epochs} epochs each`;
}

/** How the networks that were trained here were trained; empty: none was. */
function trainingOf({ variants, seeds }: FigureSources['study']): string {
  const trained = variants.filter(({ weights, surface }) => weights === null && surface === null);
  if (trained.length === 0) return '';
  const [{ recipe }] = trained;
  const clip = recipe.clip === null ? '' : `gradients clipped to the norm ${recipe.clip}, `;
  return (
    `Networks were trained${lengthsOf(trained)} with ${recipe.optimiser.kind.toUpperCase()}, batches of ${recipe.batch}, ` +
    `${rateText(recipe)}, ${clip}weight decay ${recipe.weightDecay} and a ${recipe.schedule.kind} schedule, with ${seeds.length} ` +
    `seed${seeds.length === 1 ? '' : 's'}. `
  );
}

export function methodsOf({ study }: FigureSources, version: string): string {
  const imported = study.variants.flatMap(({ label, weights }) =>
    weights === null
      ? []
      : [`${label} was trained elsewhere (${weights.source ?? weights.file}). `],
  );
  return `${trainingOf(study)}${imported.join('')}Directions were filter-normalised (Li et al. 2018). Made with Isocurve ${version}.`;
}
