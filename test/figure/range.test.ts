/**
 * The default range of planes: linear from 0 to twice the loss of guessing, grey above; and what is
 * marked on them. Expected values are those of the egg crate, by hand.
 */

import { describe, expect, test } from 'vitest';
import { colourAxis, heights, type ColourAxis } from '../../shared/figure/colour-axis';
import { planeMarks, shareAbove } from '../../shared/figure/plane-marks';
import type { JsonObject } from '../../shared/figure/plotly';
import { capped } from '../../shared/figure/surfaces';
import { surfaceMetrics } from '../../shared/maths/surface-metrics';
import { emptySurface, type Surface } from '../../shared/spec/surface';

const points = Array.from({ length: 21 }, (_, i) => (i - 10) / 10);

/** A whole plane whose loss is `f`. */
function plane(f: (a: number, b: number) => number): Surface {
  const surface = emptySurface(points, points);
  surface.losses.forEach((_, cell) => {
    surface.losses[cell] = f(points[cell % 21], points[Math.floor(cell / 21)]);
    surface.measured[cell] = 1;
  });
  return surface;
}

const bowl = plane((a, b) => 8 * (a * a + b * b));
const crate = plane((a, b) => 1.5 - Math.cos(5 * Math.PI * a) * Math.cos(5 * Math.PI * b));
const asked = { scale: 'capped', colours: 'viridis', levels: 18 } as const;
const axisOf = (surface: Surface, classes: number | null = 10): ColourAxis =>
  colourAxis([{ surface }], asked, classes);
const marksOf = (surface: Surface, stepwise = false): JsonObject[] => {
  const scale = axisOf(surface);
  const options = { logarithmic: false, stepwise };
  return planeMarks(surface, heights({ surface }, scale), scale, options);
};
const named = (marks: readonly JsonObject[], name: string) =>
  marks.find((mark) => mark['name'] === name);

describe('the range', () => {
  test('ends at twice ln(classes), whatever was measured, in equal levels', () => {
    for (const surface of [bowl, crate]) {
      const { cap, guessing, contours } = axisOf(surface);
      expect(cap).toBeCloseTo(2 * Math.log(10), 12);
      expect(guessing).toBeCloseTo(Math.log(10), 12);
      expect(contours).toMatchObject({ start: 0, end: cap });
      expect(contours['size']).toBeCloseTo(cap! / 18, 12);
    }
  });

  test('has round numbers on its bar, and ln(classes) among them', () => {
    const { ticks } = axisOf(bowl);
    expect(ticks.ticktext).toEqual(['0', '1', '3', '4', 'ln 10']);
    expect(ticks.tickvals[4]).toBeCloseTo(2.302585, 6);
  });

  test('is grey from the cap on, and no colour of the map before', () => {
    const { colours, cap, low, high } = axisOf(bowl);
    const grey = colours.filter(([, colour]) => colour === '#c9c9c9');
    expect(low + grey[0][0] * (high - low)).toBeCloseTo(cap!, 12);
    expect(grey[1][0]).toBe(1);
    expect(colours.find(([, colour]) => colour === '#fde725')![0]).toBe(grey[0][0]);
  });

  test('says how many cells and which share lie above it', () => {
    // 8·r² > 4.605: r > 0.7587, counted on the grid of tenths.
    const above = points.flatMap((a) => points.filter((b) => a * a + b * b > 0.57565)).length;
    expect(axisOf(bowl).clipped).toBe(above);
    expect(shareAbove(bowl, axisOf(bowl))).toBeCloseTo(above / 441, 12);
    expect(shareAbove(crate, axisOf(crate))).toBe(0);
  });

  test('is the full one where the classes are not known', () => {
    const { cap, guessing, low, high } = axisOf(crate, null);
    expect([cap, guessing]).toEqual([null, null]);
    expect([low, high]).toEqual([Math.min(...crate.losses), Math.max(...crate.losses)]);
  });

  test('of surfaces in space cuts at the cap and paints grey what was cut', () => {
    const scale = axisOf(bowl);
    const { z, surfacecolor } = capped(heights({ surface: bowl }, scale), scale);
    expect(Math.max(...z.flat().map(Number))).toBe(scale.cap);
    expect(surfacecolor![0][0]).toBe(scale.high);
    expect(surfacecolor![10][10]).toBe(0);
  });
});

describe('the marks', () => {
  test('red dots are the cells of the misaligned fraction, each once', () => {
    expect(named(marksOf(bowl), 'misaligned')).toBeUndefined();
    const dots = named(marksOf(crate), 'misaligned')!;
    const share = surfaceMetrics(crate, false).misaligned;
    expect(share).toBeGreaterThan(0.2);
    expect((dots['x'] as number[]).length / 440).toBeCloseTo(share, 12);
  });

  test('one thick line runs at ln(classes), where interpolation has a place for it', () => {
    expect(named(marksOf(bowl), 'guessing')).toMatchObject({
      contours: { start: Math.log(10), end: Math.log(10), coloring: 'none' },
    });
    expect(named(marksOf(bowl, true), 'guessing')).toBeUndefined();
  });

  test('hatching lies where the loss is above the cap, and nowhere else', () => {
    for (const stepwise of [false, true]) {
      const { x, y } = named(marksOf(bowl, stepwise), 'above the range') as {
        x: (number | null)[];
        y: (number | null)[];
      };
      const radii = x.flatMap((a, i) => (a === null ? [] : [Math.hypot(a, y[i]!)]));
      expect(radii.length).toBeGreaterThan(500);
      // Interpolation and half a cell move the circle of r = 0.7587 by less than a cell.
      expect(Math.min(...radii)).toBeGreaterThan(0.65);
    }
    expect(named(marksOf(crate), 'above the range')).toBeUndefined();
  });

  test('a plane that is not whole has no dots and no hatching yet', () => {
    const part = plane((a, b) => 8 * (a * a + b * b));
    part.measured[0] = 0;
    expect(marksOf(part).map((mark) => mark['name'])).toEqual(['guessing', 'centre']);
  });

  test('a cell that overflowed is a cross and counts as above', () => {
    const holed = plane((a, b) => (a === 1 && b === 1 ? Infinity : a * a));
    expect(named(marksOf(holed), 'overflow')).toMatchObject({ x: [1], y: [1] });
    expect(shareAbove(holed, axisOf(holed))).toBeCloseTo(1 / 441, 12);
  });
});
