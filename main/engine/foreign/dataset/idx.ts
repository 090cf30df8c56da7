/**
 * MNIST's format IDX, which Fashion-MNIST, KMNIST and EMNIST share: four bytes of magic, the
 * lengths of the axes, big end first, then the bytes. EMNIST's images lie on their side.
 */

import { Fault } from '../../../../shared/fault';
import { countOf } from '../tensors';
import { baseName, contentOf, type Bundle, type Entry } from './bundle';
import type { FoundDataset, Samples } from './samples';

const UNSIGNED_BYTE = 8;
const IMAGES = /^(?:emnist-(\w+)-)?(train|t10k|test)-images[-.]idx3-ubyte(\.gz)?$/;

const damaged = (entry: Entry, reason: string): Fault =>
  new Fault('damaged', `${entry.name} cannot be read as IDX: ${reason}`);

/** The shape and bytes of an IDX file of `rank` axes. */
function readIdx(entry: Entry, rank: number): { shape: number[]; bytes: Buffer } {
  const content = contentOf(entry);
  const start = 4 + 4 * rank;
  if (content.length < start || content[0] !== 0 || content[1] !== 0) {
    throw damaged(entry, 'it does not begin as one');
  }
  if (content[2] !== UNSIGNED_BYTE)
    throw damaged(entry, `its numbers are of type ${content[2]}, not bytes`);
  if (content[3] !== rank) throw damaged(entry, `it has ${content[3]} axes, not ${rank}`);
  const shape = Array.from({ length: rank }, (_, i) => content.readUInt32BE(4 + 4 * i));
  const count = countOf(shape);
  if (count === null || content.length !== start + count) {
    throw damaged(
      entry,
      `${shape.join('×')} bytes are to follow and ${content.length - start} do; fetch it again`,
    );
  }
  return { shape, bytes: content.subarray(start) };
}

/** Rows and columns changed over. */
function transposed(image: Uint8Array, side: number): Uint8Array {
  return image.map((_, i) => image[(i % side) * side + Math.floor(i / side)]);
}

interface Pair {
  readonly part: string | undefined;
  readonly isTrain: boolean;
  readonly images: Entry;
  readonly labels: Entry;
}

function pairsOf(bundle: Bundle): Pair[] {
  return bundle.flatMap((images) => {
    const match = IMAGES.exec(baseName(images));
    if (match === null) return [];
    const wanted = images.name.replace(/images([-.])idx3/, 'labels$1idx1').replace(/\.gz$/, '');
    const labels = bundle.find(({ name }) => name.replace(/\.gz$/, '') === wanted);
    if (labels === undefined) throw damaged(images, `its labels ${wanted} are not beside it`);
    return [{ part: match[1], isTrain: match[2] === 'train', images, labels }];
  });
}

function read({ images, labels, part }: Pair): { samples: Samples; shape: number[] } {
  const { shape, bytes } = readIdx(images, 3);
  const found = readIdx(labels, 1);
  if (found.shape[0] !== shape[0]) {
    throw damaged(labels, `it holds ${found.shape[0]} labels for ${shape[0]} images`);
  }
  const [, height, width] = shape;
  const size = height * width;
  // EMNIST's letters alone count from 1.
  const first = part === 'letters' ? 1 : 0;
  const samples: Samples = {
    labels: Int32Array.from(found.bytes, (label) => label - first),
    *values() {
      for (let from = 0; from < bytes.length; from += size) {
        const image = bytes.subarray(from, from + size);
        yield part === undefined ? image : transposed(image, height);
      }
    },
  };
  return { samples, shape: [height, width, 1] };
}

/** Names of EMNIST's classes: lines of a number and the codes of its letters. */
function emnistNames(bundle: Bundle, part: string, classes: number): string[] {
  const entry = bundle.find((one) => baseName(one) === `emnist-${part}-mapping.txt`);
  if (entry === undefined) return [];
  const rows = entry.read().toString('latin1').trim().split('\n');
  const names = rows.map((row) => {
    const [, ...codes] = row.trim().split(/\s+/).map(Number);
    return String.fromCharCode(...codes);
  });
  return names.length === classes ? names : [];
}

/** The pairs of the one dataset that is wanted of those in an archive. */
function choose(pairs: readonly Pair[], wanted: string | undefined): Pair[] {
  const parts = [...new Set(pairs.map(({ part }) => part))];
  const part = wanted ?? (parts.length === 1 ? parts[0] : 'balanced');
  const chosen = pairs.filter((pair) => pair.part === part);
  if (chosen.length > 0) return chosen;
  throw new Fault('bad-value', `there is no part '${part}'; it is one of ${parts.join(', ')}`);
}

/** A dataset of IDX files in `bundle`; null where there are none. @throws Fault 'damaged' */
export function readIdxDataset(bundle: Bundle, wanted: string | undefined): FoundDataset | null {
  const pairs = pairsOf(bundle);
  if (pairs.length === 0) return null;
  const chosen = choose(pairs, wanted);
  const { part } = chosen[0];
  const [trains, tests] = [true, false].map((isTrain) =>
    chosen.filter((pair) => pair.isTrain === isTrain),
  );
  const train = read(trains[0] ?? tests[0]);
  const test = trains[0] !== undefined && tests[0] !== undefined ? read(tests[0]) : null;
  const classes = train.samples.labels.reduce((most, label) => Math.max(most, label + 1), 0);
  return {
    format: part === undefined ? 'IDX files of bytes' : `EMNIST, ${part}`,
    name: part === undefined ? null : `emnist-${part}`,
    inputShape: train.shape,
    classes,
    classNames: part === undefined ? [] : emnistNames(bundle, part, classes),
    type: 'uint8',
    white: 255,
    train: train.samples,
    test: test?.samples ?? null,
  };
}
