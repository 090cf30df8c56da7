/**
 * What every plot has to say beside itself: norm mode, images, seeds, grid, normalisation,
 * dimensions, training.
 */

import { estimateText, lossText, numberText, overSeeds, percentText } from '../maths/statistics';
import type { RunResult, SurfaceResult } from '../spec/results';
import { isImported, type RunSummary } from '../spec/run';
import { labelOf as labelIn } from '../spec/study';
import { DOUBT, standingOf } from '../spec/tables';
import { claimText } from '../spec/verdict-text';
import { capitalised } from '../text';
import type { FigureSources } from './sources';
import { WRONG } from './style';

const BN_WORDS = new Map([
  ['frozen', 'batch norm frozen at the centre'],
  ['batch', 'batch norm recomputed at each point'],
  ['states', 'batch norm statistics interpolated'],
]);

/** The mark of a network whose surface is not that of a minimum. */
const UNTRAINED = `<span style="color:${WRONG}"><b>did not train</b></span>`;

const count = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;

/** The runs behind a figure, by seed and whether they trained. */
export function runStatement(sources: FigureSources, variants: readonly string[]): string {
  const runs = sources.runs.filter(({ run }) => variants.includes(run.variant));
  const seeds = new Set(runs.map(({ run }) => run.seed)).size;
  const bands = seeds > 1 ? '. Bands: one standard error over seeds' : '';
  const failed = untrainedStatement(sources, variants);
  return `${count(seeds, 'seed')}${failed === '' ? '' : `; ${failed}`}${bands}.`;
}

/** How the runs of a variant failed to train; empty: they trained. */
export const standing = ({ runs }: FigureSources, variant: string): string =>
  standingOf(
    runs.map(({ run }) => run),
    variant,
  );

/** Which of `variants` did not train, or with how many seeds; empty: all did. */
export function untrainedStatement(sources: FigureSources, variants: readonly string[]): string {
  return variants
    .filter((name) => standing(sources, name) !== '')
    .map((name) => `${labelOf(sources, name)}: ${standing(sources, name)}`)
    .join('; ');
}

/**
 * The verdicts on claims about what is shown: about surfaces of `scan`, or, where it is null, about
 * training, of networks that are all shown; long, with the numbers that decided. Empty: there are
 * none.
 */
export function verdictStatement(
  { claims = [] }: FigureSources,
  scan: string | null,
  variants: readonly string[],
  isLong = false,
): string {
  const about = claims.filter(
    (claim) =>
      (scan === null ? claim.rule === 'faster' : claim.scan === scan) &&
      [claim.subject, claim.reference].every((name) => variants.includes(name)),
  );
  return about
    .map((claim) => `${capitalised(claimText(claim))}${isLong ? `, ${claim.because}` : ''}.`)
    .join(' ');
}

/** `5,142`, `0.16 million`, `0.1–0.2 million`: the weights that networks move. */
export function dimensionText(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most < 1e5) {
    const ends = least === most ? [least] : [least, most];
    return ends.map((n) => n.toLocaleString('en')).join('–');
  }
  const text = (digits: number) => [least, most].map((n) => (n / 1e6).toPrecision(digits));
  const [low, high] = text(2);
  if (low === high) return `${low} million`;
  const [from, to] = text(1);
  return from === to ? `${low}–${high} million` : `${Number(from)}–${Number(to)} million`;
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
    `${axes} of ${dimensionText(dimensions)} dimensions`,
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

/** What is wrong with a network whose loss is high: a failure where it was trained here. */
export function troubleOf(summary: RunSummary): string {
  if (summary.trained) return '';
  return isImported(summary) ? DOUBT : UNTRAINED;
}

/** The second line of a panel's title: how the network did, or that it did not train. */
export function trainingStatement(sources: FigureSources, result: SurfaceResult): string {
  if (result.origin !== undefined) return 'measured elsewhere';
  const { summary } = runOf(sources, result);
  const loss = `train loss ${lossText(summary.trainLoss)}`;
  const trouble = troubleOf(summary);
  return trouble === ''
    ? `${loss}, test accuracy ${percentText(summary.testAccuracy)}`
    : `${trouble}, ${loss}`;
}

/** Roughness over the seeds of a variant's planes on one scan. */
export function metricStatement(results: readonly SurfaceResult[]): string {
  const measured = results.filter(({ metrics }) => metrics !== null);
  if (measured.length === 0) return '';
  const over = (pick: (metrics: NonNullable<SurfaceResult['metrics']>) => number) =>
    overSeeds(measured.map(({ seed, metrics }) => ({ seed, value: pick(metrics!) })));
  const misaligned = estimateText(over((m) => m.misaligned));
  return `misaligned ${misaligned}, minima ${estimateText(
    over((m) => m.deepMinima ?? NaN),
    1,
  )}`;
}

export const labelOf = ({ study }: FigureSources, variant: string): string =>
  labelIn(study, variant);
