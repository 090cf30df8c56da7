/**
 * From a dataset's spec to the dataset. Readers of CIFAR, MNIST-likes, npz and image folders get
 * their case here.
 */

import type { DatasetSpec } from '../../../shared/spec/dataset';
import { cached } from './cache';
import { standardise, type Dataset } from './dataset';
import { readDigits } from './digits';
import { drawGlyphs } from './glyphs';
import { drawShapes } from './shapes';
import { drawSpirals } from './spirals';

/** Reads or draws the dataset of `spec`; the same spec gives the same bytes. */
export async function loadDataset(spec: DatasetSpec): Promise<Dataset> {
  switch (spec.kind) {
    case 'digits':
      return standardise(readDigits());
    case 'spirals':
      return standardise(await cached(spec, () => drawSpirals(spec)));
    case 'glyphs':
      return standardise(await cached(spec, () => drawGlyphs(spec)));
    case 'shapes':
      return standardise(await cached(spec, () => drawShapes(spec)));
    default:
      return spec satisfies never;
  }
}
