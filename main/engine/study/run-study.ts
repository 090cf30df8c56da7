/**
 * A whole study: train each variant, scan around it, decide the claims. Finished parts are never
 * done again.
 */

import { existsSync } from 'node:fs';
import type { StudyEvent, WorkEvent } from '../../../shared/spec/events';
import type { RunResult, StudyResults, SurfaceResult } from '../../../shared/spec/results';
import { runId, runsOf, scansVariant, type Variant } from '../../../shared/spec/study';
import type { CheckpointRef } from '../../../shared/spec/direction';
import type { ScanSpec } from '../../../shared/spec/surface';
import { decide } from '../../../shared/spec/verdict';
import { toJson, writeAtomically } from '../files';
import { buildModel } from '../model/build';
import { MOST, readOwnText } from '../own-file';
import type { StudyContext } from './context';
import { measureWork } from './plan';
import { ScanGraphs } from './scan-graphs';
import { scanRun } from './scan-run';
import { bringSurface } from './bring-surface';
import { importRun } from './import-run';
import { checkManifest, closeManifest, openManifest } from './manifest';
import { readRun } from './run-files';
import { trainRun } from './train-run';

/** What spans checkpoints of different runs has to wait until all are trained. */
const joinsRuns = (scan: ScanSpec): boolean =>
  refsOf(scan).some((ref) => ref.variant !== undefined || ref.seed !== undefined);

/** The checkpoints that span what is scanned. */
function refsOf({ directions }: ScanSpec): readonly CheckpointRef[] {
  if (directions.kind === 'between') return [directions.from, directions.to];
  return directions.kind === 'through' ? directions.checkpoints : [];
}

/** What spans named runs is scanned once, around the run it starts from. */
function startsAt(scan: ScanSpec, variant: Variant, seed: number): boolean {
  const [from] = refsOf(scan);
  return (
    from !== undefined &&
    (from.variant ?? variant.name) === variant.name &&
    (from.seed ?? seed) === seed
  );
}

const makeRun = (context: StudyContext, variant: Variant, seed: number) => {
  const { weights } = variant;
  return weights === null
    ? trainRun(context, variant, seed)
    : importRun(context, { ...variant, weights }, seed);
};

class StudyWork {
  private readonly runs: RunResult[] = [];
  private readonly surfaces: SurfaceResult[] = [];
  private done = 0;
  private readonly workload;
  /** Units that this sitting has to do. */
  private total: number;
  /** Whether this sitting has made anything: one that finds all done leaves every file as it is. */
  private made = false;

  constructor(private readonly context: StudyContext) {
    const { study, dataset } = context;
    this.workload = measureWork(study, dataset, (run) => readRun(context, run) !== null);
    this.total = this.workload.total;
  }

  async *run(): AsyncGenerator<StudyEvent, StudyResults> {
    if (!(await checkManifest(this.context))) this.begin();
    for (const { seed, variant } of runsOf(this.context.study)) {
      const run = yield* this.weighed(variant, 'train', makeRun(this.context, variant, seed));
      this.runs.push(run);
      yield { kind: 'results', results: this.save(false) };
      yield* this.scan(variant, seed, run, (scan) => !joinsRuns(scan));
    }
    for (const { seed, variant } of runsOf(this.context.study)) {
      const run = this.runs.find(({ id }) => id === runId(variant.name, seed))!;
      const startsHere = (scan: ScanSpec) => joinsRuns(scan) && startsAt(scan, variant, seed);
      yield* this.scan(variant, seed, run, startsHere);
    }
    for (const variant of this.context.study.variants) {
      const { surface } = variant;
      if (surface === null) continue;
      const work = bringSurface(this.context, { ...variant, surface });
      this.surfaces.push(yield* this.weighed(variant, 'scan', work));
    }
    const results = this.save(true);
    const parts = [
      ...this.runs.map(({ id }) => `runs/${id}/manifest.json`),
      ...this.surfaces.map(({ id }) => `surfaces/${id}/manifest.json`),
    ];
    await closeManifest(this.context, parts, this.made);
    yield { kind: 'results', results };
    return results;
  }

  /** Notes this sitting down before it makes its first thing. */
  private begin(): void {
    if (this.made) return;
    this.made = true;
    openManifest(this.context);
  }

  /** The scans around one run that `isNow` picks. */
  private async *scan(
    variant: Variant,
    seed: number,
    run: RunResult,
    isNow: (scan: ScanSpec) => boolean,
  ): AsyncGenerator<StudyEvent> {
    // Around weights that are not numbers there is no surface; the table says so.
    if (run.summary.diverged) return;
    const { dataset, backend, study } = this.context;
    const model = buildModel(variant.model, dataset);
    const scanned = { run: run.id, variant: variant.name, seed, model };
    const graphs = new ScanGraphs(model, backend.node);
    try {
      const asked = study.scans.filter((scan) => isNow(scan) && scansVariant(scan, variant.name));
      for (const scan of asked) {
        const work = scanRun(this.context, scan, variant, scanned, graphs);
        this.surfaces.push(...(yield* this.weighed(variant, 'scan', work)));
        yield { kind: 'results', results: this.save(false) };
      }
    } finally {
      graphs.dispose();
    }
  }

  /** Passes events on, turning samples into progress. */
  private async *weighed<T>(
    variant: Variant,
    phase: 'train' | 'scan',
    work: AsyncGenerator<WorkEvent, T>,
  ): AsyncGenerator<StudyEvent, T> {
    for (;;) {
      const step = await work.next();
      if (step.done === true) return step.value;
      if (step.value.kind === 'work') {
        this.done += this.workload.weigh(variant, phase, step.value.units);
        yield { kind: 'progress', done: this.done, total: this.total };
      } else if (step.value.kind === 'already') {
        this.total -= this.workload.weigh(variant, phase, step.value.units);
      } else if (step.value.kind === 'checking') {
        yield { kind: 'phase', text: step.value.text };
      } else if (step.value.kind === 'more') {
        this.total += this.workload.weigh(variant, phase, step.value.units);
      } else {
        if (step.value.kind === 'phase') this.begin();
        yield step.value;
      }
    }
  }

  private save(complete: boolean): StudyResults {
    const { study, layout } = this.context;
    const found = { runs: this.runs, surfaces: this.surfaces };
    const results = { ...found, claims: complete ? decide(study, found) : [], complete };
    const text = toJson(results);
    const isKept =
      existsSync(layout.results) && readOwnText(layout.results, { atMost: MOST.manifest }) === text;
    if (!isKept && (complete || this.made)) writeAtomically(layout.results, text);
    return results;
  }
}

/**
 * Runs, or goes on with, the study of `context`. Throws an AbortError when its signal is raised.
 */
export const runStudy = (context: StudyContext): AsyncGenerator<StudyEvent, StudyResults> =>
  new StudyWork(context).run();
