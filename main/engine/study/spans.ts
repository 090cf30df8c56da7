/** From a scan's spec to what it scans: the directions, their grid, and their names. */

import type {
  CheckpointRef,
  PrincipalDirection,
  ThroughDirection,
} from '../../../shared/spec/direction';
import { axisPoints, type ScanSpec } from '../../../shared/spec/surface';
import { runId } from '../../../shared/spec/study';
import type { SharedPlane } from '../../../shared/spec/trajectory';
import { Fault } from '../../../shared/fault';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { randomDirections } from '../direction/random';
import type { Model } from '../model/model';
import { readDirections } from '../direction/taken';
import type { Span } from '../surface/points';
import {
  latePart,
  planeThrough,
  principalPlane,
  rangeOf,
  widened,
  type PathPoint,
  type PrincipalPlane,
} from '../surface/trajectory';
import type { StudyContext } from './context';
import { keptCheckpoints } from './kept-checkpoints';

/** The run that is scanned. */
export interface Scanned {
  readonly run: string;
  readonly variant: string;
  readonly seed: number;
  readonly model: Model;
}

/** One surface to be: what spans it, and what its manifest says of that. */
export interface Plan {
  readonly id: string;
  readonly span: Span;
  readonly x: number[];
  readonly y: number[] | null;
  readonly directionSeed: number | null;
  readonly normalisation: string;
  /** Only through checkpoints. */
  readonly shared: SharedPlane | null;
  /** Only along principal components. */
  readonly path: { readonly points: readonly PathPoint[]; readonly plane: PrincipalPlane } | null;
}

const lastOf = (context: StudyContext, run: string): number => {
  const { steps } = keptCheckpoints(context.layout, run);
  if (steps.length === 0) throw new Fault('not-found', `${run} has no checkpoints`);
  return steps[steps.length - 1];
};

const loadStep = (context: StudyContext, run: string, step: number, model: Model) =>
  keptCheckpoints(context.layout, run).load(step, model);

/** The last checkpoint of a run. */
export const loadLast = (context: StudyContext, { run, model }: Scanned): Checkpoint =>
  loadStep(context, run, lastOf(context, run), model);

function resolve(
  context: StudyContext,
  scanned: Scanned,
  ref: CheckpointRef,
): Checkpoint & { readonly run: string } {
  const run = runId(ref.variant ?? scanned.variant, ref.seed ?? scanned.seed);
  const { steps } = keptCheckpoints(context.layout, run);
  const step =
    ref.step === 'last' ? lastOf(context, run) : ref.step === 'first' ? (steps[0] ?? 0) : ref.step;
  return { ...loadStep(context, run, step, scanned.model), run };
}

const normalisationText = (spec: Extract<ScanSpec['directions'], { kind: 'random' }>): string => {
  const how = spec.normalise === 'none' ? 'not normalised' : `${spec.normalise}-normalised`;
  return `random, ${how}, ${spec.ignore === 'nothing' ? 'all parameters move' : 'weights only'}`;
};

const grid = (scan: ScanSpec, axes: number) => ({
  x: axisPoints(scan.x),
  y: axes === 2 ? axisPoints(scan.y) : null,
});

/** Planes through checkpoints are square, so that distances show in every panel. */
const SHARED_ASPECT = 1;

const still = (directions: readonly Float32Array[]) => directions.map(() => null);

function randomPlans(scan: ScanSpec, scanned: Scanned, centre: Checkpoint): Plan[] {
  const spec = scan.directions;
  if (spec.kind !== 'random') return [];
  return Array.from({ length: spec.repeats }, (_, repeat) => {
    const seed = spec.seed + repeat;
    const { parameters } = scanned.model;
    const directions = randomDirections({ ...spec, seed }, centre.weights, parameters);
    return {
      id: `${scanned.run}.${scan.name}-d${seed}`,
      span: { ...centre, directions, statisticDirections: still(directions) },
      ...grid(scan, spec.axes),
      directionSeed: seed,
      normalisation: normalisationText(spec),
      path: null,
      shared: null,
    };
  });
}

function principalPlans(
  context: StudyContext,
  scan: ScanSpec,
  scanned: Scanned,
  { margin, part, aspect }: PrincipalDirection,
): Plan[] {
  const { steps, load } = keptCheckpoints(context.layout, scanned.run);
  const points = steps.map((step) => load(step, scanned.model));
  const plane = principalPlane(points, scanned.model.parameters);
  if (plane === null) return [];
  const ranges = [plane.x, plane.y].map((coordinates) =>
    rangeOf(part === 'late' ? latePart(coordinates) : coordinates, margin),
  );
  const [x, y] = widened(ranges, aspect).map(([from, to], i) =>
    axisPoints({ from, to, points: [scan.x, scan.y][i].points }),
  );
  const { directions } = plane;
  return [
    {
      id: `${scanned.run}.${scan.name}`,
      span: { ...points[points.length - 1], directions, statisticDirections: still(directions) },
      x,
      y,
      directionSeed: null,
      normalisation: 'principal components of the trajectory, unit vectors, weights only',
      path: { points, plane },
      shared: null,
    },
  ];
}

/** The plane through three checkpoints, all parameters moving, and their runs' paths on it. */
function throughPlan(
  context: StudyContext,
  scan: ScanSpec,
  scanned: Scanned,
  { checkpoints, margin }: ThroughDirection,
): Plan {
  const corners = checkpoints.map((ref) => resolve(context, scanned, ref));
  const plane = planeThrough(corners.map(({ weights }) => weights));
  if (plane === null) {
    throw new Fault(
      'bad-value',
      `scan '${scan.name}': its three checkpoints lie on one line (${corners.map(({ run, step }) => `${run}@${step}`).join(', ')}); choose others`,
    );
  }
  const placed = corners.map(({ run, step, weights }) => {
    const { x, y } = plane.place(weights);
    return { run, step, x, y };
  });
  const ranges = (['x', 'y'] as const).map((of) =>
    rangeOf(
      placed.map((corner) => corner[of]),
      margin,
    ),
  );
  const [x, y] = widened(ranges, SHARED_ASPECT).map(([from, to], i) =>
    axisPoints({ from, to, points: [scan.x, scan.y][i].points }),
  );
  const paths = [...new Set(corners.map(({ run }) => run))].map((run) => {
    const { steps, load } = keptCheckpoints(context.layout, run);
    const points = steps.map((step) => plane.place(load(step, scanned.model).weights));
    const column = (of: 'x' | 'y' | 'residual') => points.map((point) => point[of]);
    return { run, steps, x: column('x'), y: column('y'), residuals: column('residual') };
  });
  const { directions } = plane;
  return {
    id: `${scanned.run}.${scan.name}`,
    span: { ...corners[0], directions, statisticDirections: still(directions) },
    ...{ x, y, directionSeed: null, path: null },
    normalisation: 'a plane through three checkpoints, unit vectors, all parameters move',
    shared: { corners: placed, paths },
  };
}

function betweenPlan(
  context: StudyContext,
  scan: ScanSpec,
  scanned: Scanned,
  refs: { from: CheckpointRef; to: CheckpointRef },
): Plan {
  const [from, to] = [refs.from, refs.to].map((ref) => resolve(context, scanned, ref));
  const difference = (a: Float32Array, b: Float32Array) => b.map((value, i) => value - a[i]);
  return {
    id: `${scanned.run}.${scan.name}`,
    span: {
      ...from,
      directions: [difference(from.weights, to.weights)],
      statisticDirections: [
        scan.bn === 'states' ? difference(from.statistics, to.statistics) : null,
      ],
    },
    ...grid(scan, 1),
    directionSeed: null,
    normalisation: 'the difference of two checkpoints, all parameters move',
    path: null,
    shared: null,
  };
}

/** The surfaces that `scan` asks for around the run `scanned`. */
export async function planScan(
  context: StudyContext,
  scan: ScanSpec,
  scanned: Scanned,
): Promise<Plan[]> {
  const { directions: spec } = scan;
  if (scan.bn === 'states' && spec.kind !== 'between') {
    throw new Fault(
      'bad-value',
      `scan '${scan.name}': bn 'states' needs directions between two checkpoints, whose statistics it joins; use 'frozen' or 'batch'`,
    );
  }
  switch (spec.kind) {
    case 'random':
      return randomPlans(scan, scanned, loadLast(context, scanned));
    case 'principal':
      return principalPlans(context, scan, scanned, spec);
    case 'through':
      return [throughPlan(context, scan, scanned, spec)];
    case 'between':
      return [betweenPlan(context, scan, scanned, spec)];
    case 'file': {
      const directions = readDirections(spec, scanned.model.parameters);
      return [
        {
          id: `${scanned.run}.${scan.name}`,
          span: {
            ...loadLast(context, scanned),
            directions,
            statisticDirections: still(directions),
          },
          ...grid(scan, directions.length),
          directionSeed: null,
          normalisation: `from ${spec.source ?? spec.path}, as it is`,
          path: null,
          shared: null,
        },
      ];
    }
    default:
      return spec satisfies never;
  }
}

/** Names what a journal belongs to: nothing of it may change between two sittings. */
export const journalIdentity = (
  plan: Plan,
  scan: ScanSpec,
  hashes: { weights: string; directions: string; dataset: string },
): string =>
  JSON.stringify({
    ...hashes,
    x: plan.x,
    y: plan.y,
    split: scan.split,
    subset: scan.subset,
    bn: scan.bn,
  });
