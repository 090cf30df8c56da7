/**
 * An open study: what lay on disk when it was opened, and every event since. Numbers are kept in
 * plain arrays; `tick` changes at most ten times a second and is what views follow.
 */

import type { CellColumns, StudyEvent } from '../../shared/spec/events';
import type { RunSnapshot, StudySnapshot, SurfaceSnapshot } from '../../shared/spec/library';
import type { FigureSources } from '../../shared/figure/sources';
import type { StudyResults } from '../../shared/spec/results';
import type { Attempt, EpochMetrics, StepMetrics } from '../../shared/spec/run';
import { checkStudy, runsOf, runId, type Study } from '../../shared/spec/study';
import { emptySurface, type SurfaceHead } from '../../shared/spec/surface';
import { Steps } from './steps';
import { throttled } from './throttle';

const REDRAW_MS = 100;

/** A run as it grows. */
export interface LiveRun extends Omit<RunSnapshot, 'steps' | 'epochs'> {
  result: RunSnapshot['result'];
  path: RunSnapshot['path'];
  missed: RunSnapshot['missed'];
  readonly steps: Steps;
  readonly epochs: EpochMetrics[];
}

/** A surface as it fills. */
export interface LiveSurface extends SurfaceSnapshot {
  result: SurfaceSnapshot['result'];
  count: number;
  /** Rises whenever a cell is measured; what is drawn of it may be kept until then. */
  version: number;
}

export class StudySession {
  /** Redraw when it changes. */
  tick = $state(0);
  study = $state.raw() as Study;
  results: StudyResults | null = $state.raw(null);
  note = $state('');
  tags: readonly string[] = $state.raw([]);
  snapshot = $state.raw() as StudySnapshot;
  // Plain maps: views follow `tick`, not each of thousands of changes a second.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly runs = new Map<string, LiveRun>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly surfaces = new Map<string, LiveSurface>();
  private readonly redraw = throttled(() => this.tick++, REDRAW_MS);

  constructor(readonly folder: string) {}

  /** Takes what is on disk; what events told since stays where it is newer. */
  load(snapshot: StudySnapshot): void {
    this.snapshot = snapshot;
    this.study = checkStudy(snapshot.file, snapshot.folder);
    this.note = snapshot.note;
    this.tags = snapshot.tags;
    this.runs.clear();
    this.surfaces.clear();
    for (const run of snapshot.runs) {
      this.runs.set(run.id, { ...run, steps: new Steps(run.steps), epochs: [...run.epochs] });
    }
    for (const surface of snapshot.surfaces) this.addSurface(surface);
    if (snapshot.results !== null) this.takeResults(snapshot.results);
    this.tick++;
  }

  /** Runs of a variant, by seed. */
  runsOf(variant: string): LiveRun[] {
    return [...this.runs.values()].filter((run) => run.variant === variant);
  }

  /** Everything finished, as figures are drawn from it. */
  sources(): FigureSources {
    const runs = runsOf(this.study).flatMap(({ variant, seed }) => {
      const run = this.runs.get(runId(variant.name, seed));
      return run?.result ? [{ run: run.result, steps: [], epochs: run.epochs }] : [];
    });
    const order = this.study.variants.map(({ name }) => name);
    const surfaces = [...this.surfaces.values()].flatMap(({ result, surface }) =>
      result === null ? [] : [{ result, surface }],
    );
    surfaces.sort((a, b) => order.indexOf(a.result.variant) - order.indexOf(b.result.variant));
    runs.sort((a, b) => order.indexOf(a.run.variant) - order.indexOf(b.run.variant));
    const claims = this.results?.claims ?? [];
    return { study: this.study, classes: this.snapshot.classes, runs, surfaces, claims };
  }

  apply(event: StudyEvent): void {
    switch (event.kind) {
      case 'steps':
        this.takeSteps(event.run, event.steps);
        break;
      case 'epoch':
        this.takeEpoch(event.run, event.epoch);
        break;
      case 'missed':
        this.beginAnew(event.run, event.attempts);
        break;
      case 'path':
        this.runOf(event.run).path = event.path;
        break;
      case 'grid':
        this.addHead(event.head);
        break;
      case 'cells':
        this.takeCells(event.surface, event.cells);
        break;
      case 'results':
        this.takeResults(event.results);
        break;
      case 'phase':
      case 'progress':
      case 'surface':
        break;
      default:
        event satisfies never;
    }
    this.redraw();
  }

  private runOf(id: string): LiveRun {
    const known = this.runs.get(id);
    if (known !== undefined) return known;
    const { variant, seed } = runsOf(this.study).find(
      (run) => runId(run.variant.name, run.seed) === id,
    )!;
    const run: LiveRun = {
      id,
      variant: variant.name,
      seed,
      result: null,
      path: null,
      steps: new Steps(null),
      epochs: [],
      missed: [],
    };
    this.runs.set(id, run);
    return run;
  }

  private takeSteps(id: string, steps: readonly StepMetrics[]): void {
    const run = this.runOf(id);
    for (const step of steps) run.steps.put(step);
  }

  private takeEpoch(id: string, epoch: EpochMetrics): void {
    const { epochs } = this.runOf(id);
    // After a resume an epoch may come again; it and what followed are replaced.
    while (epochs.length > 0 && epochs[epochs.length - 1].epoch >= epoch.epoch) epochs.pop();
    epochs.push(epoch);
  }

  /** Empties a run whose schedule missed its loss: the next begins from the same start. */
  private beginAnew(id: string, missed: readonly Attempt[]): void {
    const run = this.runOf(id);
    run.missed = missed;
    run.path = null;
    run.epochs.length = 0;
    run.steps.clear();
  }

  private addHead(head: SurfaceHead): void {
    if (this.surfaces.has(head.id)) return;
    this.addSurface({ head, result: null, surface: emptySurface(head.x, head.y) });
  }

  private addSurface(snapshot: SurfaceSnapshot): void {
    const count = snapshot.surface.measured.reduce((sum, one) => sum + one, 0);
    this.surfaces.set(snapshot.head.id, { ...snapshot, count, version: 0 });
  }

  private takeCells(id: string, { cell, loss, accuracy, standardError }: CellColumns): void {
    const live = this.surfaces.get(id);
    if (live === undefined) return;
    const { surface } = live;
    for (let i = 0; i < cell.length; i++) {
      const at = cell[i];
      live.count += 1 - surface.measured[at];
      surface.measured[at] = 1;
      surface.losses[at] = loss[i];
      surface.accuracies[at] = accuracy[i];
      surface.standardErrors[at] = standardError[i];
    }
    live.version++;
  }

  private takeResults(results: StudyResults): void {
    this.results = results;
    for (const result of results.runs) this.runOf(result.id).result = result;
    for (const result of results.surfaces) {
      const live = this.surfaces.get(result.id);
      if (live !== undefined) live.result = result;
    }
  }
}
