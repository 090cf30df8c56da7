/** What the readers of datasets give: labelled samples in a row, of one shape. */

import { Fault } from '../../../../shared/fault';
import { sampleSize } from '../../dataset/dataset';

export type Values = Uint8Array | Float32Array;

export interface Samples {
  /** From 0 to `classes` − 1. */
  readonly labels: Int32Array;
  /** Each sample's values, channels last, in the order of `labels`. */
  values(): Iterable<Values> | AsyncIterable<Values>;
}

export interface FoundDataset {
  /** `CIFAR-10 in binary batches` */
  readonly format: string;
  /** A name for it where nobody gives one; null: its file's. */
  readonly name: string | null;
  /** [height, width, channels], or [features]. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** As many as classes, or none. */
  readonly classNames: readonly string[];
  readonly type: 'uint8' | 'float32';
  readonly white: number;
  readonly train: Samples;
  /** Null: the files hold one split. */
  readonly test: Samples | null;
}

/** Labels as they stand in a file, brought to 0, 1, 2, …, and what each of them was. */
export interface Classes {
  readonly names: readonly string[];
  /** @throws Fault 'damaged' for a label that is none of them */
  indexOf(label: string): number;
}

/** Classes of which all labels are one, in the order of numbers, or of letters. */
export function classesOf(labels: Iterable<string>): Classes {
  const found = [...new Set(labels)];
  const areNumbers = found.every((label) => label !== '' && Number.isFinite(Number(label)));
  found.sort(areNumbers ? (a, b) => Number(a) - Number(b) : undefined);
  const places = new Map(found.map((label, i) => [label, i]));
  const plain = found.every((label, i) => label === String(i));
  return {
    names: plain ? [] : found,
    indexOf(label) {
      const place = places.get(label);
      if (place !== undefined) return place;
      throw new Fault(
        'damaged',
        `the class '${label}' of the test split is not in the training split`,
      );
    },
  };
}

/** Pixels that lie one channel after the other, brought to one pixel after the other. */
export function channelsLast(planes: Values, channels: number): Values {
  const pixels = planes.length / channels;
  const result =
    planes instanceof Uint8Array ? new Uint8Array(planes.length) : new Float32Array(planes.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < pixels; i++) result[i * channels + c] = planes[c * pixels + i];
  }
  return result;
}

/**
 * The shape that `asked` gives to a sample of `size` numbers; a plane is grey. `what` is called by
 * the name a reader knows. @throws Fault 'bad-value' when they are not as many
 */
export function shapeAsked(asked: readonly number[], size: number, what: string): number[] {
  const shape = asked.length === 2 ? [...asked, 1] : [...asked];
  if (sampleSize(shape) === size) return shape;
  throw new Fault('bad-value', `${what} has ${size} numbers, which are no ${asked.join('×')}`);
}
