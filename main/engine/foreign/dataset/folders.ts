/**
 * Image folders: a folder per class, under a folder per split where there are several, as
 * torchvision and Keras read them.
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { Fault } from '../../../../shared/fault';
import type { TakeOptions } from '../../../../shared/spec/dataset';
import type { Bundle, Entry } from './bundle';
import { loadJpeg } from './jpeg';
import { decodePicture, pictureOf, squared, type Picture } from './pictures';
import { classesOf, type Classes, type FoundDataset, type Samples } from './samples';

const IMAGE = /\.(png|jpe?g)$/i;
/** An image's header lies within its first bytes, whatever camera notes come before it. */
const HEADER_BYTES = 256 * 1024;

interface Labelled {
  readonly entry: Entry;
  readonly label: string;
}

type SplitName = 'train' | 'test' | 'validation';
const SPLITS = new Map<string, SplitName>([
  ['train', 'train'],
  ['training', 'train'],
  ['test', 'test'],
  ['testing', 'test'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
]);

/** The images of each split, with the folder each lies in as its label. */
function sorted(bundle: Bundle): Map<SplitName, Labelled[]> {
  const splits = new Map<SplitName, Labelled[]>();
  for (const entry of bundle) {
    if (!IMAGE.test(entry.name)) continue;
    const folders = entry.name.split('/').slice(0, -1);
    const label = folders[folders.length - 1];
    if (label === undefined) continue;
    const named = folders.slice(0, -1).map((folder) => SPLITS.get(folder.toLowerCase()));
    const split = named.find((found) => found !== undefined) ?? 'train';
    const known = splits.get(split) ?? [];
    known.push({ entry, label });
    splits.set(split, known);
  }
  return splits;
}

function headOf(entry: Entry): Buffer {
  if (entry.path === null) return entry.read();
  const head = Buffer.alloc(Math.min(HEADER_BYTES, entry.size));
  const file = openSync(entry.path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  return head;
}

interface Form {
  readonly channels: 1 | 3;
  /** The one size of all images; null: they differ. */
  readonly size: Picture | null;
}

/** What all images have in common. */
function formOf(images: readonly Labelled[], asked: number | undefined): Form {
  let first: Picture | null = null;
  let channels: 1 | 3 = 1;
  let differs = false;
  for (const { entry } of images) {
    const picture = pictureOf(entry, headOf(entry));
    first ??= picture;
    if (picture.channels === 3) channels = 3;
    const isSame = picture.width === first.width && picture.height === first.height;
    if (!isSame && asked === undefined) {
      throw new Fault(
        'bad-value',
        `the images are of several sizes (${first.width}×${first.height}; ${entry.name} has ${picture.width}×${picture.height}); say by --size how many pixels they are to have on each side`,
      );
    }
    differs ||= !isSame;
  }
  return { channels, size: differs ? null : first };
}

function samplesOf(
  images: readonly Labelled[],
  classes: Classes,
  { channels, size }: Form,
  asked: number | undefined,
): Samples {
  const fits = asked === undefined || (size?.width === asked && size.height === asked);
  return {
    labels: Int32Array.from(images.map(({ label }) => classes.indexOf(label))),
    *values() {
      for (const { entry } of images) {
        const pixels = decodePicture(entry, entry.read(), channels);
        yield fits ? pixels.bytes : squared(pixels, asked);
      }
    },
  };
}

/** The dataset of the image folders in `bundle`; null where there are none. @throws Fault */
export async function readFolders(
  bundle: Bundle,
  { size: asked }: TakeOptions,
): Promise<FoundDataset | null> {
  const splits = sorted(bundle);
  const train = splits.get('train') ?? [];
  if (train.length === 0) return null;
  await loadJpeg();
  const test = splits.get('test') ?? splits.get('validation') ?? null;
  const form = formOf([...train, ...(test ?? [])], asked);
  // Names of folders, in the order of their letters, as torchvision counts them.
  const labels = [...new Set(train.map(({ label }) => label))].sort();
  const places = new Map(labels.map((label, i) => [label, i]));
  const known = classesOf(labels);
  const classes: Classes = {
    ...known,
    indexOf: (label) => places.get(label) ?? known.indexOf(label),
  };
  const { width, height } = asked === undefined ? form.size! : { width: asked, height: asked };
  return {
    format: 'folders of images',
    name: null,
    inputShape: [height, width, form.channels],
    classes: labels.length,
    classNames: labels,
    type: 'uint8',
    white: 255,
    train: samplesOf(train, classes, form, asked),
    test: test === null ? null : samplesOf(test, classes, form, asked),
  };
}
