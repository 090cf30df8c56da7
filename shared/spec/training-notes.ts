/**
 * How networks came to be trained as they were, in words: the trial that chose a rate, and the
 * schedules that led to a loss. The same in the terminal and the window.
 */

import { numberText } from '../maths/statistics';
import { listText } from '../text';
import type { RunResult } from './results';
import { bestRate, edgeOf, reaches, type Attempt, type RecipeSpec, type TrialRow } from './run';
import type { Variant } from './study';

const epochsText = (epochs: number): string => `${epochs} epoch${epochs === 1 ? '' : 's'}`;

const lossOf = (loss: number): string => (Number.isFinite(loss) ? numberText(loss, 3) : 'diverged');

/** Every rate that was tried and the loss it came to, the lowest rate first. */
const rowsText = (rows: readonly TrialRow[]): string =>
  [...rows]
    .sort((a, b) => a.rate - b.rate)
    .map(({ rate, loss }) => `${lossOf(loss)} at ${rate}`)
    .join(', ');

/** How a network's rate was found; nothing where it was pinned. */
function rateNotes({ label, name, recipe }: Variant, runs: readonly RunResult[]): string[] {
  const trial = runs.find((run) => run.variant === name && run.trial !== null)?.trial ?? null;
  const { learningRate } = recipe;
  if (trial === null || typeof learningRate === 'number') return [];
  const extra = trial.slice(learningRate.rates.length).map(({ rate }) => rate);
  const edge = edgeOf(trial);
  const went = extra.length === 0 ? '' : `, the trial having gone on to ${listText(extra)}`;
  const which =
    edge === null ? '' : ` and is the ${edge} of those tried, so that a better one may lie beyond`;
  const how = learningRate.schedule === 'whole' ? ' of a whole schedule' : '';
  const epochs = epochsText(learningRate.epochs);
  return [
    `${label}: rate ${bestRate(trial)} did best${which} (training loss after ${epochs}${how}: ${rowsText(trial)})${went}`,
  ];
}

/** `until loss 0.05, by whole schedules of 5, 10 and 20 epochs` */
export const untilText = ({ loss, epochs }: NonNullable<RecipeSpec['until']>): string =>
  `until loss ${String(loss)}, by whole schedules of ${listText(epochs)} epochs`;

/** `for 20 epochs`, or until which loss. */
export const lengthText = ({ until, epochs }: RecipeSpec): string =>
  until === null ? `for ${epochsText(epochs)}` : untilText(until);

/** `within 40 epochs`, or what it took each seed where that differs. */
const withinText = (epochs: readonly number[], seeds: readonly number[]): string =>
  new Set(epochs).size === 1
    ? `within ${epochs[0]} epochs`
    : `within ${listText(epochs)} epochs (seeds ${listText(seeds)})`;

/** How many epochs it took to reach the loss until which a network was trained. */
function untilNotes({ label, name, recipe: { until } }: Variant, runs: readonly RunResult[]) {
  if (until === null) return [];
  const ended = runs.flatMap(({ variant, seed, attempts }) => {
    const last: Attempt | undefined = attempts?.[attempts.length - 1];
    return variant !== name || last === undefined ? [] : [{ seed, last }];
  });
  if (ended.length === 0) return [];
  const said = [true, false].flatMap((reached) => {
    const own = ended.filter(({ last }) => reaches(until, last) === reached);
    if (own.length === 0) return [];
    const seeds = own.map(({ seed }) => seed);
    const epochs = own.map(({ last }) => last.epochs);
    const within = withinText(epochs, seeds);
    const some =
      own.length === ended.length ? '' : ` with ${seeds.length} of ${ended.length} seeds`;
    return [reached ? `reached it ${within}${some}` : `did not reach it ${within}${some}`];
  });
  return [`${label}: trained ${untilText(until)}; ${said.join('; ')}`];
}

/**
 * Why a run begins again: `ResNet-44, seed 3: still above loss 0.05 after 40 epochs (0.062)`. Null:
 * none of its schedules has missed the loss until which it trains.
 */
export function missedText(
  { label, recipe: { until } }: Variant,
  seed: number,
  missed: readonly Attempt[],
): string | null {
  if (until === null || missed.length === 0) return null;
  const each = missed.map(
    ({ epochs, trainLoss }) => `${epochsText(epochs)} (${lossOf(trainLoss)})`,
  );
  return `${label}, seed ${seed}: still above loss ${until.loss} after ${listText(each)}`;
}

/** What is to be known of how a network was trained. */
export const trainingNotes = (variant: Variant, runs: readonly RunResult[]): string[] => [
  ...rateNotes(variant, runs),
  ...untilNotes(variant, runs),
];
