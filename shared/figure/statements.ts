/**
 * What every plot has to say beside itself: norm mode, images, seeds, grid, normalisation,
 * dimensions, training.
 */

import { estimate, estimateText, numberText } from '../maths/statistics';
import type { RunResult, SurfaceResult } from '../spec/results';
import type { FigureSources, SurfaceSource } from './sources';
import { WRONG } from './style';

const BN_WORDS = new Map([
  ['frozen', 'batch norm frozen at the centre'],
  ['batch', 'batch norm recomputed at each point'],
  ['states', 'batch norm statistics interpolated'],
]);

/** The mark of a network whose surface is not that of a minimum. */
export const UNTRAINED = `<span style="color:${WRONG}"><b>did not train</b></span>`;

const count = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;

/** The runs behind a figure, by seed and whether they trained. */
export function runStatement(sources: FigureSources, variants: readonly string[]): string {
  const runs = sources.runs.filter(({ run }) => variants.includes(run.variant));
  const seeds = new Set(runs.map(({ run }) => run.seed)).size;
  const bands = seeds > 1 ? '. Bands: one standard error over seeds' : '';
  const untrained = runs.filter(({ run }) => !run.summary.trained).map(({ run }) => run.variant);
  const names = [...new Set(untrained)].map((name) => labelOf(sources, name)).join(', ');
  return `${count(seeds, 'seed')}${names === '' ? '' : `; did not train: ${names}`}${bands}.`;
}

/** The scan behind a set of surfaces that share its settings. */
export function scanStatement(results: readonly SurfaceResult[]): string {
  const own = results.filter(({ origin }) => origin === undefined);
  const [first] = own;
  const brought = broughtStatement(results);
  if (first === undefined) return brought;
  const dimensions = [...new Set(own.flatMap(({ validity }) => validity?.moved ?? []))];
  const cells = first.y === null ? `${first.x.length}` : `${first.x.length}×${first.y.length}`;
  const seeds = new Set(own.map((result) => result.seed)).size;
  const pairs = new Set(own.map((result) => result.directionSeed)).size;
  const axes = first.y === null ? 1 : 2;
  const said = [
    `Directions: ${first.normalisation}`,
    `${axes} of ${dimensions.map((n) => n.toLocaleString('en')).join(' or ')} dimensions`,
    BN_WORDS.get(first.bn) ?? first.bn,
    `${first.images} ${first.split}ing images`.replace('testing', 'test'),
    `standard error at the centre ${numberText(Math.max(...own.map((r) => r.standardError)))} or less`,
    `${cells} points`,
    first.directionSeed === null ? '' : count(pairs, 'direction seed'),
    count(seeds, 'seed'),
  ];
  return [`${said.filter((part) => part !== '').join('; ')}.`, brought].join(' ').trim();
}

/** What is said of surfaces that were measured elsewhere. */
function broughtStatement(results: readonly SurfaceResult[]): string {
  const origins = results.flatMap(({ origin }) => origin ?? []);
  if (origins.length === 0) return '';
  return `Measured elsewhere, with directions, images and batch norm unknown: ${origins.join('; ')}.`;
}

const runOf = ({ runs }: FigureSources, result: SurfaceResult): RunResult =>
  runs.find(({ run }) => run.id === result.run)!.run;

/** The second line of a panel's title: how the network did, or that it did not train. */
export function trainingStatement(sources: FigureSources, result: SurfaceResult): string {
  if (result.origin !== undefined) return 'measured elsewhere';
  const { summary } = runOf(sources, result);
  const loss = `train loss ${numberText(summary.trainLoss, 4)}`;
  return summary.trained
    ? `${loss}, test accuracy ${(100 * summary.testAccuracy).toFixed(1)} %`
    : `${UNTRAINED}, ${loss}`;
}

/** Roughness over all repetitions of a variant's planes. */
export function metricStatement(repetitions: readonly SurfaceSource[]): string {
  const metrics = repetitions.flatMap(({ result }) =>
    result.metrics === null ? [] : [result.metrics],
  );
  if (metrics.length === 0) return '';
  const misaligned = estimateText(estimate(metrics.map((m) => m.misaligned)));
  const minima = estimateText(estimate(metrics.map((m) => m.minima)), 1);
  return `misaligned ${misaligned}, minima ${minima}`;
}

export const labelOf = ({ study }: FigureSources, variant: string): string =>
  study.variants.find(({ name }) => name === variant)?.label ?? variant;

/** Whether a variant failed to train with any seed. */
export const isUntrained = ({ runs }: FigureSources, variant: string): boolean =>
  runs.some(({ run }) => run.variant === variant && !run.summary.trained);
