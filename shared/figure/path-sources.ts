/** What the figure of paths shows of each network: its planes, and how all its seeds cross. */

import type { FigureSpec } from '../spec/figure';
import type { ClaimSpec, Study } from '../spec/study';
import {
  crossingIn,
  USUAL_ISOCURVES,
  type Slope,
  type Trajectory,
  type WhichIsocurves,
} from '../spec/trajectory';
import { byVariant, hasTrajectory } from './choose';
import type { SeedCrossing } from './angles';
import type { FigureSources, SurfaceSource } from './sources';

export interface PathSource {
  readonly variant: string;
  /** The plane around the whole path of the first seed. */
  readonly whole: SurfaceSource;
  /** A closer look at its later half; null: none was scanned. */
  readonly late: SurfaceSource | null;
  /** All seeds whose path was scanned. */
  readonly all: readonly SurfaceSource[];
}

/** What a scan covers of a path. */
export const partOf = ({ scans }: Study, scan: string): 'whole' | 'late' => {
  const found = scans.find(({ name }) => name === scan)?.directions;
  return found?.kind === 'principal' ? found.part : 'whole';
};

/** The paths that a figure shows, with the closer look at each where there is one. */
export function pathSources(sources: FigureSources, spec: FigureSpec): PathSource[] {
  const { study, surfaces } = sources;
  const paths = surfaces.filter(({ result }) => hasTrajectory(result));
  const isWhole = ({ scan }: { scan: string }) => partOf(study, scan) === 'whole';
  const named = spec.scan !== undefined;
  // Where only later halves were scanned, or one is asked for by name, that is what is shown.
  const anyWhole = !named && paths.some(({ result }) => isWhole(result));
  const chosen = byVariant(
    sources,
    (result) => hasTrajectory(result) && (!anyWhole || isWhole(result)),
    'trajectory',
    spec,
  );
  return chosen.map(({ variant, shown, all }) => {
    const closer = paths.find(
      ({ result }) =>
        result.run === shown.result.run && result.scan !== shown.result.scan && !isWhole(result),
    );
    return { variant, whole: shown, late: closer ?? null, all };
  });
}

/** The isocurves that are asked for, or that the study's first claim about paths names. */
export function isocurvesShown({ claims }: Study, asked?: FigureSpec['isocurves']): WhichIsocurves {
  if (asked !== undefined) return { ...USUAL_ISOCURVES, of: asked };
  const claim = claims.find(({ rule }: ClaimSpec) => rule === 'perpendicular');
  return {
    of: claim?.isocurves ?? USUAL_ISOCURVES.of,
    bn: claim?.bn ?? USUAL_ISOCURVES.bn,
  };
}

/** How the paths of all seeds cross those isocurves, as far as that is known. */
export const crossingsOf = ({ all }: PathSource, which: WhichIsocurves): SeedCrossing[] =>
  all.flatMap(({ result }) => {
    const crossing = crossingIn(result.trajectory!, result, which);
    if (crossing === null) return [];
    return [{ seed: result.seed, crossing, steps: result.trajectory!.steps }];
  });

/** The gradients at the checkpoints of `path` that belong to those isocurves. */
export const slopeOf = (
  { slopes = [] }: Trajectory,
  { of, bn }: WhichIsocurves,
): Slope | undefined => slopes.find((one) => one.of === of && (one.bn === bn || one.bn === 'none'));
