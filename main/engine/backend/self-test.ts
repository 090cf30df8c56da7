/**
 * Whether the running backend computes what it should: a start-up check that a wrong build fails.
 */

import * as tf from '@tensorflow/tfjs';
import type { SelfTest } from '../../../shared/spec/doctor';
import { seconds } from '../clock';
import { batchNorm, crossEntropy } from './kernels';
import { stream } from './random';

const image = (values: number[], channels = 1): tf.Tensor4D => {
  const side = Math.sqrt(values.length / channels);
  return tf.tensor4d(values, [1, side, side, channels]);
};

const near = (got: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): boolean =>
  expected.every(
    (value, i) => Math.abs(got[i] - value) <= tolerance * Math.max(1, Math.abs(value)),
  );

/** Each check computes in a tidy and gives what it saw. */
const CHECKS: readonly [name: string, check: () => { passed: boolean; detail: string }][] = [
  [
    'convolution',
    () => {
      // 3×3 ones over 1…9 with zero padding: sums of neighbourhoods, by hand.
      const y = tf.conv2d(image([1, 2, 3, 4, 5, 6, 7, 8, 9]), tf.ones([3, 3, 1, 1]), 1, 'same');
      const got = y.dataSync();
      return {
        passed: near(got, [12, 21, 16, 27, 45, 33, 24, 39, 28]),
        detail: [...got].join(' '),
      };
    },
  ],
  [
    'gradients of a convolution',
    () => {
      const x = image([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const kernel = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
      const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
        tf.sum(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'valid')),
      );
      const [dx, dw] = gradients([x, kernel]).map((gradient) => gradient.dataSync());
      const passed = near(dx, [1, 3, 2, 4, 10, 6, 3, 7, 4]) && near(dw, [12, 16, 24, 28]);
      return { passed, detail: `input ${[...dx].join(' ')}, filter ${[...dw].join(' ')}` };
    },
  ],
  [
    'gradients of a shortcut',
    () => {
      // x is c + 1 in channel c and dy is q + 1 in channel q, over 2 images of 4×4 that a 1×1
      // convolution of stride 2 sees: dk = 32·(c + 1)·(q + 1). Wrong kernels err now and then.
      const x = tf.mul(tf.ones([2, 8, 8, 4]), tf.tensor1d([1, 2, 3, 4]));
      const dy = tf.mul(tf.ones([2, 4, 4, 4]), tf.tensor1d([1, 2, 3, 4]));
      const gradient = tf.grad((k) =>
        tf.conv2d(x as tf.Tensor4D, k as tf.Tensor4D, [2, 2], 'same'),
      );
      const expected = Array.from(
        { length: 16 },
        (_, i) => 32 * (Math.floor(i / 4) + 1) * ((i % 4) + 1),
      );
      const got = Array.from({ length: 5 }, () => gradient(tf.ones([1, 1, 4, 4]), dy).dataSync());
      const wrong = got.find((values) => !near(values, expected)) ?? got[0];
      return { passed: near(wrong, expected), detail: [...wrong].join(' ') };
    },
  ],
  [
    'batch norm',
    () => {
      const { y, mean, variance } = batchNorm(image([1, 2, 3, 4]), tf.ones([1]), tf.zeros([1]));
      const got = [...y.dataSync(), ...mean.dataSync(), ...variance.dataSync()];
      const scale = 1 / Math.sqrt(1.25 + 1e-5);
      const expected = [-1.5 * scale, -0.5 * scale, 0.5 * scale, 1.5 * scale, 2.5, 5 / 3];
      return { passed: near(got, expected, 1e-4), detail: got.map((v) => v.toFixed(4)).join(' ') };
    },
  ],
  [
    'NaN and infinity kept',
    () => {
      const odd = tf.tensor1d([NaN, Infinity, -1]);
      const got = [...tf.relu(odd).dataSync()];
      const loss = crossEntropy(tf.tensor2d([[NaN, 0]]), tf.tensor2d([[1, 0]])).dataSync()[0];
      const passed = Number.isNaN(loss) && Number.isNaN(got[0]) && got[1] === Infinity;
      return { passed, detail: `relu ${got.join(' ')}, loss ${loss}` };
    },
  ],
  [
    'determinism',
    () => {
      const chance = stream(1, 'self-test');
      const values = Float32Array.from({ length: 8 * 16 * 16 * 8 }, () => chance.normal());
      const kernel = Float32Array.from({ length: 9 * 8 * 8 }, () => chance.normal());
      const once = () =>
        tf
          .conv2d(tf.tensor4d(values, [8, 16, 16, 8]), tf.tensor4d(kernel, [3, 3, 8, 8]), 1, 'same')
          .dataSync();
      const [first, second] = [once(), once()];
      const same = first.every((value, i) => Object.is(value, second[i]));
      return { passed: same, detail: same ? 'two runs agree bit for bit' : 'two runs differ' };
    },
  ],
];

/** Runs all checks; one that throws has failed. */
export function selfTest(): SelfTest[] {
  return CHECKS.map(([name, check]) => {
    try {
      return { name, ...tf.tidy(check) };
    } catch (error) {
      return { name, passed: false, detail: (error as Error).message };
    }
  });
}

/** The best of a few runs, in GFLOP/s. */
function speedOf(flops: number, work: () => tf.Tensor): number {
  let best = Infinity;
  for (let i = 0; i < 6; i++) {
    const began = seconds();
    tf.tidy(() => work().dataSync()[0]);
    best = Math.min(best, seconds() - began);
  }
  return flops / best / 1e9;
}

/**
 * Speed of a typical convolution, and of a large matrix product as the peak it is measured against.
 */
export function measureSpeed(): { convolution: number; matrixPeak: number } {
  const held = [
    tf.randomUniform([1024, 1024], -1, 1, 'float32', 1),
    tf.randomUniform([128, 32, 32, 16], -1, 1, 'float32', 2),
    tf.randomUniform([3, 3, 16, 16], -1, 1, 'float32', 3),
  ];
  const [matrix, images, kernel] = held;
  try {
    return {
      matrixPeak: speedOf(2 * 1024 ** 3, () => tf.matMul(matrix, matrix)),
      convolution: speedOf(2 * 128 * 32 * 32 * 9 * 16 * 16, () =>
        tf.conv2d(images as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same'),
      ),
    };
  } finally {
    tf.dispose(held);
  }
}
