/**
 * What is measured at the checkpoints of a path themselves, off its plane: losses, and gradients
 * projected on the plane, of the loss and of what training descends on, with batch norm from the
 * batch and frozen.
 */

import type { InPlane } from '../../../shared/maths/crossing';
import type { WorkEvent } from '../../../shared/spec/events';
import type { RecipeSpec } from '../../../shared/spec/run';
import type { ScanSpec } from '../../../shared/spec/surface';
import type { Isocurves, Slope } from '../../../shared/spec/trajectory';
import {
  checkpointInterval,
  hasPath,
  scansVariant,
  type Study,
  type Variant,
} from '../../../shared/spec/study';
import type { Dataset } from '../dataset/dataset';
import { dot } from '../direction/normalise';
import type { Model, NormMode } from '../model/model';
import { rateDrops } from '../run/schedule';
import { stepsPerEpoch } from '../run/train';
import { evaluate, gradientOf, onDevice } from '../surface/evaluate';
import { buildEvaluationSet, fitsOneBatch, type EvaluationSet } from '../surface/evaluation-set';
import {
  descentCosine,
  type AlongPath,
  type PathPoint,
  type PrincipalPlane,
} from '../surface/trajectory';
import type { StudyContext } from './context';
import type { ScanGraphs } from './scan-graphs';
import type { Scanned } from './spans';

export interface Path {
  readonly points: readonly PathPoint[];
  readonly plane: PrincipalPlane;
}

const projected = ({ directions }: PrincipalPlane, vector: Float32Array | Float64Array): number[] =>
  directions.map((direction) => dot(vector, direction));

/** Coordinates in the plane, one pair per checkpoint. */
const inPlane = (pairs: readonly number[][]): InPlane => ({
  x: pairs.map(([x]) => x),
  y: pairs.map(([, y]) => y),
});

/**
 * The slopes of `mode`. The objective is loss + λ‖θ‖²/2 over what decays; of that the plane sees
 * weights alone, since biases and norm parameters do not move in it. With a decoupled decay the
 * same λθ is taken off beside the step, and the same is meant. What imported weights were trained
 * with is not known (`recipe` null), so they have no objective.
 */
function slopesOf(
  bn: Slope['bn'],
  gradients: InPlane,
  weights: InPlane,
  recipe: RecipeSpec | null,
): Slope[] {
  const slope = (of: Isocurves, decay: number): Slope => ({
    of,
    bn,
    x: gradients.x.map((value, t) => value + decay * weights.x[t]),
    y: gradients.y.map((value, t) => value + decay * weights.y[t]),
  });
  return recipe === null
    ? [slope('loss', 0)]
    : [slope('loss', 0), slope('objective', recipe.weightDecay)];
}

/** How batch norm is taken at checkpoints; what the images allow. */
function modesFor(model: Model, scan: ScanSpec, dataset: Dataset): NormMode[] {
  const own: NormMode = scan.bn === 'batch' ? 'batch' : 'frozen';
  if (model.statisticsSize === 0) return [own];
  const fits = fitsOneBatch(dataset, scan.split, scan.subset);
  return (['batch', 'frozen'] as const).filter((mode) => mode === own || mode === 'frozen' || fits);
}

/** A gradient costs about as much as three evaluations. */
const GRADIENT_COST = 3;

/** What the measurements along a path depend on beside the path. */
const keyOf = ({ split, subset, bn }: ScanSpec) => `${split} ${subset} ${bn}`;

/** Evaluations that the work along a variant's path is worth, after `epochs` of training. */
export function evaluationsAlong(
  study: Study,
  variant: Variant,
  model: Model,
  dataset: Dataset,
  epochs: number,
): number {
  if (!hasPath(variant)) return 0;
  const scans = study.scans.filter(
    (scan) => scan.directions.kind === 'principal' && scansVariant(scan, variant.name),
  );
  const modes = new Map(scans.map((scan) => [keyOf(scan), modesFor(model, scan, dataset).length]));
  const passes = [...modes.values()].reduce((sum, count) => sum + count, 0);
  const steps = epochs * stepsPerEpoch(dataset, variant.recipe);
  const checkpoints =
    variant.weights === null
      ? Math.ceil(steps / checkpointInterval(study, variant, steps)) + 1
      : (variant.weights.earlier?.length ?? 0) + 1;
  return checkpoints * passes * (1 + GRADIENT_COST);
}

/** Measures every checkpoint of a path with batch norm in one mode. */
class Probe {
  readonly losses: number[] = [];
  readonly cosines: number[] = [];
  private readonly gradients: number[][] = [];
  readonly set: EvaluationSet;

  constructor(
    private readonly path: Path,
    private readonly model: Model,
    private readonly mode: NormMode,
    private readonly graphs: ScanGraphs,
    scan: ScanSpec,
    dataset: Dataset,
  ) {
    this.set = buildEvaluationSet(dataset, scan.split, scan.subset, mode === 'batch');
  }

  /** Measures the checkpoint `t`. */
  take(t: number): void {
    const { points, plane } = this.path;
    const [point, next] = [points[t], points[t + 1]];
    const replays = [this.graphs.evaluation(this.mode), this.graphs.gradient(this.mode)];
    const [loss, gradient] = onDevice(
      point.weights,
      point.statistics,
      (w, s) =>
        [
          evaluate(replays[0], this.set, w, s).loss,
          gradientOf(replays[1], this.set, w, s),
        ] as const,
    );
    this.losses.push(loss);
    this.gradients.push(projected(plane, gradient));
    if (next === undefined) return;
    const { parameters } = this.model;
    this.cosines.push(descentCosine(point.weights, next.weights, gradient, parameters));
  }

  slopes(recipe: RecipeSpec | null): Slope[] {
    const { points, plane } = this.path;
    const weights = inPlane(points.map((point) => projected(plane, point.weights)));
    const bn = this.model.statisticsSize === 0 ? 'none' : this.mode;
    return slopesOf(bn, inPlane(this.gradients), weights, recipe);
  }
}

/** Measures a path along its checkpoints on the images of `scan`, once for all of its surfaces. */
export async function* alongPath(
  { dataset, signal }: StudyContext,
  scan: ScanSpec,
  variant: Variant,
  { model }: Scanned,
  path: Path,
  graphs: ScanGraphs,
): AsyncGenerator<WorkEvent, AlongPath> {
  const key = keyOf(scan);
  const known = graphs.along.get(key);
  if (known !== undefined) return known;
  const { points } = path;
  const own: NormMode = scan.bn === 'batch' ? 'batch' : 'frozen';
  const recipe = variant.weights === null ? variant.recipe : null;
  const slopes: Slope[] = [];
  let [losses, descentCosines]: number[][] = [];
  yield { kind: 'phase', text: `gradients along the path of ${variant.label}` };
  for (const mode of modesFor(model, scan, dataset)) {
    const probe = new Probe(path, model, mode, graphs, scan, dataset);
    try {
      const units = (1 + GRADIENT_COST) * probe.set.size;
      yield { kind: 'more', units: points.length * units };
      for (let t = 0; t < points.length; t++) {
        signal.throwIfAborted();
        probe.take(t);
        yield { kind: 'work', units };
      }
    } finally {
      probe.set.dispose();
    }
    slopes.push(...probe.slopes(recipe));
    if (mode === own) [losses, descentCosines] = [probe.losses, probe.cosines];
  }
  // A path ends with its schedule, whichever of the recipe's lengths that has.
  const drops = recipe === null ? [] : rateDrops(recipe, points[points.length - 1].step);
  const along = { losses, descentCosines, slopes, drops };
  graphs.along.set(key, along);
  return along;
}
