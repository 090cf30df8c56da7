/** What is wrong with a plan, as its reader knows it: the field's own name, and where it stands. */

import type { StudyFile } from '../../shared/spec/study';

export interface Problem {
  /** `Depth of ResNet-57, skips must be 6n+2; got 57` */
  readonly text: string;
  /** The key that is wrong, of one network or, where `variant` is null, of what all share. */
  readonly at: {
    readonly variant: number | null;
    readonly part: 'model' | 'recipe' | 'study';
    readonly key: string;
  } | null;
}

/** Keys of study files as fields are called. */
const WORDS = new Map([
  ['name', 'The name'],
  ['question', 'The question'],
  ['seeds', 'Seeds'],
  ['family', 'Family'],
  ['depth', 'Depth'],
  ['width', 'Width'],
  ['blocks', 'Blocks'],
  ['skip', 'Skips'],
  ['norm', 'Normalisation'],
  ['activation', 'Activation'],
  ['weightDecay', 'Weight decay'],
  ['batch', 'Batch'],
  ['epochs', 'Epochs'],
  ['learningRate', 'Learning rate'],
  ['checkpointEvery', 'Checkpoint every'],
  ['clip', 'Gradient clipping'],
  ['until', 'Training until a loss'],
  ['subset', 'Images'],
  ['points', 'Points'],
  ['repeats', 'Pairs of directions'],
]);

/** The word of the last part of a path that has one; the path itself where none has. */
const wordOf = (path: string): string => {
  const known = path.split('.').filter((part) => WORDS.has(part));
  return known.length === 0 ? path : WORDS.get(known[known.length - 1])!;
};

/** What the study's check says, `variants.2.model: depth must be …`, in the words of a plan. */
export function problemOf(message: string, file: StudyFile): Problem {
  const ofVariant = /^variants\.(\d+)\.(model|recipe): (\S+) (.*)$/s.exec(message);
  if (ofVariant !== null) {
    const [, index, part, path, rest] = ofVariant;
    const { name, label = name, ...own } = file.variants[Number(index)];
    const key = path.split('.')[0];
    const isOwn = key in own[part as 'model' | 'recipe'];
    const at = {
      variant: isOwn ? Number(index) : null,
      part: part as 'model' | 'recipe',
      key,
    };
    return { text: `${wordOf(path)}${isOwn ? ` of ${label}` : ''} ${rest}`, at };
  }
  const ofScan = /^scans\.(\d+)\.(\S+) (.*)$/s.exec(message);
  if (ofScan !== null) {
    const scan = file.scans[Number(ofScan[1])];
    return { text: `${wordOf(ofScan[2])} of scan '${scan.name}' ${ofScan[3]}`, at: null };
  }
  const ofStudy = /^(name|question|seeds)\S* (.*)$/s.exec(message);
  if (ofStudy === null) return { text: message, at: null };
  const [, key, rest] = ofStudy;
  return { text: `${wordOf(key)} ${rest}`, at: { variant: null, part: 'study', key } };
}
