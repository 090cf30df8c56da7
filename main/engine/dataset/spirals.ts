/** Three interleaved spirals with Gaussian noise. */

import { stream } from '../backend/random';
import type { RawDataset, RawSplit } from './dataset';

const CLASSES = 3;
const NOISE = 0.09;

/** y ~ U{0…2}, t = √U(0.02, 1), φ = 2π(1.25t + y/3), x = 2t(cos φ, sin φ) + 0.09·N(0, I). */
function draw(count: number, seed: number, purpose: string): RawSplit {
  const chance = stream(seed, purpose);
  const images = new Float32Array(count * 2);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const label = chance.below(CLASSES);
    const t = Math.sqrt(0.02 + 0.98 * chance.uniform());
    const angle = 2 * Math.PI * (1.25 * t + label / CLASSES);
    labels[i] = label;
    images[2 * i] = 2 * t * Math.cos(angle) + NOISE * chance.normal();
    images[2 * i + 1] = 2 * t * Math.sin(angle) + NOISE * chance.normal();
  }
  return { images, labels, size: count };
}

export const drawSpirals = (spec: { seed: number; train: number; test: number }): RawDataset => ({
  name: 'spirals',
  inputShape: [2],
  classes: CLASSES,
  white: 1,
  train: draw(spec.train, spec.seed, 'spirals train'),
  test: draw(spec.test, spec.seed, 'spirals test'),
});
