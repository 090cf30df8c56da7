/**
 * The recorded graphs of one network, and what was measured along its path: made when first wanted
 * and shared by all of its surfaces.
 */

import type { Replay } from '../backend/record';
import type { NodeBackend } from '../backend/tensorflow';
import type { Model, NormMode } from '../model/model';
import { recordEvaluation, recordGradient } from '../surface/evaluate';
import { recordPoints } from '../surface/points';
import type { AlongPath } from '../surface/trajectory';

export class ScanGraphs {
  private readonly made = new Map<string, Replay>();
  /** What was measured along the path, by the images and the batch norm. */
  readonly along = new Map<string, AlongPath>();

  constructor(
    private readonly model: Model,
    private readonly backend: NodeBackend | null,
  ) {}

  points(mode: NormMode, movesStatistics: boolean): Replay {
    return this.make(`points ${mode} ${movesStatistics}`, () =>
      recordPoints(this.model, mode, movesStatistics, this.backend),
    );
  }

  evaluation(mode: NormMode): Replay {
    return this.make(`evaluation ${mode}`, () => recordEvaluation(this.model, mode, this.backend));
  }

  gradient(mode: NormMode): Replay {
    return this.make(`gradient ${mode}`, () => recordGradient(this.model, mode, this.backend));
  }

  dispose(): void {
    for (const replay of this.made.values()) replay.dispose();
    this.made.clear();
  }

  private make(key: string, build: () => Replay): Replay {
    const replay = this.made.get(key) ?? build();
    this.made.set(key, replay);
    return replay;
  }
}
