/**
 * What the networks and claims of a plan are called: names say the settings, and follow them for as
 * long as nobody has written other ones. A name that says nothing of a setting is left alone.
 */

import type { StudyFile } from '../../../shared/spec/study';

type Variant = StudyFile['variants'][number];
type Claim = StudyFile['claims'][number];
type Settings = Readonly<Record<string, unknown>>;

/** A key of a network or of its training. */
export interface SettingKey {
  readonly part: 'model' | 'recipe';
  readonly key: string;
}

/** Depths that the families have where none is given. */
const DEPTHS = new Map([
  ['ResNet', 20],
  ['VGG', 9],
]);
const FAMILIES = new Map([
  ['resnet', 'ResNet'],
  ['vgg', 'VGG'],
  ['mlp', 'MLP'],
]);

const modelOf = ({ base }: StudyFile, variant: Variant): Settings => ({
  family: 'resnet',
  ...base.model,
  ...variant.model,
});

/** `ResNet-56`, `MLP of 12 blocks` */
function headOf(model: Settings): string {
  const family = FAMILIES.get(String(model['family'])) ?? 'network';
  const depth = model['depth'] ?? DEPTHS.get(family);
  if (depth !== undefined && family !== 'MLP') return `${family}-${String(depth)}`;
  return family === 'MLP' && 'blocks' in model
    ? `MLP of ${String(model['blocks'])} blocks`
    : family;
}

/** What a name says of one setting; empty: its head says it. */
function phraseOf({ key }: SettingKey, value: unknown): string {
  switch (key) {
    case 'family':
    case 'depth':
    case 'blocks':
      return '';
    case 'skip':
      return value === 'none' ? 'no skips' : value === 'identity' ? 'identity skips' : 'skips';
    case 'norm':
      return value === 'none' ? 'no norm' : `${String(value)} norm`;
    case 'weightDecay':
      return `decay ${String(value)}`;
    case 'epochs':
      return `${String(value)} epochs`;
    case 'activation':
      return String(value);
    default:
      return typeof value === 'object' ? `own ${key}` : `${key} ${String(value)}`;
  }
}

/** The name that the settings of a variant alone give it. */
export function labelFrom(file: StudyFile, variant: Variant): string {
  return [headOf(modelOf(file, variant)), ...phrasesOf(variant)].join(', ');
}

/** What can be said of the settings that a variant has for itself. */
const phrasesOf = (variant: Variant): string[] =>
  (['model', 'recipe'] as const)
    .flatMap((part) =>
      Object.entries(variant[part]).map(([key, value]) => phraseOf({ part, key }, value)),
    )
    .filter((text) => text !== '');

const escaped = (value: unknown) => String(value).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Words after which a number is that of a setting. */
const WORDS = new Map([
  ['depth', 'ResNet|VGG|depth|r'],
  ['width', 'width|w'],
  ['batch', 'batch size|batch|b'],
  ['weightDecay', 'weight decay|decay|wd'],
]);

const SKIPS: readonly (readonly [plain: string, skip: string])[] = [
  ['no skips', 'skips'],
  ['without skips', 'with skips'],
  ['plain', 'skip'],
];

/** `text` with the new value of a setting where it said the old one; null: it said neither. */
function renamed(text: string, { key }: SettingKey, old: unknown, next: unknown): string | null {
  if (key === 'skip') {
    if ((old === 'none') === (next === 'none')) return null;
    const [from, to] = old === 'none' ? [0, 1] : [1, 0];
    const said = SKIPS.find((pair) => new RegExp(`(?<![a-z] )\\b${pair[from]}\\b`).test(text));
    return said === undefined ? null : text.replace(said[from], said[to]);
  }
  const words = WORDS.get(key);
  if (words === undefined) return null;
  const said = new RegExp(`\\b(${words})([ -]?)${escaped(old)}(?![\\w.])`, 'gi');
  return said.test(text) ? text.replace(said, `$1$2${String(next)}`) : null;
}

/** A name of the variant for people after `setting` went from `old` to `next`. */
function relabelled(
  before: { readonly file: StudyFile; readonly variant: Variant },
  after: Variant,
  setting: SettingKey,
): string | undefined {
  const { file, variant } = before;
  const { label } = variant;
  if (label === undefined || label === labelFrom(file, variant)) return labelFrom(file, after);
  const valueIn = ({ [setting.part]: own }: Variant) =>
    (own as Settings)[setting.key] ?? (file.base[setting.part] as Settings)[setting.key];
  const [old, next] = [valueIn(variant), valueIn(after)];
  const said = renamed(label, setting, old, next);
  if (said !== null) return said;
  const [was, is] = [phraseOf(setting, old), phraseOf(setting, next)];
  if (was !== '' && label.includes(`, ${was}`)) {
    return label.replace(`, ${was}`, setting.key in after[setting.part] ? `, ${is}` : '');
  }
  // A name that says its network or any of its settings says this one, too; another was written by
  // hand.
  const parts = [headOf(modelOf(file, variant)), ...phrasesOf(variant)];
  const isSaying = parts.some((part) => label.includes(part));
  return isSaying && is !== '' ? `${label}, ${is}` : label;
}

/** What a claim says, made of the names of the two that it compares. */
export function claimFrom(rule: Claim['rule'], subject: string, reference: string): string {
  switch (rule) {
    case 'smoother':
      return `${subject}: a smoother surface than ${reference}`;
    case 'faster':
      return `${subject}: fewer steps to loss 0.3 than ${reference}`;
    case 'perpendicular':
      return `${subject}: a late path more perpendicular than that of ${reference}`;
    default:
      return rule satisfies never;
  }
}

const labelIn = ({ variants }: StudyFile, name: string): string =>
  variants.find((variant) => variant.name === name)?.label ?? name;

/** The file with `variant` called `next` wherever it is named. */
function withName(file: StudyFile, name: string, next: string): StudyFile {
  const follow = (one: string) => (one === name ? next : one);
  const end = <Ref extends { variant?: string | undefined }>(ref: Ref): Ref =>
    ref.variant === name ? { ...ref, variant: next } : ref;
  return {
    ...file,
    variants: file.variants.map((one) => ({ ...one, name: follow(one.name) })),
    claims: file.claims.map((claim) => ({
      ...claim,
      subject: follow(claim.subject),
      reference: follow(claim.reference),
    })),
    scans: file.scans.map((scan) => ({
      ...scan,
      ...(scan.only === undefined ? {} : { only: scan.only.map(follow) }),
      ...(scan.directions.kind === 'through'
        ? {
            directions: {
              ...scan.directions,
              checkpoints: scan.directions.checkpoints.map(
                end,
              ) as typeof scan.directions.checkpoints,
            },
          }
        : {}),
      ...(scan.directions.kind === 'between'
        ? {
            directions: {
              ...scan.directions,
              from: end(scan.directions.from),
              to: end(scan.directions.to),
            },
          }
        : {}),
    })),
  };
}

/** Claims that compare the network at `i` are said anew; with `all`, also those written by hand. */
function reclaimed(before: StudyFile, after: StudyFile, i: number, all: boolean): StudyFile {
  const { name } = after.variants[i];
  const said = (file: StudyFile, { rule, subject, reference }: Claim) =>
    claimFrom(rule, labelIn(file, subject), labelIn(file, reference));
  const claims = after.claims.map((claim, j) => {
    const touches = claim.subject === name || claim.reference === name;
    const derived = claim.claim === said(before, before.claims[j]);
    return touches && (all || derived) ? { ...claim, claim: said(after, claim) } : claim;
  });
  return { ...after, claims };
}

/** The file with a setting of the network at `i` changed, and all that names it following. */
export function withSetting(
  file: StudyFile,
  i: number,
  setting: SettingKey,
  value: unknown,
): StudyFile {
  const variant = file.variants[i];
  const { [setting.key]: old, ...rest } = variant[setting.part] as Settings;
  // What it sets already keeps its place, and so do the words of its name.
  const own = value === undefined ? rest : { ...variant[setting.part], [setting.key]: value };
  const after: Variant = { ...variant, [setting.part]: own };
  const label = relabelled({ file, variant }, after, setting);
  const labelled = label === undefined ? after : { ...after, label };
  const changed = {
    ...file,
    variants: file.variants.map((one, j) => (i === j ? labelled : one)),
  };
  const base = (file.base[setting.part] as Settings)[setting.key];
  const name = renamed(variant.name, setting, old ?? base, value ?? base);
  const isFree = (wanted: string) =>
    /^[a-z0-9][a-z0-9.-]*$/.test(wanted) && !file.variants.some((one) => one.name === wanted);
  const named = name !== null && isFree(name) ? withName(changed, variant.name, name) : changed;
  return reclaimed(file, named, i, true);
}

/** The file with the network at `i` called `label`, by hand. */
export function withLabel(file: StudyFile, i: number, label: string): StudyFile {
  const variants = file.variants.map((one, j) => (i === j ? { ...one, label } : one));
  return reclaimed(file, { ...file, variants }, i, false);
}
