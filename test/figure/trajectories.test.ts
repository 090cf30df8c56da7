/** The figure of paths: its isocurves, its geometry, what it says of angles. */

import { beforeAll, describe, expect, test } from 'vitest';
import { loadFigureSources } from '../../main/engine/study/figure-sources';
import { angleShares, qCourse } from '../../shared/figure/angles';
import { buildFigure } from '../../shared/figure/build';
import { placeLabels } from '../../shared/figure/isocurve-labels';
import { levelsAlong, lossesAt, placeAmong } from '../../shared/figure/isocurve-levels';
import { placeWords, stepArrows } from '../../shared/figure/path-marks';
import type { JsonObject } from '../../shared/figure/plotly';
import type { FigureSources } from '../../shared/figure/sources';
import { check } from '../../shared/spec/check';
import { FigureSpec } from '../../shared/spec/figure';
import { axisPoints, emptySurface } from '../../shared/spec/surface';
import type { Crossing, Trajectory } from '../../shared/spec/trajectory';
import { startForTest } from '../support/backend';
import { freshFolder, runSmall, SMALL_STUDY } from '../support/small-study';

/** The bowl exp(x² + y²)/10, whose isocurves are circles and whose logarithm is a paraboloid. */
const points = axisPoints({ from: -2, to: 2, points: 41 });
const bowl = emptySurface(points, points);
bowl.measured.fill(1);
points.forEach((y, row) =>
  points.forEach((x, column) => (bowl.losses[row * 41 + column] = Math.exp(x * x + y * y) / 10)),
);
const path = {
  x: Array.from({ length: 31 }, (_, t) => 1.5 * (1 - t / 30)),
  y: Array.from({ length: 31 }, () => 0),
  steps: Array.from({ length: 31 }, (_, t) => t),
  explained: [1, 0],
};

describe('isocurves of a plane', () => {
  const passed = lossesAt(bowl, path.x, path.y);
  const levels = levelsAlong(bowl, passed, 10);

  test('the losses of a path are those of the plane', () => {
    passed.forEach((loss, t) => expect(Math.log(10 * loss)).toBeCloseTo(path.x[t] ** 2, 1));
  });

  test('lie at quantiles of the losses that the path passes, 5 % apart or more', () => {
    const along = levels.filter((level) => level < Math.max(...passed));
    const counts = along.map((level) => passed.filter((loss) => loss < level).length / 31);
    // Twelve quantiles, of which those in the flat middle are too close to each other.
    expect(Math.min(...counts)).toBeLessThan(0.25);
    expect(Math.max(...counts)).toBeGreaterThan(0.9);
    levels.slice(1).forEach((level, i) => expect(level / levels[i]).toBeGreaterThan(1.05 - 1e-9));
  });

  test('go on outward by ×1.4 to four times the loss of guessing, and no further', () => {
    const beyond = levels.filter((level) => level > Math.max(...passed));
    expect(beyond.length).toBeGreaterThan(3);
    beyond.slice(1).forEach((level, i) => expect(level / beyond[i]).toBeCloseTo(1.4, 10));
    expect(Math.max(...levels)).toBeLessThanOrEqual(4 * Math.log(10));
    expect(1.4 * Math.max(...levels)).toBeGreaterThan(4 * Math.log(10));
  });

  test('are whole numbers where heights are drawn, in between by logarithm, and holes are holes', () => {
    levels.forEach((level, i) => expect(placeAmong(levels, level)).toBeCloseTo(i, 10));
    expect(placeAmong(levels, Math.sqrt(levels[2] * levels[3]))).toBeCloseTo(2.5, 10);
    expect(placeAmong(levels, NaN)).toBeNull();
    expect(placeAmong(levels, Infinity)).toBe(levels.length);
    expect(placeAmong(levels, 0)).toBe(-1);
  });

  test('carry their loss on themselves, clear of the path, of words and of each other', () => {
    const room = { perCharacter: 0.05, height: 0.1 };
    const marks = [
      { at: 0, text: 'start' },
      { at: 30, text: 'end' },
    ];
    const words = placeWords(bowl, path, marks, room);
    const avoided = path.x.map((x) => ({ x, y: 0 }));
    const labels = placeLabels(bowl, levels, avoided, words, room);
    expect(labels.length).toBeGreaterThan(levels.length / 2);
    labels.forEach(({ x, y, text }) => {
      expect(Math.exp(x * x + y * y) / 10 / Number(text)).toBeGreaterThan(0.9);
      expect(Math.exp(x * x + y * y) / 10 / Number(text)).toBeLessThan(1.1);
    });
    const all = [...labels, ...words];
    const half = (text: string) => (text.length * room.perCharacter) / 2;
    all.forEach((a, i) => {
      expect(Math.abs(a.x) + half(a.text)).toBeLessThanOrEqual(2);
      for (const b of all.slice(i + 1)) {
        const apart =
          Math.abs(a.x - b.x) >= half(a.text) + half(b.text) || Math.abs(a.y - b.y) >= room.height;
        expect(apart).toBe(true);
      }
    });
  });
});

const crossing = (scores: readonly number[]): Crossing => ({
  ...{ scores, early: NaN, middle: NaN, late: NaN, lateSteps: scores.length },
  ...{ by: 'gradients', slope: null },
});

describe('angles over seeds', () => {
  test('are one sixth each where they are uniform, and all in the first bin straight downhill', () => {
    const uniform = Array.from({ length: 600 }, (_, i) =>
      Math.cos((((i + 0.5) / 600) * Math.PI) / 2),
    );
    const late = [...uniform.map(() => 1), ...uniform];
    const steps = late.map((_, t) => t).concat(late.length);
    const seed = { seed: 1, crossing: crossing(late), steps };
    angleShares([seed]).forEach((share) => expect(share).toBeCloseTo(1 / 6, 10));
    const down = { seed: 1, crossing: crossing(late.map(() => 1)), steps };
    expect(angleShares([down])).toEqual([1, 0, 0, 0, 0, 0]);
  });

  test('a seed with more steps does not count more', () => {
    const seeds = [20, 200].map((count, i) => ({
      ...{ seed: i, steps: Array.from({ length: count + 1 }, (_, t) => t) },
      crossing: crossing(new Array<number>(count).fill(i)),
    }));
    const shares = angleShares(seeds);
    expect([shares[0], shares[5]]).toEqual([0.5, 0.5]);
  });

  test('q over training is the mean over seeds with their range, parts without steps left out', () => {
    const steps = [0, 10, 20, 120];
    const seeds = [
      { seed: 1, steps, crossing: crossing([0.2, 0.4, 1]) },
      { seed: 2, steps, crossing: crossing([0.4, 0.8, NaN]) },
    ];
    const course = qCourse(seeds);
    expect(course.at.map((at) => at * 12)).toEqual([0.5, 1.5, 2.5].map((at) => expect.closeTo(at)));
    expect(course.mean).toEqual([0.3, 0.6, 1].map((q) => expect.closeTo(q)));
    expect(course.low).toEqual([0.2, 0.4, 1]);
    expect(course.high).toEqual([0.4, 0.8, 1]);
  });
});

test('arrows point along the step and down the gradient, at later steps only', () => {
  const x = Array.from({ length: 9 }, (_, t) => 8 - t);
  const trajectory = { x, y: x.map(() => 0) } as unknown as Trajectory;
  const slope = { of: 'loss', bn: 'batch', x: x.map(() => 3), y: x.map(() => 4) } as const;
  const [down, step] = stepArrows(trajectory, slope, 10);
  const vector = (trace: JsonObject) => {
    const [a, b] = [trace['x'], trace['y']] as number[][];
    return [a[1] - a[0], b[1] - b[0]];
  };
  const [dx, dy] = vector(down);
  expect(dx / dy).toBeCloseTo(3 / 4, 10);
  expect(dx).toBeLessThan(0);
  expect(vector(step)[0]).toBeLessThan(0);
  expect(vector(step)[1]).toBe(0);
  const starts = (step['x'] as (number | null)[]).filter((_, i) => i % 3 === 0);
  expect(starts).toEqual([4, 3, 2, 1]);
});

describe('of a study', () => {
  const spec = (extra: object = {}) => check(FigureSpec, { kind: 'trajectories', ...extra }, 'f');
  const axis = { points: 7 };
  const late = {
    ...{ name: 'late', directions: { kind: 'principal', part: 'late', aspect: 0.6 } },
    ...{ x: axis, y: axis, subset: 32, bn: 'batch' },
  };
  let sources: FigureSources;

  beforeAll(async () => {
    const folder = freshFolder();
    const file = { ...SMALL_STUDY, seeds: [1, 2], scans: [...SMALL_STUDY.scans, late] };
    await runSmall(folder, await startForTest(), undefined, file);
    sources = loadFigureSources(folder);
  });

  const said = ({ layout }: { layout: JsonObject }) =>
    (layout['annotations'] as JsonObject[]).map(({ text }) => String(text)).join(' ');

  test('every plane has one scale for both axes, and all of its surface within', () => {
    const { data, layout } = buildFigure(sources, spec());
    const planes = data.filter(({ type }) => type === 'contour');
    expect(planes).toHaveLength(4);
    for (const plane of planes) {
      const name = (id: unknown) => String(id).replace(/^([xy])/, '$1axis');
      const [x, y] = [plane['xaxis'], plane['yaxis']].map((id) => layout[name(id)] as JsonObject);
      expect([y['scaleanchor'], y['scaleratio']]).toEqual([plane['xaxis'], 1]);
      expect([x['constrain'], y['constrain']]).toEqual(['domain', 'domain']);
      const xs = plane['x'] as number[];
      expect(x['range']).toEqual([xs[0], xs[xs.length - 1]]);
    }
  });

  test('names start, end and cuts of the rate, and says chance wherever it says q', () => {
    const text = said(buildFigure(sources, spec()));
    expect(text).toMatch(/start.*end/);
    expect(text).toMatch(/late q 0\.\d\d, 0\.\d\d/);
    expect(text).toMatch(/chance, for q 0\.64/);
    expect(text).toMatch(/each plane has its own/);
    expect(text).toMatch(/isocurves of the loss/);
  });

  test('is about the isocurves that are asked for', () => {
    const text = said(buildFigure(sources, spec({ isocurves: 'objective' })));
    expect(text).toMatch(/isocurves of the loss \+ weight decay/);
  });

  test('of an earlier version, with one plane and q by a grid coarser than steps, shows no q', () => {
    const surfaces = sources.surfaces
      .filter(({ result }) => result.scan !== 'late')
      .map(({ result, surface }) => {
        if (result.trajectory === null) return { result, surface };
        const { slopes: _, ...rest } = result.trajectory;
        const perpendicularity = rest.x.slice(1).map(() => 0.5);
        const x = result.x.map((value) => 100 * value);
        const trajectory: Trajectory = { ...rest, perpendicularity };
        return { result: { ...result, x, trajectory }, surface };
      });
    const figure = buildFigure({ ...sources, surfaces }, spec());
    expect(figure.data.filter(({ type }) => type === 'contour')).toHaveLength(2);
    expect(figure.data.filter(({ type }) => type === 'bar')).toHaveLength(0);
    expect(said(figure)).not.toMatch(/late q|chance/);
  });
});
