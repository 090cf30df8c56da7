/** Convolutions and both gradients against sums in float64: no processor's kernels are trusted. */

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { stream } from '../../main/engine/backend/random';
import { selfTest } from '../../main/engine/backend/self-test';
import { startForTest } from '../support/backend';
import { relativeError } from '../support/oracle';

interface Case {
  readonly images: number;
  readonly side: number;
  readonly channels: readonly [number, number];
  readonly kernel: number;
  readonly stride: number;
}

/** y, ∂/∂x and ∂/∂k of Σ dy · conv(x, k), `same` padding, by their definition. */
function byDefinition({ images, side, channels: [from, to], kernel, stride }: Case, data: Data) {
  const out = Math.ceil(side / stride);
  const pad = Math.max(0, (out - 1) * stride + kernel - side) >> 1;
  const y = new Float64Array(images * out * out * to);
  const dx = new Float64Array(data.x.length);
  const dk = new Float64Array(data.k.length);
  const inside = (at: number) => at >= 0 && at < side;
  for (let place = 0; place < images * out * out; place++) {
    const image = Math.floor(place / (out * out));
    const [row, column] = [Math.floor(place / out) % out, place % out];
    for (let cell = 0; cell < kernel * kernel; cell++) {
      const above = row * stride + Math.floor(cell / kernel) - pad;
      const left = column * stride + (cell % kernel) - pad;
      if (!inside(above) || !inside(left)) continue;
      for (let c = 0; c < from; c++) {
        const i = ((image * side + above) * side + left) * from + c;
        for (let q = 0; q < to; q++) {
          const [weight, at] = [(cell * from + c) * to + q, place * to + q];
          y[at] += data.x[i] * data.k[weight];
          dx[i] += data.k[weight] * data.dy[at];
          dk[weight] += data.x[i] * data.dy[at];
        }
      }
    }
  }
  return [y, dx, dk].map((values) => [...values]);
}

interface Data {
  readonly x: Float32Array;
  readonly k: Float32Array;
  readonly dy: Float32Array;
}

function dataOf({ images, side, channels: [from, to], kernel, stride }: Case): Data {
  const chance = stream(1, 'convolutions');
  const normal = (length: number) => Float32Array.from({ length }, () => chance.normal());
  return {
    x: normal(images * side * side * from),
    k: normal(kernel * kernel * from * to),
    dy: normal(images * Math.ceil(side / stride) ** 2 * to),
  };
}

/** The same three by the running backend. */
const byBackend = ({ images, side, channels, kernel, stride }: Case, data: Data) =>
  tf.tidy(() => {
    const x = tf.tensor4d(data.x, [images, side, side, channels[0]]);
    const k = tf.tensor4d(data.k, [kernel, kernel, ...channels]);
    const convolve = (a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, 'same');
    const y = convolve(x, k);
    const dy = tf.tensor4d(data.dy, y.shape as Case4);
    const [dx, dk] = tf.grads(convolve)([x, k], dy);
    return [y, dx, dk].map((tensor) => [...tensor.dataSync()]);
  });
type Case4 = [number, number, number, number];

const channels = [
  [1, 4],
  [2, 4],
  [3, 16],
  [4, 8],
  [5, 7],
  [6, 12],
  [8, 16],
] as const;
const cases = channels.flatMap((pair) =>
  [1, 3].flatMap((kernel) =>
    [1, 2].flatMap((stride) =>
      [7, 8, 16].map((side): Case => ({ images: 3, side, channels: pair, kernel, stride })),
    ),
  ),
);

const largest = (values: readonly number[]) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const tiers = [['the best tier here', undefined] as const, ['wasm', 'wasm'] as const];

describe.each(tiers)('on %s', (_name, tier) => {
  beforeAll(() => startForTest(tier));

  test('convolutions and both their gradients are their definition, each time they are asked', () => {
    for (const one of cases) {
      const data = dataOf(one);
      const expected = byDefinition(one, data);
      const first = byBackend(one, data);
      first.forEach((values, i) => {
        const error = relativeError(values, expected[i], largest(expected[i]));
        expect(error, JSON.stringify(one)).toBeLessThan(1e-5);
      });
      // What is read beyond an array differs from one time to the next.
      for (let time = 0; time < 3; time++) expect(byBackend(one, data)).toEqual(first);
    }
  });

  test('the self-test passes', () => {
    expect(selfTest().filter(({ passed }) => !passed)).toEqual([]);
  });
});
