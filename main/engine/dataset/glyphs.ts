/** Six kinds of strokes on 12×12 grey images, shifted, dimmed and noisy. */

import { stream, type Stream } from '../backend/random';
import type { RawDataset, RawSplit } from './dataset';

const SIDE = 12;
const NOISE = 0.15;

/** Whether the glyph covers the point (x, y), measured from its centre in pixels. */
const GLYPHS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => Math.abs(y) <= 1 && Math.abs(x) <= 4, // horizontal bar
  (x, y) => Math.abs(x) <= 1 && Math.abs(y) <= 4, // vertical bar
  // cross
  (x, y) => Math.min(Math.abs(x), Math.abs(y)) <= 1 && Math.max(Math.abs(x), Math.abs(y)) <= 4,
  // outline
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) > 2.6 && Math.max(Math.abs(x), Math.abs(y)) <= 4,
  (x, y) => Math.abs(x - y) <= 1.4 && Math.abs(x) <= 4 && Math.abs(y) <= 4, // diagonal
  (x, y) => Math.hypot(x, y) <= 3.6, // disc
];

function paint(into: Float32Array, offset: number, label: number, chance: Stream): void {
  const centreX = (SIDE - 1) / 2 + chance.below(5) - 2;
  const centreY = (SIDE - 1) / 2 + chance.below(5) - 2;
  const intensity = 0.6 + 0.4 * chance.uniform();
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const covered = GLYPHS[label](x - centreX, y - centreY);
      into[offset + y * SIDE + x] = (covered ? intensity : 0) + NOISE * chance.normal();
    }
  }
}

function draw(count: number, seed: number, purpose: string): RawSplit {
  const chance = stream(seed, purpose);
  const images = new Float32Array(count * SIDE * SIDE);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = i % GLYPHS.length;
    paint(images, i * SIDE * SIDE, labels[i], chance);
  }
  return { images, labels, size: count };
}

export const drawGlyphs = (spec: { seed: number; train: number; test: number }): RawDataset => ({
  name: 'glyphs',
  inputShape: [SIDE, SIDE, 1],
  classes: GLYPHS.length,
  white: 1,
  train: draw(spec.train, spec.seed, 'glyphs train'),
  test: draw(spec.test, spec.seed, 'glyphs test'),
});
