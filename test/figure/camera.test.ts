/** From where surfaces are seen: the near side is the lowest, and what has to be seen fits. */

import { describe, expect, test } from 'vitest';
import { azimuthFor, BOX, cameraFor, project, type Marked } from '../../shared/figure/camera';
import { colourAxis } from '../../shared/figure/colour-axis';
import { check } from '../../shared/spec/check';
import { FigureSpec } from '../../shared/spec/figure';
import { axisPoints, emptySurface } from '../../shared/spec/surface';

const points = axisPoints({ from: -1, to: 1, points: 21 });

/** A slope that falls towards one side: the loss is 2 where (x, y) is (0, 0). */
function slope(towards: number) {
  const surface = emptySurface(points, points);
  surface.measured.fill(1);
  points.forEach((y, row) =>
    points.forEach((x, column) => {
      const along = x * Math.cos(towards) + y * Math.sin(towards);
      surface.losses[row * 21 + column] = 2 - along;
    }),
  );
  return surface;
}

const axis = (surface: ReturnType<typeof slope>) =>
  colourAxis([{ surface }], check(FigureSpec, { kind: 'surfaces' }, 'test'), 10);

describe('the azimuth', () => {
  test.each([-60, 20, 100, 200])('faces a side that falls towards %d°', (degrees) => {
    const towards = (degrees * Math.PI) / 180;
    const surface = slope(towards);
    const azimuth = azimuthFor([surface], axis(surface));
    expect(Math.cos(azimuth - towards)).toBeGreaterThan(Math.cos(Math.PI / 4));
  });
});

describe('the camera', () => {
  const corners: Marked[] = [-1, 1].flatMap((x) =>
    [-1, 1].flatMap((y) =>
      [-1, 1].map((z) => ({
        point: [x * BOX[0], y * BOX[1], z * BOX[2]] as const,
        ...{ left: 20, right: 5, above: 3, below: 12 },
      })),
    ),
  );

  test.each([
    [100, 92],
    [238, 219],
    [400, 200],
  ])('sees all that is marked in %d by %d pixels, and no room is left', (width, height) => {
    const azimuth = -0.9;
    const camera = cameraFor(azimuth, { width, height }, corners);
    const places = corners.map(({ point }) => project(point, camera, azimuth, height));
    const left = Math.min(...places.map(({ x }) => x)) - 20;
    const right = Math.max(...places.map(({ x }) => x)) + 5;
    const top = Math.min(...places.map(({ y }) => y)) - 3;
    const bottom = Math.max(...places.map(({ y }) => y)) + 12;
    expect(left).toBeGreaterThan(-width / 2 - 0.5);
    expect(right).toBeLessThan(width / 2 + 0.5);
    expect(top).toBeGreaterThan(-height / 2 - 0.5);
    expect(bottom).toBeLessThan(height / 2 + 0.5);
    const full = Math.max((right - left) / width, (bottom - top) / height);
    expect(full).toBeGreaterThan(0.99);
  });

  test('projects the middle of its view to the middle of the panel', () => {
    const camera = cameraFor(0.4, { width: 200, height: 180 }, corners);
    const { x, y } = project(camera.center, camera, 0.4, 180);
    expect([x, y]).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9)]);
  });
});
