/**
 * Ten textured shapes on 32×32 colour images: five outlines, each filled with stripes or with dots,
 * on a shaded ground.
 * CIFAR's shape and cost; colour, place, size and angle carry no label, so a network has to see
 * form and texture.
 */

import { stream, type Stream } from '../backend/random';
import type { RawDataset, RawSplit } from './dataset';

const SIDE = 32;
const CHANNELS = 3;
const CLASSES = 10;
const NOISE = 0.06;

/** Whether the outline of unit radius covers the point. */
const OUTLINES: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => Math.hypot(x, y) < 1,
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  (x, y) => y < 0.6 && y > 1.7 * Math.abs(x) - 1.1,
  (x, y) => Math.hypot(x, y) < 1 && Math.hypot(x, y) > 0.55,
  (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.3 && Math.max(Math.abs(x), Math.abs(y)) < 1,
];

/** Brightness of the filling at a point of the shape's own coordinates: stripes or dots. */
const TEXTURES: readonly ((x: number, y: number) => number)[] = [
  (x) => (Math.sin(9 * x) > 0 ? 1 : 0.45),
  (x, y) => (Math.sin(7 * x) * Math.sin(7 * y) > 0.1 ? 1 : 0.45),
];

const colour = (chance: Stream, from: number, to: number): number[] =>
  Array.from({ length: CHANNELS }, () => from + (to - from) * chance.uniform());

function paint(into: Float32Array, offset: number, label: number, chance: Stream): void {
  const outline = OUTLINES[label % OUTLINES.length];
  const texture = TEXTURES[Math.floor(label / OUTLINES.length)];
  const ground = colour(chance, 0, 0.6);
  const ink = colour(chance, 0.4, 1);
  const radius = 7 + 5 * chance.uniform();
  const centreX = SIDE / 2 + 8 * (chance.uniform() - 0.5);
  const centreY = SIDE / 2 + 8 * (chance.uniform() - 0.5);
  const angle = 2 * Math.PI * chance.uniform();
  const shade = 0.4 * (chance.uniform() - 0.5);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const dx = (column - centreX) / radius;
      const dy = (row - centreY) / radius;
      const x = dx * Math.cos(angle) + dy * Math.sin(angle);
      const y = dy * Math.cos(angle) - dx * Math.sin(angle);
      const inside = outline(x, y);
      const light = inside ? texture(x, y) : 1 + (shade * (row + column)) / SIDE;
      for (let channel = 0; channel < CHANNELS; channel++) {
        const value = (inside ? ink : ground)[channel] * light + NOISE * chance.normal();
        into[offset + (row * SIDE + column) * CHANNELS + channel] = value;
      }
    }
  }
}

function draw(count: number, seed: number, purpose: string): RawSplit {
  const chance = stream(seed, purpose);
  const size = SIDE * SIDE * CHANNELS;
  const images = new Float32Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = i % CLASSES;
    paint(images, i * size, labels[i], chance);
  }
  return { images, labels, size: count };
}

export const drawShapes = (spec: { seed: number; train: number; test: number }): RawDataset => ({
  name: 'shapes',
  inputShape: [SIDE, SIDE, CHANNELS],
  classes: CLASSES,
  white: 1,
  train: draw(spec.train, spec.seed, 'shapes train'),
  test: draw(spec.test, spec.seed, 'shapes test'),
});
