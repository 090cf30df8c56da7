/** The caption and the methods sentence of a figure, from what it was drawn from. */

import { nameOfDataset } from '../../../shared/spec/dataset';
import { relabelled, type FigureSources } from '../../../shared/figure/sources';
import {
  labelOf,
  scanStatement,
  untrainedStatement,
  verdictStatement,
} from '../../../shared/figure/statements';
import type { FigureSpec } from '../../../shared/spec/figure';
import type { SurfaceResult } from '../../../shared/spec/results';

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

export function captionOf(found: FigureSources, spec: FigureSpec): string {
  const sources = relabelled(found, spec);
  const chosen = spec.variants ?? sources.study.variants.map(({ name }) => name);
  const labels = chosen.map((name) => labelOf(sources, name));
  const results = drawn(sources, spec);
  const said = results.length === 0 ? '' : ` ${scanStatement(results)}`;
  const failed = untrainedStatement(sources, chosen);
  const warning = failed === '' ? '' : ` ${failed}.`;
  const scan = spec.kind === 'curves' ? null : (results[0]?.scan ?? '');
  const verdicts = verdictStatement(sources, scan, chosen, true);
  return `${KINDS[spec.kind]} of ${labels.join('; ')} on ${nameOfDataset(sources.study.dataset)}.${said}${verdicts === '' ? '' : ` ${verdicts}`}${warning}`;
}

/** How the networks that were trained here were trained; empty: none was. */
function trainingOf({ variants, seeds }: FigureSources['study']): string {
  const first = variants.find(({ weights }) => weights === null);
  if (first === undefined) return '';
  const { recipe } = first;
  const rate =
    typeof recipe.learningRate === 'number'
      ? `learning rate ${recipe.learningRate}`
      : `the best learning rate of ${recipe.learningRate.rates.join(', ')} after ${recipe.learningRate.epochs} epochs each`;
  return (
    `Networks were trained for ${recipe.epochs} epochs with ${recipe.optimiser.kind.toUpperCase()}, batches of ${recipe.batch}, ` +
    `${rate}, weight decay ${recipe.weightDecay} and a ${recipe.schedule.kind} schedule, with ${seeds.length} ` +
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
