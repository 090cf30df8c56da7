/** From files of weights to the study that scans around them, side by side. */

import { Fault } from '../fault';
import type { FileReport } from '../spec/foreign';
import { checkStudy, PATH_POINTS, type Study, type StudyFile } from '../spec/study';
import type { Training } from './trainings';

/** Weights that were taken out of a file. */
export interface TakenWeights {
  readonly report: FileReport;
  /** A copy as safetensors of float32. */
  readonly path: string;
}

export interface ImportChoices {
  /** As in a study file. */
  readonly dataset: unknown;
  readonly scan: unknown;
  /** The scans in the plane of a training's path, where one has a path. */
  readonly paths?: readonly object[];
  /** Keys of the network that overrule what the files say, or answer what they leave open. */
  readonly model: Readonly<Record<string, unknown>>;
  /** The file's tensor for some of the network's, where names do not tell. */
  readonly mapping?: Readonly<Record<string, string>>;
}

/** A name for a variant, from that of its file. */
const nameOf = (file: string, i: number): string =>
  file
    .toLowerCase()
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '') || `weights-${i + 1}`;

/** The network of a file: what its tensors say, with `asked` laid over it. */
function modelOf({ name, guess }: FileReport, asked: ImportChoices['model']) {
  if (guess?.model === null) {
    throw new Fault('bad-value', `${name} is of ${guess.says}: ${guess.open}`);
  }
  if (guess === null && asked['depth'] === undefined) {
    throw new Fault(
      'bad-value',
      `names and shapes in ${name} do not tell its network; say it by --depth, --width and --skip (a ResNet of He's CIFAR family)`,
    );
  }
  if (guess !== null && guess.open !== '' && asked['skip'] === undefined) {
    throw new Fault('bad-value', `${name} is a ${guess.says}: ${guess.open}`);
  }
  // A file that has its own layers needs no word on depth, width or skips.
  if (guess?.model?.family === 'layers') {
    if (Object.keys(asked).length === 0) return guess.model;
    const flags = Object.keys(asked).map((key) => `--${key}`);
    throw new Fault(
      'bad-value',
      `${name} is of ${guess.says}, layer by layer; leave ${flags.join(', ')} away`,
    );
  }
  return { family: 'resnet', ...guess?.model, ...asked };
}

/** `wanted`, or `wanted-2`, …: the first that none of `names` is. */
function unusedName(wanted: string, names: readonly string[]): string {
  let name = wanted;
  for (let i = 2; names.includes(name); i++) name = `${wanted}-${i}`;
  return name;
}

/**
 * A study with surfaces of other tools beside its own; `before` is null where there is none yet.
 */
export function besideStudy(before: StudyFile | null, taken: readonly TakenWeights[]): unknown {
  const file = before ?? {
    name: 'brought',
    question: 'What did other tools measure?',
    variants: [],
  };
  const variants: { name: string }[] = [...file.variants];
  taken.forEach(({ report, path }, i) => {
    const names = variants.map(({ name }) => name);
    const name = unusedName(nameOf(report.name, i), names);
    const surface = { file: path, source: report.name };
    variants.push({ name, ...{ label: report.name, surface } });
  });
  return { ...file, variants };
}

/** The weights of a training, as a study file has them. */
function weightsOf(
  { checkpoints }: Training<TakenWeights>,
  mapping: ImportChoices['mapping'],
): unknown {
  const [last, ...before] = checkpoints
    .map(({ file: { path, report }, step }) => ({
      file: path,
      source: report.name,
      ...(step === null ? {} : { step }),
    }))
    .reverse();
  return {
    ...last,
    ...(mapping === undefined ? {} : { mapping }),
    ...(before.length === 0 ? {} : { earlier: before.reverse() }),
  };
}

/**
 * The study that scans around trainings from elsewhere, side by side.
 * @throws Fault 'bad-value' when a network is not known or a choice is wrong
 */
export function importedStudy(
  trainings: readonly Training<TakenWeights>[],
  choices: ImportChoices,
): Study {
  const names: string[] = [];
  trainings.forEach(({ name }, i) => names.push(unusedName(nameOf(name, i), names)));
  const variants = trainings.map((training, i) => ({
    name: names[i],
    label: training.name,
    model: modelOf(
      training.checkpoints[training.checkpoints.length - 1].file.report,
      choices.model,
    ),
    weights: weightsOf(training, choices.mapping),
  }));
  const own = trainings.flatMap(({ checkpoints }, i) =>
    checkpoints.length >= PATH_POINTS ? [names[i]] : [],
  );
  const only = own.length === trainings.length ? {} : { only: own };
  const paths = own.length === 0 ? [] : (choices.paths ?? []);
  const file = {
    name: names[0].replaceAll('.', '-'),
    question: `What is the loss around ${trainings.map(({ name }) => name).join(', ')}?`,
    dataset: choices.dataset,
    variants,
    scans: [choices.scan, ...paths.map((path) => ({ ...path, ...only }))],
  };
  return checkStudy(file, 'the scan');
}
