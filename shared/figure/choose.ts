/**
 * Which surfaces a figure shows: per variant the first of its repetitions, with all of them at hand
 * for numbers.
 */

import type { FigureSpec } from '../spec/figure';
import type { SurfaceResult } from '../spec/results';
import { Fault } from '../fault';
import type { FigureSources, SurfaceSource } from './sources';

export interface VariantSurfaces {
  readonly variant: string;
  /** The one that is drawn. */
  readonly shown: SurfaceSource;
  /** All seeds and direction pairs of the same scan. */
  readonly all: readonly SurfaceSource[];
}

/** Groups the surfaces that `wanted` picks by variant, in the study's order. */
export function byVariant(
  sources: FigureSources,
  wanted: (result: SurfaceResult) => boolean,
  what: string,
  { scan: named, variants: variants }: Pick<FigureSpec, 'scan' | 'variants'>,
): VariantSurfaces[] {
  const fits = ({ result }: SurfaceSource) => named === undefined || result.scan === named;
  const chosen = sources.surfaces.filter(({ result }) => wanted(result)).filter(fits);
  if (chosen.length === 0) {
    throw new Fault(
      'not-found',
      `this study has no ${what}${named === undefined ? '' : ` named '${named}'`} yet; add a scan of that kind, or go on with 'isocurve resume'`,
    );
  }
  const scan = chosen[0].result.scan;
  return variantsOf(sources, { variants }).flatMap((name) => {
    const all = chosen.filter(({ result }) => result.variant === name && result.scan === scan);
    return all.length === 0 ? [] : [{ variant: name, shown: all[0], all }];
  });
}

/** The variants that a figure shows, in its order. */
export function variantsOf(
  { study }: FigureSources,
  { variants }: Pick<FigureSpec, 'variants'>,
): readonly string[] {
  const known = study.variants.map(({ name }) => name);
  const stranger = variants?.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    throw new Fault('bad-value', `unknown variant '${stranger}'; there are ${known.join(', ')}`);
  }
  return variants ?? known;
}

export const isRandomPlane = (result: SurfaceResult): boolean =>
  result.y !== null && (result.kind === 'random' || result.kind === 'file');

const isShared = (result: SurfaceResult): boolean => result.shared !== undefined;

/**
 * Planes seen from above: those along random directions; one through checkpoints where it is asked
 * for, or there is no other.
 */
export function isPlaneFor(
  { surfaces }: FigureSources,
  { scan }: Pick<FigureSpec, 'scan'>,
): (result: SurfaceResult) => boolean {
  const hasOther = surfaces.some(({ result }) => isRandomPlane(result));
  return (result) =>
    isRandomPlane(result) || (isShared(result) && (result.scan === scan || !hasOther));
}

export const isLine = (result: SurfaceResult): boolean => result.y === null;

export const hasTrajectory = (result: SurfaceResult): boolean => result.trajectory !== null;
