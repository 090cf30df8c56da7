/**
 * The embedded handwritten digits: 1,797 images of 8×8 pixels (UCI, CC BY 4.0; see
 * assets/datasets/README.md).
 */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { asset } from '../../native/places';
import { permutation, stream } from '../backend/random';
import type { RawDataset, RawSplit } from './dataset';

const PIXELS = 64;
const TEST_SIZE = 360;

/** The digits, shuffled once and for all, the last 360 for testing. */
export function readDigits(): RawDataset {
  const text = gunzipSync(readFileSync(asset('datasets/digits.csv.gz'))).toString();
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const order = permutation(rows.length, stream(0, 'digits split'));
  const take = (from: number, to: number): RawSplit => {
    const images = new Float32Array((to - from) * PIXELS);
    const labels = new Int32Array(to - from);
    for (let i = from; i < to; i++) {
      const row = rows[order[i]];
      images.set(row.slice(0, PIXELS), (i - from) * PIXELS);
      labels[i - from] = row[PIXELS];
    }
    return { images, labels, size: to - from };
  };
  const cut = rows.length - TEST_SIZE;
  return {
    name: 'digits',
    inputShape: [8, 8, 1],
    classes: 10,
    white: 16,
    train: take(0, cut),
    test: take(cut, rows.length),
  };
}
