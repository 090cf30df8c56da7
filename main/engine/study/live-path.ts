/**
 * The trajectory of a run while it trains: its checkpoints so far on the plane of their first two
 * principal components. A preview, redrawn as the plane turns; the scanned one comes after
 * training.
 */

import { join } from 'node:path';
import type { LivePath } from '../../../shared/spec/trajectory';
import { checkpointSteps, loadCheckpoint } from '../checkpoint/checkpoint';
import { seconds } from '../clock';
import { writeJson } from '../files';
import type { Model } from '../model/model';
import { principalPlane, type PathPoint } from '../surface/trajectory';

/** Bytes of weights that are kept for it; larger networks are shown after training only. */
const BUDGET = 256 * 2 ** 20;
/** Seconds between two previews: each costs a Gram matrix. */
const EVERY = 1;
/** Points that a plane needs. */
const ENOUGH = 3;

export const livePathFile = (runFolder: string): string => join(runFolder, 'path.json');

export class PathPreview {
  private readonly points: PathPoint[] = [];
  /** How many of them the last preview had, and when it was made. */
  private shown = { points: 0, at: -Infinity };

  /**
   * Takes up the checkpoints that an earlier sitting left in `checkpoints` before it stopped at
   * `step`; training from step 0 makes its first one again.
   */
  constructor(
    private readonly model: Model,
    private readonly runFolder: string,
    checkpoints: string,
    step: number,
  ) {
    if (step === 0) return;
    for (const known of checkpointSteps(checkpoints)) {
      if (known <= step) this.add(loadCheckpoint(checkpoints, known, model));
    }
  }

  /** Adds a checkpoint. */
  add(point: PathPoint): void {
    const bytes = (this.points.length + 1) * this.model.size * Float32Array.BYTES_PER_ELEMENT;
    if (bytes <= BUDGET) this.points.push(point);
  }

  /** The path so far, written down; null when it is too short or was shown just now. */
  draw(isLast: boolean): LivePath | null {
    const { length } = this.points;
    if (length < ENOUGH || length === this.shown.points) return null;
    if (!isLast && seconds() - this.shown.at < EVERY) return null;
    const plane = principalPlane(this.points, this.model.parameters);
    this.shown = { points: length, at: seconds() };
    if (plane === null) return null;
    const { x, y, explained } = plane;
    const steps = this.points.map((point) => point.step);
    const path = { steps, x, y, explained: explained.slice(0, 2) };
    writeJson(livePathFile(this.runFolder), path);
    return path;
  }
}
