/** Verdicts in words: the same in the terminal, the window, figures and captions. */

import { CHANCE } from '../maths/crossing';
import { meanInterval } from '../maths/paired';
import { median, numberText } from '../maths/statistics';
import { MINIMUM_DEPTH } from '../maths/surface-metrics';
import { isocurvesOf, pairSurfaces, type Findings, type Pairing } from './pairs';
import type { ClaimResult, Judgement, SeedPair } from './results';
import { bestRate, edgeOf, reaches } from './run';
import { labelOf, type ClaimSpec, type Study } from './study';
import { FEWEST_LATE, isocurvesText } from './trajectory';

/** All that the sentences about one claim are made of. */
export interface About {
  readonly study: Study;
  readonly claim: ClaimSpec;
  readonly findings: Findings;
  readonly pairing: Pairing;
  /** Over the pairs that count, and over all. */
  readonly judged: Judgement;
  readonly all: Judgement;
  /** Networks whose rate lies at an end of the rates that were tried. */
  readonly edges: readonly string[];
  readonly margin: number;
  readonly mayDecide: boolean;
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** `suggests`, `suggests the opposite`, `no difference` … */
export function verdictText({ verdict, leans }: Pick<Judgement, 'verdict' | 'leans'>): string {
  if (leans !== 'against' || verdict === 'contradicts') return verdict;
  return verdict === 'observed' ? 'observed the opposite' : `${verdict} the opposite`;
}

/** The difference of a rule in words: what is higher or lower, sooner or later. */
const QUANTITIES: Readonly<
  Record<ClaimSpec['rule'], { readonly what: string; readonly words: readonly [string, string] }>
> = {
  smoother: { what: 'misaligned', words: ['lower', 'higher'] },
  faster: { what: 'steps to loss 0.3', words: ['sooner', 'later'] },
  perpendicular: { what: 'late q', words: ['higher', 'lower'] },
};

/** What a claim compares; of q, whose isocurves, and what steps at random have. */
function whatOf(claim: ClaimSpec): string {
  const { what } = QUANTITIES[claim.rule];
  if (claim.rule !== 'perpendicular') return what;
  return `${what} (${isocurvesText(isocurvesOf(claim))}; chance ${numberText(CHANCE, 2)})`;
}

/** A difference, signed as `mean` is, so that an interval over zero shows. */
const sizeText = (rule: ClaimSpec['rule'], value: number): string =>
  rule === 'faster' ? `${numberText(Math.exp(value), 2)}×` : numberText(value);

/** `lower by 0.181 (95 % interval 0.044 to 0.318)` */
export function effectText(
  rule: ClaimSpec['rule'],
  { mean, interval }: Pick<Judgement, 'mean' | 'interval'>,
  atLeast: boolean,
): string {
  if (mean === 0) return 'the same';
  const [better, worse] = QUANTITIES[rule].words;
  const sign = mean < 0 ? -1 : 1;
  const text = (value: number) => sizeText(rule, sign * value);
  const range =
    interval === null
      ? ''
      : ` (95 % interval ${text(interval[sign > 0 ? 0 : 1])} to ${text(interval[sign > 0 ? 1 : 0])})`;
  const bound = atLeast ? '≥ ' : '';
  const size = rule === 'faster' ? `${bound}${text(mean)} ` : '';
  const by = rule === 'faster' ? '' : ` by ${text(mean)}`;
  return `${size}${sign > 0 ? better : worse}${by}${range}`;
}

/** One network's number of one seed. */
export function pairText(
  rule: ClaimSpec['rule'],
  pair: SeedPair,
  side: 'subject' | 'reference',
): string {
  if (rule !== 'faster') return numberText(pair[side]);
  const other = side === 'subject' ? 'reference' : 'subject';
  const never = pair.atLeast && pair[side] >= pair[other];
  return `${never ? '≥ ' : ''}${numberText(pair[side], 0)}`;
}

/** `in 3 of 3 seeds` */
export const winsText = ({ mean, wins, seeds }: Judgement, pairs: readonly SeedPair[]): string => {
  const losses = pairs.filter(({ difference }) => difference < 0).length;
  return `in ${mean < 0 ? losses : wins} of ${plural(seeds, 'seed')}`;
};

/** Both networks' numbers: means over seeds, or median steps. */
function sidesText({ claim: { rule } }: About, pairs: readonly SeedPair[]): string {
  const side = (key: 'subject' | 'reference') => {
    const values = pairs.map((pair) => pair[key]);
    if (rule !== 'faster') return numberText(values.reduce((a, b) => a + b, 0) / values.length);
    const other = key === 'subject' ? 'reference' : 'subject';
    const never = pairs.some((pair) => pair.atLeast && pair[key] >= pair[other]);
    return `${never ? '≥ ' : ''}${numberText(median(values), 0)}`;
  };
  return `${side('subject')} against ${side('reference')}`;
}

const judgedPairs = ({ claim, pairing }: About): readonly SeedPair[] =>
  claim.rule === 'faster' ? pairing.pairs : pairing.pairs.filter(({ trained }) => trained);

const pText = ({ p, seeds }: Judgement): string =>
  p === null || seeds < 2 ? '' : `, p = ${numberText(p, 3)}`;

function resultText(about: About, judgement: Judgement, pairs: readonly SeedPair[]): string {
  const { rule } = about.claim;
  const bound = pairs.some(({ atLeast }) => atLeast);
  const effect = effectText(rule, judgement, bound);
  const wins = judgement.mean === 0 ? '' : `, ${winsText(judgement, pairs)}`;
  return `${whatOf(about.claim)} ${sidesText(about, pairs)}: ${effect}${wins}${pText(judgement)}`;
}

function whereText({ claim, pairing: { scan, pairs } }: About): string {
  if (claim.rule === 'faster') return '';
  const directions = Math.max(0, ...pairs.map((pair) => pair.directions.length));
  const averaged =
    directions > 1 ? `, ${directions} pairs of directions averaged within each seed` : '';
  return ` (scan '${scan}'${averaged})`;
}

/** The numbers that decided a claim. */
export function becauseOf(about: About): string {
  const pairs = judgedPairs(about);
  if (pairs.length > 0) return `${resultText(about, about.judged, pairs)}${whereText(about)}`;
  if (about.claim.rule !== 'faster' && about.pairing.scan === null) {
    return about.claim.rule === 'smoother'
      ? 'no plane along random directions was scanned around both networks'
      : 'no trajectory was scanned around both networks';
  }
  if (about.pairing.open.length > 0) {
    return about.claim.rule === 'faster'
      ? 'no seed tells which of the two is sooner'
      : `no seed has ${FEWEST_LATE} later steps with gradients of these isocurves on both paths`;
  }
  return about.pairing.pairs.length > 0
    ? 'there is no seed with which both networks trained'
    : 'there is no seed with which both networks were measured';
}

/** The second line of `smoother`: minima, which decide nothing. */
function minimaNote(about: About): string[] {
  if (about.claim.rule !== 'smoother' || about.judged.seeds === 0) return [];
  const { study, claim, findings } = about;
  const { pairs } = pairSurfaces(study, claim, findings, (s) => s.metrics?.deepMinima, -1);
  const judged = judgedPairs(about).map(({ seed }) => seed);
  const own = pairs.filter(({ seed }) => judged.includes(seed));
  if (own.length === 0) return [];
  const differences = own.map(({ difference }) => difference);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [subject, reference] = [own.map((o) => o.subject), own.map((o) => o.reference)].map(mean);
  const fewer = mean(differences) >= 0;
  const towards = fewer ? differences : differences.map((value) => -value);
  const interval = meanInterval(towards, 0.95);
  const range =
    interval === null
      ? ''
      : ` (95 % interval ${interval.map((end) => numberText(end, 1)).join(' to ')})`;
  const gap =
    mean(differences) === 0
      ? 'as many'
      : `${numberText(mean(towards), 1)} ${fewer ? 'fewer' : 'more'}`;
  return [
    `minima deeper than ${MINIMUM_DEPTH}: ${numberText(subject, 1)} against ${numberText(reference, 1)}, ${gap}${range}; they decide nothing`,
  ];
}

/** How many of the seeds trained, and what all of them say, whether they trained or not. */
function trainedNotes(about: About): string[] {
  const { claim, pairing, all, findings } = about;
  const counts = [claim.subject, claim.reference].flatMap((name) => {
    const own = findings.runs.filter(({ variant }) => variant === name);
    const trained = own.filter(({ summary }) => summary.trained).length;
    if (trained === own.length) return [];
    return [
      `${labelOf(about.study, name)} trained with ${trained} of ${plural(own.length, 'seed')}`,
    ];
  });
  if (counts.length === 0) return [];
  const said = counts.join(', ');
  if (claim.rule === 'faster' || pairing.pairs.every(({ trained }) => trained)) return [said];
  return [
    `${said}; judged over the seeds with which both did`,
    `trained or not, ${plural(pairing.pairs.length, 'seed')}: ${verdictText(all)}; ${resultText(about, all, pairing.pairs)}`,
  ];
}

function edgeNotes(about: About): string[] {
  return about.edges.map((name) => {
    const run = about.findings.runs.find(
      ({ variant, trial }) => variant === name && trial !== null,
    )!;
    const rates = run.trial!.map(({ rate }) => rate).sort((a, b) => a - b);
    return `no verdict on training: ${labelOf(about.study, name)} did best at rate ${bestRate(run.trial!)}, the ${edgeOf(run.trial!)} of those that were tried (${rates.join(', ')}), and a better one may lie beyond`;
  });
}

/** Which networks of a claim ended above the loss until which they were trained. */
function lossNotes({ study, claim: { subject, reference }, findings: { runs } }: About): string[] {
  return study.variants.flatMap(({ name, label, recipe: { until } }) => {
    if (until === null || (name !== subject && name !== reference)) return [];
    const own = runs.filter(({ variant }) => variant === name);
    const missed = own.filter(({ attempts }) => {
      const last = attempts?.[attempts.length - 1];
      return last !== undefined && !reaches(until, last);
    });
    if (missed.length === 0) return [];
    const seeds = missed.length === 1 ? 'seed' : 'seeds';
    return [
      `${label} did not reach loss ${until.loss} with ${seeds} ${missed.map(({ seed }) => seed).join(', ')}: there it is not compared at equal training loss`,
    ];
  });
}

/** The margin in the rule's unit: `±0.02`, `×1.25`. */
const marginText = ({ claim: { rule }, margin }: About): string =>
  rule === 'faster' ? `×${numberText(Math.exp(margin), 2)}` : `±${numberText(margin, 2)}`;

/** How the word stands to the interval and the margin, where a reader may wonder. */
function sizeNotes(about: About): string[] {
  const { verdict, mean, interval, leans } = about.judged;
  if (verdict === 'no difference') {
    return [`the 90 % interval lies within the margin of ${marginText(about)}`];
  }
  if (leans === null) return [];
  const isSmall = Math.abs(mean) <= about.margin;
  const holdsZero = interval !== null && interval[0] <= 0 && interval[1] >= 0;
  return [
    ...(isSmall ? [`the mean difference is within the margin of ${marginText(about)}`] : []),
    ...(holdsZero
      ? [
          about.judged.seeds < 5
            ? 'the interval holds 0'
            : 'the interval holds 0: it takes differences to be normal, the test does not',
        ]
      : []),
  ];
}

const openReason = ({ claim }: About): string =>
  claim.rule === 'faster'
    ? 'since training ended before it could be told'
    : `for want of ${FEWEST_LATE} later steps with gradients of these isocurves`;

/** What else has to be known of a verdict, a sentence each. */
export function notesOf(about: About): string[] {
  const { pairing, judged, mayDecide } = about;
  const seeds = (list: readonly number[]) =>
    `seed${list.length === 1 ? '' : 's'} ${list.join(', ')}`;
  const held =
    !mayDecide && judged.verdict === 'suggests' && judged.seeds >= 5
      ? ['a claim above it was not decided, so that this one suggests at most']
      : [];
  return [
    ...edgeNotes(about),
    ...minimaNote(about),
    ...trainedNotes(about),
    ...lossNotes(about),
    ...held,
    ...(pairing.missing.length === 0 || pairing.pairs.length === 0
      ? []
      : [`left out, for want of one of the two networks: ${seeds(pairing.missing)}`]),
    ...(pairing.open.length === 0
      ? []
      : [`left out, ${openReason(about)}: ${seeds(pairing.open)}`]),
    ...sizeNotes(about),
  ];
}

/** A claim with its verdict in one sentence, as captions and figures have it. */
export const claimText = (result: ClaimResult): string => {
  const seeds = plural(result.seeds, 'seed');
  return `${result.claim}: ${verdictText(result)} (${seeds})`;
};
