/** The rows of the metric table: estimates over seeds and directions, per variant. */

import { estimate, median, type Estimate } from '../../../shared/maths/statistics';
import type { RunResult, StudyResults, SurfaceResult } from '../../../shared/spec/results';
import type { Study } from '../../../shared/spec/study';

export interface Metric {
  readonly key: string;
  readonly name: string;
  /** What it says, in one sentence. */
  readonly help: string;
  readonly digits: number;
  values(runs: readonly RunResult[], surfaces: readonly SurfaceResult[]): readonly number[];
}

type Measured = NonNullable<SurfaceResult['metrics']>;

const ofRun = (
  key: string,
  name: string,
  help: string,
  digits: number,
  pick: (summary: RunResult['summary']) => number,
): Metric => ({
  key,
  name,
  help,
  digits,
  values: (runs) => runs.map(({ summary }) => pick(summary)),
});

const ofPlane = (
  key: string,
  name: string,
  help: string,
  digits: number,
  pick: (metrics: Measured) => number,
): Metric => ({
  key,
  name,
  help,
  digits,
  values: (_, surfaces) =>
    surfaces.flatMap(({ kind, metrics }) =>
      metrics === null || kind === 'principal' ? [] : [pick(metrics)],
    ),
});

const ofPath = (
  key: string,
  name: string,
  help: string,
  pick: (trajectory: NonNullable<SurfaceResult['trajectory']>) => number,
): Metric => ({
  key,
  name,
  help,
  digits: 3,
  values: (_, surfaces) =>
    surfaces.flatMap(({ trajectory }) => (trajectory === null ? [] : [pick(trajectory)])),
});

export const metrics: readonly Metric[] = [
  ofRun(
    'trainLoss',
    'train loss',
    'Mean cross-entropy on all training images.',
    4,
    (s) => s.trainLoss,
  ),
  ofRun('testLoss', 'test loss', 'Mean cross-entropy on all test images.', 3, (s) => s.testLoss),
  ofRun(
    'testAccuracy',
    'test accuracy',
    'Share of the test images that are classified right.',
    3,
    (s) => s.testAccuracy,
  ),
  ofRun('rate', 'rate', 'The learning rate that was chosen or pinned.', 3, (s) => s.learningRate),
  ofRun(
    'stepsTo03',
    'steps to 0.3',
    'First step whose mean loss over the last 20 is at most 0.3.',
    0,
    (s) => s.stepsTo03 ?? Infinity,
  ),
  ofPlane(
    'misaligned',
    'misaligned',
    'Share of cells whose descent direction points away from the centre.',
    3,
    (m) => m.misaligned,
  ),
  ofPlane('minima', 'minima', 'Local minima on the grid.', 1, (m) => m.minima),
  ofPlane(
    'lowArea',
    '0.1-area',
    'Share of the plane within 0.1 of the centre.',
    3,
    (m) => m.lowArea,
  ),
  ofPlane(
    'basin',
    'basin',
    'Share of the plane from which descent ends at the centre.',
    3,
    (m) => m.basinArea,
  ),
  ofPlane(
    'curvature',
    'negative curvature',
    'Share of cells with a negative curvature in the plane.',
    3,
    (m) => m.negativeCurvature,
  ),
  ofPlane(
    'variation',
    'variation',
    'Total variation of the surface, per unit of length.',
    2,
    (m) => m.variation,
  ),
  ofPlane('highest', 'highest', 'The highest value on the plane.', 2, (m) => m.highest),
  ofPath(
    'late',
    'late q',
    'Late perpendicularity of the path: 1 crosses the isocurves, 0 follows them.',
    (t) => t.late,
  ),
  ofPath(
    'downhill',
    'downhill',
    'Median cosine of a step with the negative gradient, in full space.',
    (t) => median(t.descentCosines.filter(Number.isFinite)),
  ),
];

export interface MetricRow {
  readonly variant: string;
  readonly label: string;
  readonly index: number;
  readonly trained: boolean;
  /** Null where nothing was measured. */
  readonly cells: readonly (Estimate | null)[];
}

export function metricRows(study: Study, { runs, surfaces }: StudyResults): MetricRow[] {
  return study.variants.flatMap(({ name, label }, index) => {
    const ownRuns = runs.filter(({ variant }) => variant === name);
    const ownSurfaces = surfaces.filter(({ variant }) => variant === name);
    if (ownRuns.length === 0) return [];
    const cells = metrics.map((metric) => {
      const values = metric.values(ownRuns, ownSurfaces);
      return values.length === 0 ? null : estimate(values);
    });
    return [
      {
        variant: name,
        label,
        index,
        trained: ownRuns.every(({ summary }) => summary.trained),
        cells,
      },
    ];
  });
}

/** Sorted by the column `key`; rows without a value come last. */
export function sorted(
  rows: readonly MetricRow[],
  sort: { readonly key: string; readonly down: boolean } | null,
): readonly MetricRow[] {
  const column = metrics.findIndex(({ key }) => key === sort?.key);
  if (sort === null || column < 0) return rows;
  const value = (row: MetricRow) => row.cells[column]?.mean ?? NaN;
  const sign = sort.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  });
}
