/** From a dataset's spec to the dataset. */

import type { DatasetSpec } from '../../../shared/spec/dataset';
import { cached } from './cache';
import { standardise, type Dataset } from './dataset';
import { readDigits } from './digits';
import { drawGlyphs } from './glyphs';
import { drawShapes } from './shapes';
import { drawSpirals } from './spirals';
import { loadStored } from './store';

/** Reads or draws the dataset of `spec`; the same spec gives the same bytes. */
export async function loadDataset(spec: DatasetSpec): Promise<Dataset> {
  switch (spec.kind) {
    case 'digits':
      return standardise(readDigits(), spec.normalise);
    case 'spirals':
      return standardise(await cached(spec, () => drawSpirals(spec)), spec.normalise);
    case 'glyphs':
      return standardise(await cached(spec, () => drawGlyphs(spec)), spec.normalise);
    case 'shapes':
      return standardise(await cached(spec, () => drawShapes(spec)), spec.normalise);
    case 'stored':
      return loadStored(spec);
    default:
      return spec satisfies never;
  }
}
