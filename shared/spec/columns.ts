/**
 * The columns of every table of numbers: what each says, its unit and its digits. The terminal and
 * the window print the same ones.
 */

import { countText, lossText, median } from '../maths/statistics';
import { MINIMUM_DEPTH, type SurfaceMetrics } from '../maths/surface-metrics';
import type { RunResult, SurfaceResult } from './results';
import { isImported, type RunSummary } from './run';
import { CHANCE, type Phases } from '../maths/crossing';
import {
  crossingIn,
  isocurvesText,
  USUAL_ISOCURVES,
  type Crossing,
  type Trajectory,
  type WhichIsocurves,
} from './trajectory';

export interface Column<Item> {
  readonly key: string;
  readonly name: string;
  /** Empty: a pure number. */
  readonly unit: string;
  readonly digits: number;
  /** What it is, in a sentence. */
  readonly help: string;
  /** NaN: this item has none. */
  value(item: Item): number;
  /** Whether the number is only a bound from below. */
  isBound?(item: Item): boolean;
  /** The same for every seed: it has no standard error. */
  readonly isConstant?: boolean;
  /** How one number is written; left out, with fixed digits. */
  readonly text?: (value: number, digits: number) => string;
}

/** Unit, and what a cell is within, of a share that is written in percent. */
const PERCENT = { unit: '%', digits: 1 } as const;

const ofRun = (
  key: string,
  name: string,
  help: string,
  pick: (summary: RunSummary) => number,
  more: Partial<Column<RunResult>> = {},
): Column<RunResult> => ({
  key,
  name,
  unit: '',
  digits: 3,
  help,
  value: ({ summary }) => pick(summary),
  ...more,
});

export const RUN_COLUMNS: readonly Column<RunResult>[] = [
  ofRun(
    'trainLoss',
    'train loss',
    'Mean cross-entropy on all training images.',
    (s) => s.trainLoss,
    {
      text: lossText,
    },
  ),
  ofRun(
    'trainAccuracy',
    'train accuracy',
    'Share of the training images that are classified right.',
    (s) => 100 * s.trainAccuracy,
    PERCENT,
  ),
  ofRun('testLoss', 'test loss', 'Mean cross-entropy on all test images.', (s) => s.testLoss, {
    text: lossText,
  }),
  ofRun(
    'testAccuracy',
    'test accuracy',
    'Share of the test images that are classified right.',
    (s) => 100 * s.testAccuracy,
    PERCENT,
  ),
  ofRun(
    'rate',
    'rate',
    'The learning rate that was pinned, or chosen by a trial.',
    (s) => s.learningRate,
    {
      isConstant: true,
      // A mean of equal rates is off in its last digits.
      text: (value) => String(Number(value.toPrecision(6))).replace('-', '−'),
    },
  ),
  ofRun(
    'stepsTo03',
    'steps to 0.3',
    'First step at which the mean loss of the last 20 is at most 0.3; ≥: with some seed it never was, and the last step stands for it.',
    // Imported weights have taken no step here.
    (s) => s.stepsTo03 ?? (isImported(s) || s.step === 0 ? NaN : s.step),
    {
      digits: 0,
      unit: 'steps',
      isBound: ({ summary }) =>
        summary.stepsTo03 === null && summary.step > 0 && !isImported(summary),
    },
  ),
  ofRun('speed', 'steps/s', 'Training steps in a second.', (s) => s.stepsPerSecond, {
    digits: 1,
    unit: '1/s',
  }),
  {
    ...ofRun('weights', 'weights', 'Numbers that training changes.', () => NaN),
    value: ({ parameters }) => parameters,
    digits: 0,
    isConstant: true,
    text: countText,
  },
];

const ofPlane = (
  key: string,
  name: string,
  help: string,
  pick: (metrics: SurfaceMetrics) => number,
  digits = 3,
  unit = '',
): Column<SurfaceResult> => ({
  key,
  name,
  unit,
  digits,
  help,
  value: ({ metrics }) => (metrics === null ? NaN : (pick(metrics) ?? NaN)),
});

/** Z is the height of the surface: the loss, or log₁₀(1 + loss); the table's heading says which. */
export const PLANE_COLUMNS: readonly Column<SurfaceResult>[] = [
  ofPlane(
    'misaligned',
    'misaligned',
    'Share of the cells at which descent points away from the centre.',
    (m) => m.misaligned,
  ),
  ofPlane(
    'minima',
    'minima',
    `Minima inside the plane whose basins are deeper than ${MINIMUM_DEPTH}.`,
    (m) => m.deepMinima,
    1,
  ),
  ofPlane(
    'lowArea',
    '0.1-area',
    'Area where Z is less than 0.1 above the centre, in squared units of the axes: a plane from −1 to 1 has about 4.',
    (m) => m.lowArea,
  ),
  ofPlane(
    'basin',
    'basin',
    'The part of the 0.1-area that hangs together with the centre, in squared units of the axes.',
    (m) => m.basinArea,
  ),
  ofPlane(
    'fragments',
    'parts at +1',
    'Parts into which the area falls where Z is less than 1 above the centre.',
    (m) => m.fragments[2].count,
    1,
  ),
  ofPlane(
    'elongation',
    'elongation',
    'How many times longer the basin is than wide: the root of the ratio of its principal second moments.',
    (m) => m.elongation,
    2,
  ),
  ofPlane(
    'curvature',
    'negative curvature',
    'Share of the cells of the inner half at which the lower curvature in the plane is below 0 and over a tenth of the higher.',
    (m) => m.negativeCurvature,
  ),
  ofPlane(
    'variation',
    'variation',
    'Sum of all rises and falls along a row or column, in units of the range of Z: 1 only rises, 2 is one bowl.',
    (m) => m.variation,
    2,
  ),
  ofPlane(
    'plateau',
    'plateau',
    'Share of the cells over 0.5 above the centre at which the slope is below a hundredth of the steepest.',
    (m) => m.plateau,
  ),
  ofPlane('highest', 'highest', 'The highest Z on the plane.', (m) => m.highest, 2),
];

const ofPath = (
  key: string,
  name: string,
  help: string,
  pick: (trajectory: Trajectory) => number,
  more: Partial<Column<SurfaceResult>> = {},
): Column<SurfaceResult> => ({
  key,
  name,
  unit: '',
  digits: 3,
  help,
  value: ({ trajectory }) => (trajectory === null ? NaN : pick(trajectory)),
  ...more,
});

/** Null: not known; also where it would only say again what batch statistics say. */
function crossingOf(surface: SurfaceResult, which: WhichIsocurves): Crossing | null {
  if (surface.trajectory === null) return null;
  const crossing = crossingIn(surface.trajectory, surface, which);
  const isSecond = which.bn !== USUAL_ISOCURVES.bn && crossing?.slope?.bn !== which.bn;
  return isSecond ? null : crossing;
}

/** A mean of q over a part of the path. */
const ofCrossing = (
  key: string,
  name: string,
  phase: keyof Phases,
  which: WhichIsocurves,
): Column<SurfaceResult> => ({
  key,
  name,
  unit: '',
  digits: 3,
  help: `Mean over ${PHASES[phase]} of q, the |cos| of a step and the gradient at the checkpoint, both in the plane: 1 crosses the ${isocurvesText(which)}, 0 follows them; steps at random have ${CHANCE.toFixed(2)}.`,
  value: (surface) => crossingOf(surface, which)?.[phase] ?? NaN,
});

const PHASES: Readonly<Record<keyof Phases, string>> = {
  early: 'the first sixth of the steps',
  middle: 'the steps from there to half of them',
  late: 'the later half of the steps',
};

export const PATH_COLUMNS: readonly Column<SurfaceResult>[] = [
  ...[0, 1].map((i) =>
    ofPath(
      `explained${i + 1}`,
      `PC ${i + 1}`,
      `Share of the path's variance along principal component ${i + 1}.`,
      ({ explained }) => 100 * explained[i],
      PERCENT,
    ),
  ),
  ...[0, 1].map((i) =>
    ofPath(
      `walk${i + 1}`,
      `walk PC ${i + 1}`,
      `The same of a random walk of as many steps.`,
      ({ walkShares }) => 100 * walkShares[i],
      PERCENT,
    ),
  ),
  ofCrossing('early', 'early q', 'early', USUAL_ISOCURVES),
  ofCrossing('middle', 'middle q', 'middle', USUAL_ISOCURVES),
  ofCrossing('late', 'late q', 'late', USUAL_ISOCURVES),
  ofCrossing('lateObjective', 'late q + decay', 'late', { of: 'objective', bn: 'batch' }),
  ofCrossing('lateFrozen', 'late q frozen', 'late', { of: 'loss', bn: 'frozen' }),
  ofPath(
    'downhill',
    'downhill',
    'Median cosine of a step and the negative gradient, in full space.',
    ({ descentCosines }) => median(descentCosines.filter(Number.isFinite)),
  ),
  ofPath(
    'residual',
    'off plane',
    'The largest distance of a checkpoint from the plane, in units of the weights.',
    ({ residuals }) => Math.max(...residuals),
    { digits: 2 },
  ),
  ofPath(
    'norm',
    '‖θ‖',
    'Norm of all weights at the end.',
    ({ weightNorms }) => weightNorms[weightNorms.length - 1],
    { digits: 1 },
  ),
];

export const LINE_COLUMNS: readonly Column<SurfaceResult>[] = [
  {
    key: 'barrier',
    name: 'barrier',
    unit: '',
    digits: 3,
    help: 'How high the loss rises between the two ends over the straight line between their losses.',
    value: ({ barrier }) => barrier ?? NaN,
  },
];
