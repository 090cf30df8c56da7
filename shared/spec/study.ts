/**
 * The study noun: a question, as variants that differ in named factors, and what is measured of
 * them.
 */

import * as v from 'valibot';
import { Fault } from '../fault';
import { between, check, whole } from './check';
import { DatasetSpec } from './dataset';
import { ModelSpec } from './model';
import { placeFor } from './place';
import { RecipeSpec } from './run';
import { ScanSpec } from './surface';
import { checkpointNorms, FEWEST_LATE, isocurves } from './trajectory';

const name = v.pipe(
  v.string(),
  v.check(
    (text) => /^[a-z0-9][a-z0-9.-]*$/.test(text),
    'a name of lower-case letters, digits, dots and dashes',
  ),
);

/** Keys that replace those of `base`; checked as a whole once merged. */
const Overrides = v.record(v.string(), v.unknown());

/** A checkpoint of a training elsewhere, before its last. */
const EarlierWeights = v.strictObject({
  file: v.pipe(v.string(), placeFor('readableFile')),
  source: v.optional(v.string()),
  step: whole(0, 2 ** 31),
});

/** Weights that were trained elsewhere: what `isocurve` took out of a file of others. */
export const WeightsSpec = v.strictObject({
  /** A safetensors file of float32. */
  file: v.pipe(v.string(), placeFor('readableFile')),
  /** Where they came from, as it is said in reports. */
  source: v.optional(v.string()),
  /** The file's tensor for some of the network's, by name, where names and order do not tell. */
  mapping: v.optional(v.record(v.string(), v.string())),
  /** At which step of its training they were: the number in the file's name. */
  step: v.optional(whole(0, 2 ** 31)),
  /** Checkpoints of the same training before it, in order: with them the run has a trajectory. */
  earlier: v.optional(v.pipe(v.array(EarlierWeights), v.minLength(1))),
});
export type WeightsSpec = v.InferOutput<typeof WeightsSpec>;

/** A surface that another tool measured: what `isocurve` took out of its file. */
export const SurfaceFileSpec = v.strictObject({
  /** JSON in our own form. */
  file: v.pipe(v.string(), placeFor('readableFile')),
  /** Where it came from, as it is said in reports. */
  source: v.optional(v.string()),
});
export type SurfaceFileSpec = v.InferOutput<typeof SurfaceFileSpec>;

/** One sentence that the study tests, the rule that decides it, and the variants it compares. */
export const ClaimSpec = v.strictObject({
  claim: v.string(),
  /**
   * `smoother`: a lower share of misaligned cells; `faster`: fewer steps to loss 0.3;
   * `perpendicular`: a higher late q, of the isocurves that `isocurves` and `bn` name. Seeds are
   * paired; see `verdict.ts`.
   */
  rule: v.picklist(['smoother', 'faster', 'perpendicular']),
  /** The variant that the claim favours, and the one it is compared with. */
  subject: v.string(),
  reference: v.string(),
  /** Whose surfaces are compared; left out, the first scan of the rule's kind around both. */
  scan: v.optional(v.string()),
  /**
   * Of `perpendicular`: whose isocurves, those of the loss (left out, these, which pictures show)
   * or those of the objective, loss + weight decay; and with which batch norm at the checkpoints
   * (left out, from the batch).
   */
  isocurves: v.optional(v.picklist(isocurves)),
  bn: v.optional(v.picklist(checkpointNorms)),
  /**
   * A difference within it is none: of the share (0.02), of q (0.1), or a factor of steps (1.25).
   */
  margin: v.optional(between(1e-6, 1e6)),
});

export const StudyFile = v.strictObject({
  name,
  question: v.string(),
  dataset: v.optional(DatasetSpec, { kind: 'digits' }),
  seeds: v.optional(v.pipe(v.array(whole(0, 2 ** 31)), v.minLength(1)), [1]),
  /** What all variants share. */
  base: v.optional(
    v.strictObject({ model: v.optional(Overrides, {}), recipe: v.optional(Overrides, {}) }),
    {},
  ),
  variants: v.pipe(
    v.array(
      v.strictObject({
        name,
        label: v.optional(v.string()),
        model: v.optional(Overrides, {}),
        recipe: v.optional(Overrides, {}),
        /** Imported instead of trained; such a variant has one seed. */
        weights: v.optional(WeightsSpec),
        /** Brought as it is, without a network. */
        surface: v.optional(SurfaceFileSpec),
        /** Seeds besides those of the study. */
        seeds: v.optional(v.array(whole(0, 2 ** 31))),
      }),
    ),
    v.minLength(1),
  ),
  scans: v.optional(v.array(ScanSpec), []),
  claims: v.optional(v.array(ClaimSpec), []),
});
export type StudyFile = v.InferOutput<typeof StudyFile>;
export type ClaimSpec = v.InferOutput<typeof ClaimSpec>;

/** One network of the study with everything filled in. */
export interface Variant {
  readonly name: string;
  readonly label: string;
  readonly model: ModelSpec;
  readonly recipe: RecipeSpec;
  /** Null: it is trained here. */
  readonly weights: WeightsSpec | null;
  /** Null: it is a network, and its surfaces are measured here. */
  readonly surface: SurfaceFileSpec | null;
  /** The study's seeds and those of its own. */
  readonly seeds: readonly number[];
}

/** A study ready to run. `file` is what it was read from, with the defaults of its own keys. */
export interface Study {
  readonly file: StudyFile;
  readonly name: string;
  readonly question: string;
  readonly dataset: DatasetSpec;
  readonly seeds: readonly number[];
  readonly variants: readonly Variant[];
  readonly scans: readonly ScanSpec[];
  readonly claims: readonly ClaimSpec[];
}

function checkUnique(names: readonly string[], what: string, place: string): void {
  const twice = names.find((item, i) => names.indexOf(item) !== i);
  if (twice === undefined) return;
  throw new Fault('bad-value', `${place}: two ${what} are named '${twice}'; names must differ`);
}

function checkScans({ scans, variants }: StudyFile, place: string): void {
  const known = variants.map((variant) => variant.name);
  scans.forEach(({ only }, i) => {
    const stranger = only?.find((item) => !known.includes(item));
    if (stranger === undefined) return;
    throw new Fault(
      'bad-value',
      `${place}: scans.${i}.only must be of ${known.join(', ')}; got '${stranger}'`,
    );
  });
}

/** Whether surfaces of `scan` can decide claims of `rule`. */
export function decidesBy(rule: ClaimSpec['rule'], { directions }: ScanSpec): boolean {
  switch (rule) {
    case 'smoother':
      return directions.kind === 'random' ? directions.axes === 2 : directions.kind === 'file';
    case 'perpendicular':
      return directions.kind === 'principal';
    case 'faster':
      return false;
    default:
      return rule satisfies never;
  }
}

function checkSteps({ variants }: StudyFile, place: string): void {
  variants.forEach(({ weights }, i) => {
    if (weights?.earlier === undefined) return;
    const steps = [...weights.earlier.map(({ step }) => step), weights.step ?? -1];
    const at = steps.findIndex((step, k) => k > 0 && step <= steps[k - 1]);
    if (at === -1) return;
    const reason =
      at < weights.earlier.length || weights.step !== undefined
        ? `its steps must ascend to that of its last file; got ${steps[at]} after ${steps[at - 1]}`
        : 'it has earlier checkpoints and no step of its own; say it';
    throw new Fault('bad-value', `${place}: variants.${i}.weights: ${reason}`);
  });
}

function checkClaims({ claims, variants, scans }: StudyFile, place: string): void {
  const known = variants.map((variant) => variant.name);
  claims.forEach((claim, i) => {
    for (const key of ['subject', 'reference'] as const) {
      if (known.includes(claim[key])) continue;
      throw new Fault(
        'bad-value',
        `${place}: claims.${i}.${key} must be one of ${known.join(', ')}; got '${claim[key]}'`,
      );
    }
    if (claim.rule === 'faster' && claim.margin !== undefined && claim.margin <= 1) {
      throw new Fault(
        'bad-value',
        `${place}: claims.${i}.margin is a factor of steps and must be above 1; got ${claim.margin}`,
      );
    }
    const named = claim.isocurves ?? claim.bn;
    if (claim.rule !== 'perpendicular' && named !== undefined) {
      throw new Fault(
        'bad-value',
        `${place}: claims.${i} has rule '${claim.rule}' and names isocurves (${named}), which only 'perpendicular' compares; leave isocurves and bn out`,
      );
    }
    const scan = scans.find(({ name }) => name === claim.scan);
    if (claim.scan === undefined || (scan !== undefined && decidesBy(claim.rule, scan))) return;
    const fitting = scans.filter((one) => decidesBy(claim.rule, one)).map(({ name }) => name);
    throw new Fault(
      'bad-value',
      fitting.length === 0
        ? `${place}: claims.${i}.scan must be left out: no scan here decides rule '${claim.rule}'`
        : `${place}: claims.${i}.scan must be one of ${fitting.join(', ')}; got '${claim.scan}'`,
    );
  });
}

/** The checked study of a parsed file. @throws Fault 'bad-value' that names the key */
export function checkStudy(input: unknown, place: string): Study {
  const file = check(StudyFile, input, place);
  checkUnique(
    file.variants.map((variant) => variant.name),
    'variants',
    place,
  );
  checkUnique(
    file.scans.map((scan) => scan.name),
    'scans',
    place,
  );
  checkScans(file, place);
  checkSteps(file, place);
  checkClaims(file, place);
  const variants = file.variants.map((variant, i) => ({
    name: variant.name,
    label: variant.label ?? variant.name,
    model: check(
      ModelSpec,
      { family: 'resnet', ...file.base.model, ...variant.model },
      `${place}: variants.${i}.model`,
    ),
    recipe: check(
      RecipeSpec,
      { ...file.base.recipe, ...variant.recipe },
      `${place}: variants.${i}.recipe`,
    ),
    weights: variant.weights ?? null,
    surface: variant.surface ?? null,
    // What is imported is one network, whatever the seeds of the others.
    seeds:
      variant.weights === undefined && variant.surface === undefined
        ? [...new Set([...file.seeds, ...(variant.seeds ?? [])])]
        : file.seeds.slice(0, 1),
  }));
  const { name, question, dataset, seeds, scans, claims } = file;
  return { file, name, question, dataset, seeds, variants, scans, claims };
}

/** Every run of a study: the first seed of all its networks, then the second. */
export function runsOf({
  variants,
}: Pick<Study, 'variants'>): { variant: Variant; seed: number }[] {
  const seeds = [...new Set(variants.flatMap((variant) => variant.seeds))];
  return seeds.flatMap((seed) =>
    variants
      .filter(({ surface, seeds: own }) => surface === null && own.includes(seed))
      .map((variant) => ({ variant, seed })),
  );
}

/** Steps between checkpoints where a recipe leaves them open. */
const USUAL_INTERVAL = 10;

/**
 * Steps between checkpoints of a training of `steps` steps: those of its recipe; or the usual ones,
 * or fewer where a claim about its path needs enough of its later half.
 */
export function checkpointInterval({ claims }: Study, variant: Variant, steps: number): number {
  const { checkpointEvery } = variant.recipe;
  if (checkpointEvery !== 'auto') return checkpointEvery;
  const isJudged = claims.some(
    ({ rule, subject, reference }) =>
      rule === 'perpendicular' && [subject, reference].includes(variant.name),
  );
  const most = Math.max(1, Math.floor(steps / (2 * FEWEST_LATE)));
  return isJudged ? Math.min(USUAL_INTERVAL, most) : USUAL_INTERVAL;
}

/** What a variant is called where people read it. */
export const labelOf = ({ variants }: Pick<Study, 'variants'>, variant: string): string =>
  variants.find(({ name }) => name === variant)?.label ?? variant;

/** Whether `scan` is to be made around a variant. */
export const scansVariant = ({ only }: ScanSpec, variant: string): boolean =>
  only === undefined || only.includes(variant);

/** Checkpoints that a plane through a path of training needs. */
export const PATH_POINTS = 3;

/** Whether a variant can have a trajectory: trained here, or with enough checkpoints brought. */
export const hasPath = ({ weights, surface }: Pick<Variant, 'weights' | 'surface'>): boolean =>
  surface === null && (weights === null || (weights.earlier?.length ?? 0) + 1 >= PATH_POINTS);

/** Names a run of a study: the folder of its metrics and checkpoints. */
export const runId = (variant: string, seed: number): string => `${variant}-s${seed}`;
