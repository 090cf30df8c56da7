/** The direction noun: a vector as large as the weights, with how it was chosen and normalised. */

import * as v from 'valibot';
import { between, whole } from './check';
import { placeFor } from './place';

export const normalisations = ['filter', 'layer', 'weight', 'none'] as const;

/**
 * Which checkpoint of which run. Left out, variant and seed are those of the run that is scanned.
 */
export const CheckpointRef = v.strictObject({
  variant: v.optional(v.string()),
  seed: v.optional(whole(0, 2 ** 31)),
  step: v.optional(v.union([v.picklist(['first', 'last']), whole(0, 2 ** 31)]), 'last'),
});

export const RandomDirection = v.strictObject({
  kind: v.literal('random'),
  /** 1: a line, 2: a plane. */
  axes: v.optional(v.picklist([1, 2]), 2),
  seed: v.optional(whole(0, 2 ** 31), 1),
  /** Surfaces along this many pairs, seeds counting up: how much depends on the directions. */
  repeats: v.optional(whole(1, 1000), 1),
  /** What each filter (layer, weight) of the direction is scaled to. */
  normalise: v.optional(v.picklist(normalisations), 'filter'),
  /** Biases and norm parameters stay as they are, as in Li et al. 2018. */
  ignore: v.optional(v.picklist(['biases-and-norms', 'nothing']), 'biases-and-norms'),
});

/** From one checkpoint (0) to another (1). */
export const BetweenDirection = v.strictObject({
  kind: v.literal('between'),
  from: CheckpointRef,
  to: CheckpointRef,
});

/** The first two principal components of the run's trajectory. */
export const PrincipalDirection = v.strictObject({
  kind: v.literal('principal'),
  /** Share of the trajectory's extent added on each side. */
  margin: v.optional(between(0, 10), 0.2),
  /** What the grid covers: the path, or the later half of its steps, in the same plane. */
  part: v.optional(v.picklist(['whole', 'late']), 'whole'),
  /** The shorter axis covers at least this share of the longer: angles show at equal scales. */
  aspect: v.optional(between(0, 1), 0),
});

/**
 * The plane through three checkpoints of one architecture, of one run or of several (Garipov et al.
 * 2018, §3): what lies between them, and the paths of their runs on one plane.
 */
export const ThroughDirection = v.strictObject({
  kind: v.literal('through'),
  /** The first is the origin; the first axis leads to the second. */
  checkpoints: v.tuple([CheckpointRef, CheckpointRef, CheckpointRef]),
  /** Share of the three points' extent added on each side. */
  margin: v.optional(between(0, 10), 0.3),
});

/** A file in the layout of tomgoldstein/loss-landscape, or the copy that was taken of one. */
export const FileDirection = v.strictObject({
  kind: v.literal('file'),
  path: v.pipe(v.string(), placeFor('readableFile')),
  /** What the file was called before a copy of it was taken. */
  source: v.optional(v.string()),
});

export const DirectionSpec = v.variant('kind', [
  RandomDirection,
  BetweenDirection,
  PrincipalDirection,
  ThroughDirection,
  FileDirection,
]);
export type DirectionSpec = v.InferOutput<typeof DirectionSpec>;
export type RandomDirection = v.InferOutput<typeof RandomDirection>;
export type PrincipalDirection = v.InferOutput<typeof PrincipalDirection>;
export type ThroughDirection = v.InferOutput<typeof ThroughDirection>;
export type FileDirection = v.InferOutput<typeof FileDirection>;
export type CheckpointRef = v.InferOutput<typeof CheckpointRef>;
export type Normalisation = RandomDirection['normalise'];

/** What a reader must know before believing a picture along these directions. */
export interface ValidityReport {
  /** Weights that the directions can move, and all weights. */
  readonly moved: number;
  readonly total: number;
  /**
   * ‖direction‖/‖weights‖ over filters that are not ignored: 1 is what filter normalisation
   * promises.
   */
  readonly axes: readonly AxisValidity[];
  /** Cosine of the angle between the axes; null for a line. */
  readonly cosine: number | null;
  /** Filters of zero norm, along which a normalised direction stays zero. */
  readonly zeroFilters: number;
  readonly ignored: 'biases-and-norms' | 'nothing';
}

/** One direction against the weights it is drawn around. */
export interface AxisValidity {
  /** The filter ratio ‖d‖/‖w‖ farthest from 1. */
  readonly worstRatio: number;
  readonly meanRatio: number;
  /** ‖d‖ over all weights. */
  readonly norm: number;
}
