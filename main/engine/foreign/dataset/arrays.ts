/**
 * Datasets as NumPy arrays: `.npz`, or a folder of `.npy` and `.npz`, told apart by their names.
 */

import { Fault } from '../../../../shared/fault';
import type { TakeOptions } from '../../../../shared/spec/dataset';
import { sampleSize } from '../../dataset/dataset';
import { isNpz, NPY_MAGIC, readNpy, readNpz } from '../npy';
import { MemorySource, type Source } from '../source';
import type { ForeignTensor } from '../tensors';
import { readZip } from '../zip';
import { baseName, type Bundle, type Entry } from './bundle';
import {
  channelsLast,
  classesOf,
  shapeAsked,
  type FoundDataset,
  type Samples,
  type Values,
} from './samples';

const LABELS = /(^|[_-])(y|labels?|targets?|lbls?|classes)([_-]|$)/i;
const TEST = /(^|[_-])(test|t10k)([_-]|$)/i;
const VALIDATION = /(^|[_-])val(id|idation)?([_-]|$)/i;

function arraysIn(entry: Entry): ForeignTensor[] {
  const stem = baseName(entry).replace(/\.np[yz]$/, '');
  const source = new MemorySource(entry.name, entry.read());
  if (source.read(0, Math.min(6, source.size)).equals(NPY_MAGIC)) return [readNpy(source, stem)];
  const zip = readZip(source);
  if (!isNpz(zip)) return [];
  const arrays = readNpz(zip);
  // An archive of one nameless array is known by its own name, such as kmnist-train-imgs.npz.
  return arrays.length === 1 && arrays[0].name === 'arr_0'
    ? [{ ...arrays[0], name: stem }]
    : arrays;
}

interface Layout {
  readonly inputShape: readonly number[];
  readonly isPlanar: boolean;
}

/** How the numbers of a sample lie. */
function layoutOf({ name, shape }: ForeignTensor, asked: TakeOptions['shape']): Layout {
  const sample = shape.slice(1);
  if (asked !== undefined) {
    const inputShape = shapeAsked(asked, sampleSize(sample), `a sample of '${name}'`);
    return { inputShape, isPlanar: false };
  }
  if (sample.length === 1) return { inputShape: sample, isPlanar: false };
  if (sample.length === 2) return { inputShape: [...sample, 1], isPlanar: false };
  const isChannels = (length: number) => length === 1 || length === 3;
  if (sample.length === 3 && isChannels(sample[2])) return { inputShape: sample, isPlanar: false };
  if (sample.length === 3 && isChannels(sample[0])) {
    return { inputShape: [sample[1], sample[2], sample[0]], isPlanar: true };
  }
  throw new Fault(
    'bad-value',
    `a sample of '${name}' is ${sample.join('×')}, neither rows of numbers nor grey or colour images`,
  );
}

interface SplitArrays {
  readonly images: ForeignTensor;
  readonly labels: ForeignTensor;
}

/** The arrays of images and labels among those whose names say one split. */
function splitOf(arrays: readonly ForeignTensor[], which: string): SplitArrays | null {
  if (arrays.length === 0) return null;
  const labels = arrays.filter(({ name, shape }) => LABELS.test(name) && shape.length <= 2);
  const images = arrays.filter(({ name, shape }) => !LABELS.test(name) && shape.length >= 2);
  const names = arrays.map(({ name, shape }) => `${name} (${shape.join('×')})`).join(', ');
  if (images.length !== 1 || labels.length !== 1) {
    throw new Fault(
      'bad-value',
      `the arrays ${names} do not tell which are the samples of the ${which} split and which their labels; call them x_${which} and y_${which}`,
    );
  }
  const [count, found] = [images[0].shape[0], labels[0].shape[0]];
  const isColumn = labels[0].shape.length === 1 || labels[0].shape[1] === 1;
  if (count !== found || !isColumn) {
    throw new Fault(
      'bad-value',
      `'${labels[0].name}' is ${labels[0].shape.join('×')}, not one label for each of the ${count} samples of '${images[0].name}'`,
    );
  }
  return { images: images[0], labels: labels[0] };
}

function samplesOf(
  { images }: SplitArrays,
  labels: Int32Array,
  isBytes: boolean,
  planes: number | null,
): Samples {
  return {
    labels,
    *values() {
      const all: Values = isBytes ? images.bytes!() : Float32Array.from(images.read());
      const size = all.length / labels.length;
      for (let from = 0; from < all.length; from += size) {
        const sample = all.subarray(from, from + size);
        yield planes === null ? sample : channelsLast(sample, planes);
      }
    },
  };
}

const highest = (values: Iterable<number>): number => {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
};

const textsOf = ({ labels }: SplitArrays): string[] => Array.from(labels.read(), String);

/** Whether an archive of arrays holds a column of labels beside as many samples. */
export function isLabelledArchive(source: Source): boolean {
  if (source.size < 4 || source.read(0, 2).toString('latin1') !== 'PK') return false;
  const zip = readZip(source);
  if (!isNpz(zip)) return false;
  const arrays = readNpz(zip);
  const counts = arrays
    .filter(({ name, shape }) => LABELS.test(name) && shape.length === 1)
    .map(({ shape }) => shape[0]);
  return arrays.some(
    ({ name, shape }) => !LABELS.test(name) && shape.length > 1 && counts.includes(shape[0]),
  );
}

/** The dataset of the arrays in `bundle`; null where there are none. @throws Fault */
export function readArrays(bundle: Bundle, { shape }: TakeOptions): FoundDataset | null {
  const entries = bundle.filter((entry) => {
    const head = entry.name.match(/\.np[yz]$/) !== null;
    return head || (bundle.length === 1 && entry.read().toString('latin1', 0, 2) === 'PK');
  });
  if (entries.length === 0) return null;
  const arrays = entries.flatMap(arraysIn);
  const ofTest = arrays.filter(({ name }) => TEST.test(name));
  const ofValidation = arrays.filter(({ name }) => VALIDATION.test(name));
  const rest = arrays.filter((array) => !ofTest.includes(array) && !ofValidation.includes(array));
  const train = splitOf(rest, 'train');
  if (train === null) throw new Fault('bad-value', 'there is no training split among the arrays');
  const test = splitOf(ofTest.length > 0 ? ofTest : ofValidation, 'test');
  const { inputShape, isPlanar } = layoutOf(train.images, shape);
  const isBytes = [train, test].every((one) => one === null || one.images.bytes !== undefined);
  const classes = classesOf(textsOf(train));
  const planes = isPlanar ? inputShape[inputShape.length - 1] : null;
  const found = (arraysOf: SplitArrays) => {
    const places = textsOf(arraysOf).map((label) => classes.indexOf(label));
    return samplesOf(arraysOf, Int32Array.from(places), isBytes, planes);
  };
  const labels = found(train);
  return {
    format: 'NumPy arrays',
    name: null,
    inputShape,
    classes: highest(labels.labels) + 1,
    classNames: classes.names,
    type: isBytes ? 'uint8' : 'float32',
    white: isBytes ? 255 : highest(train.images.read()),
    train: labels,
    test: test === null ? null : found(test),
  };
}
