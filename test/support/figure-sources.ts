/** Sources of figures with as many networks as one likes, made up: nothing is trained. */

import type { FigureSources } from '../../shared/figure/sources';
import { checkStudy } from '../../shared/spec/study';
import { axisPoints, emptySurface, type Surface } from '../../shared/spec/surface';
import { pathOf, planeOf, runOf } from './outcomes';

/** Names as long as people write them. */
const LABELS = [
  'ResNet-56, no skips, weight decay 0.005',
  'ResNet-56, skips, weight decay 0.005',
  'batch 32, decay 0',
  'ResNet-44, skips, same loss',
  'VGG-16 with batch norm',
  'resnet20_cifar10_epoch_0–200.pt',
  'MLP of 12 blocks, no skips',
  'ResNet-20, width 16',
];

const axis = (points: number, reach = 1) => axisPoints({ from: -reach, to: reach, points });

/** A bowl with bumps over these axes, steeper for later networks. */
function bowl(x: readonly number[], y: readonly number[] | null, k: number): Surface {
  const surface = emptySurface([...x], y === null ? null : [...y]);
  surface.measured.fill(1);
  for (let cell = 0; cell < surface.losses.length; cell++) {
    const u = x[cell % x.length];
    const v = y?.[Math.floor(cell / x.length)] ?? 0;
    surface.losses[cell] = 0.02 + (1.5 + k) * (u * u + 0.7 * v * v) + 0.3 * Math.sin(7 * u) ** 2;
  }
  return surface;
}

/** `count` networks with planes, lines, paths and curves of two seeds each. */
export function madeUpSources(count: number): FigureSources {
  const names = Array.from({ length: count }, (_, k) => `n${k}`);
  const scan = (name: string, directions: object) => ({ name, directions });
  const study = checkStudy(
    {
      name: 'made-up',
      question: 'Do all texts have room?',
      seeds: [1, 2],
      variants: names.map((name, k) => ({ name, label: LABELS[k % LABELS.length] })),
      scans: [
        scan('plane', { kind: 'random' }),
        scan('line', { kind: 'random', axes: 1 }),
        scan('path', { kind: 'principal' }),
        scan('path-late', { kind: 'principal', part: 'late' }),
      ],
    },
    'made-up',
  );
  const runs = names.flatMap((variant, k) =>
    [1, 2].map((seed) => ({
      run: runOf(variant, seed, { trained: k !== 1 }),
      steps: [],
      epochs: Array.from({ length: 20 }, (_, epoch) => ({
        ...{ epoch, step: 10 * (epoch + 1) },
        trainLoss: 2.3 * Math.exp(-0.3 * epoch * (1 + seed / 10)) + 1e-4,
        trainAccuracy: 1 - Math.exp(-epoch / 3),
        testLoss: 0.3,
        testAccuracy: 0.95 - 0.85 * Math.exp(-epoch / (2 + k)),
      })),
    })),
  );
  const surfaces = names.flatMap((variant, k) =>
    [1, 2].flatMap((seed) => {
      const plane = { ...planeOf(variant, seed, 0.2), x: axis(13), y: axis(13) };
      const line = { ...plane, id: `${variant}-l${seed}`, scan: 'line', y: null, metrics: null };
      const path = pathOf(variant, seed, 0.8);
      const paths = ['path', 'path-late'].map((name, late) => {
        const reach = late === 1 ? 8 : 24;
        const across = { x: axis(15, reach), y: axis(15, 0.6 * reach) };
        return { ...path, id: `${variant}-${name}${seed}`, scan: name, ...across };
      });
      return [plane, line, ...paths].map((result) => ({
        result,
        surface: bowl(
          result.x.map((v) => v / result.x[result.x.length - 1]),
          result.y?.map((v) => v / result.x[result.x.length - 1]) ?? null,
          k,
        ),
      }));
    }),
  );
  const placed = surfaces.map(({ result, surface }) => ({
    result,
    surface: { ...surface, x: result.x as number[], y: result.y as number[] | null },
  }));
  return { study, classes: 10, runs, surfaces: placed };
}
