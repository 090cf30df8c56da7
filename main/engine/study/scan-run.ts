/**
 * One surface with its files: journal first, then HDF5, CSV and a manifest with the checks and the
 * numbers.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import { barrier, surfaceMetrics } from '../../../shared/maths/surface-metrics';
import type { WorkEvent } from '../../../shared/spec/events';
import { pickSurface, type CentreCheck, type SurfaceResult } from '../../../shared/spec/results';
import {
  emptySurface,
  type ScanSpec,
  type Surface,
  type SurfaceHead,
} from '../../../shared/spec/surface';
import type { Variant } from '../../../shared/spec/study';
import { hashOf, weightsHash } from '../checkpoint/checkpoint';
import { seconds, timestamp } from '../clock';
import { validityOf } from '../direction/normalise';
import { writeAtomically, writeJson, writeManifest } from '../files';
import { makeFolder } from '../folders';
import type { NormMode } from '../model/model';
import { buildEvaluationSet, type EvaluationSet } from '../surface/evaluation-set';
import { evaluate, onDevice, type PointValue } from '../surface/evaluate';
import { writeDirections, writeSurface } from '../surface/hdf5';
import { openJournal } from '../surface/journal';
import { buildPoints, movesStatistics, type Points, pointsPerCall } from '../surface/points';
import { fillIn, scan as scanCells, type MeasuredCell } from '../surface/scan';
import { describeTrajectory, type AlongPath } from '../surface/trajectory';
import { alongPath } from './along-path';
import type { StudyContext } from './context';
import { recordFiles } from './inventory';
import { checkMended, checkPart } from './mend';
import type { ScanGraphs } from './scan-graphs';
import { journalIdentity, planScan, type Plan, type Scanned } from './spans';
import {
  columnsOf,
  files,
  filesOf,
  readSurface,
  readSurfaceResult,
  table,
  writeDerived,
} from './surface-files';

/** Seconds between two syncs of a journal: each costs a disk its latency. */
const SYNC_EVERY = 0.25;
/**
 * Relative difference by which the two ways to the centre's loss may differ: float32 sums in
 * another order.
 */
const CENTRE_TOLERANCE = 1e-4;

/** The images and tensors of one surface, over graphs that all surfaces of the run share. */
class Instruments {
  readonly set: EvaluationSet;
  readonly points: Points;
  private readonly mode: NormMode;

  constructor(
    context: StudyContext,
    scan: ScanSpec,
    private readonly graphs: ScanGraphs,
    plan: Plan,
  ) {
    const mode: NormMode = scan.bn === 'batch' ? 'batch' : 'frozen';
    this.mode = mode;
    this.set = buildEvaluationSet(context.dataset, scan.split, scan.subset, mode === 'batch');
    const replay = graphs.points(mode, movesStatistics(plan.span));
    this.points = buildPoints(replay, plan.span, this.set, pointsPerCall(plan.span));
  }

  /** The loss of weights outside the plane, by the plain way. */
  evaluate(weights: Float32Array, statistics: Float32Array): PointValue {
    const replay = this.graphs.evaluation(this.mode);
    return onDevice(weights, statistics, (w, s) => evaluate(replay, this.set, w, s));
  }

  dispose(): void {
    this.points.dispose();
    this.set.dispose();
  }
}

/** Measures what is missing, journalling before telling. */
async function* fill(
  context: StudyContext,
  plan: Plan,
  surface: Surface,
  instruments: Instruments,
  identity: string,
): AsyncGenerator<WorkEvent> {
  const journal = openJournal(files(context.layout.surface(plan.id)).journal, identity);
  try {
    fillIn(surface, journal.cells);
    yield { kind: 'already', units: journal.cells.length * instruments.set.size };
    yield { kind: 'cells', surface: plan.id, cells: columnsOf(journal.cells) };
    let pending: MeasuredCell[] = [];
    let synced = seconds();
    const flush = (): WorkEvent => {
      journal.append(pending);
      const event = { kind: 'cells', surface: plan.id, cells: columnsOf(pending) } as const;
      pending = [];
      synced = seconds();
      return event;
    };
    try {
      for await (const cells of scanCells(surface, instruments.points, context.signal)) {
        pending.push(...cells);
        yield { kind: 'work', units: cells.length * instruments.set.size };
        if (seconds() - synced >= SYNC_EVERY) yield flush();
      }
      if (pending.length > 0) yield flush();
    } finally {
      // Cancelled: what was measured is kept, though nobody is told any more.
      if (pending.length > 0) flush();
    }
  } finally {
    journal.close();
  }
}

function checkCentre(id: string, centre: CentreCheck): void {
  const scale = Math.max(1e-3, Math.abs(centre.checkpoint));
  const off = Math.max(
    Math.abs(centre.before - centre.checkpoint),
    Math.abs(centre.after - centre.before),
  );
  if (!(off <= CENTRE_TOLERANCE * scale) && Number.isFinite(centre.checkpoint)) {
    throw new Fault(
      'internal',
      `the centre of ${id} is not the loss of its checkpoint: ${centre.before} before, ${centre.after} after, ${centre.checkpoint} by itself`,
    );
  }
}

/** What `describe` puts into words. */
interface Measured {
  readonly surface: Surface;
  readonly centre: CentreCheck;
  readonly standardError: number;
  readonly weightsHash: string;
  readonly instruments: Instruments;
  /** Null: it is no plane of a path. */
  readonly along: AlongPath | null;
  readonly seconds: number;
}

const headOf = (
  scan: ScanSpec,
  { run, variant, seed }: Scanned,
  { id, x, y, directionSeed }: Plan,
  images: number,
): SurfaceHead => ({
  id,
  run,
  variant,
  seed,
  scan: scan.name,
  kind: scan.directions.kind,
  directionSeed,
  x,
  y,
  split: scan.split,
  images,
  bn: scan.bn,
});

/** What a finished surface's manifest says: the checks, the numbers, where it came from. */
function describe(scan: ScanSpec, scanned: Scanned, plan: Plan, measured: Measured): SurfaceResult {
  const { surface, centre, instruments, standardError, along } = measured;
  const { span, path } = plan;
  const { parameters } = scanned.model;
  const logarithmic = scan.bn === 'frozen';
  return {
    ...headOf(scan, scanned, plan, instruments.set.size),
    normalisation: plan.normalisation,
    validity: validityOf(span.directions, span.weights, parameters),
    centre,
    standardError,
    metrics: plan.y === null ? null : surfaceMetrics(surface, logarithmic),
    metricsOf: logarithmic ? 'log10(1 + loss)' : 'loss',
    barrier: scan.directions.kind === 'between' ? barrier(surface.x, surface.losses) : null,
    trajectory:
      path === null || along === null
        ? null
        : describeTrajectory(path.points, path.plane, parameters, surface, along),
    ...(plan.shared === null ? {} : { shared: plan.shared }),
    weightsHash: measured.weightsHash,
    seconds: measured.seconds,
  };
}

const directionsOf = ({ layout }: StudyContext, { id }: Plan): string =>
  join(layout.direction(id), 'directions.h5');

/**
 * Goes over the files of a finished surface and writes again what is missing and follows from the
 * rest.
 * @throws Fault 'damaged' where another file differs, or the network is not the one it was
 */
async function* keepSurface(
  context: StudyContext,
  plan: Plan,
  scanned: Scanned,
  finished: SurfaceResult,
): AsyncGenerator<WorkEvent> {
  const folder = context.layout.surface(plan.id);
  if (finished.weightsHash !== weightsHash(plan.span)) {
    throw new Fault(
      'damaged',
      `${folder} was measured around other weights than ${context.layout.checkpoints(scanned.run)} holds now; delete that surface, and resuming the study measures it again`,
    );
  }
  const { manifest } = files(folder);
  const missing = yield* checkPart(context, manifest, plan.id);
  if (missing.length === 0) return;
  yield { kind: 'phase', text: `writing files of ${plan.id} again` };
  await writeDerived(folder, finished, readSurface(folder, finished));
  const directions = directionsOf(context, plan);
  if (!existsSync(directions)) {
    await writeDirections(directions, plan.span.directions, scanned.model.parameters);
  }
  await checkMended(context, manifest, missing);
}

async function* scanPlan(
  context: StudyContext,
  scan: ScanSpec,
  variant: Variant,
  scanned: Scanned,
  plan: Plan,
  graphs: ScanGraphs,
): AsyncGenerator<WorkEvent, SurfaceResult> {
  const { span } = plan;
  const paths = files(context.layout.surface(plan.id));
  makeFolder(context.layout.surface(plan.id));
  const began = seconds();
  const directions = hashOf(span.directions);
  const hashes = { weights: weightsHash(span), directions, dataset: context.dataset.hash };
  const surface = emptySurface(plan.x, plan.y);
  const instruments = new Instruments(context, scan, graphs, plan);
  try {
    const origin = [span.directions.map(() => 0)];
    const alone = instruments.evaluate(span.weights, span.statistics);
    const before = instruments.points.measure(origin)[0].loss;
    const head = headOf(scan, scanned, plan, instruments.set.size);
    writeJson(paths.head, head);
    yield { kind: 'grid', head };
    yield* fill(context, plan, surface, instruments, journalIdentity(plan, scan, hashes));
    const after = instruments.points.measure(origin)[0].loss;
    const centre = { checkpoint: alone.loss, before, after };
    checkCentre(plan.id, centre);
    const { path } = plan;
    const along =
      path === null ? null : yield* alongPath(context, scan, variant, scanned, path, graphs);
    const measured = {
      surface,
      centre,
      standardError: alone.standardError,
      weightsHash: hashes.weights,
      instruments,
      along,
      seconds: seconds() - began,
    };
    const result = describe(scan, scanned, plan, measured);
    await writeSurface(paths.surface, surface, scan.split);
    writeAtomically(paths.table, table(surface));
    await writeDirections(directionsOf(context, plan), span.directions, scanned.model.parameters);
    writeManifest(paths.manifest, {
      ...pickSurface(result),
      spec: scan,
      hashes,
      backend: context.backend.info,
      finished: timestamp(),
      files: await recordFiles(context.folder, filesOf(plan.id, true)),
    });
    yield { kind: 'surface', surface: plan.id };
    return readSurfaceResult(context.layout.surface(plan.id))!;
  } finally {
    instruments.dispose();
  }
}

/** A surface as people call it. */
const nameOf = ({ label }: Variant, { name }: ScanSpec, { seed, directionSeed }: Scanned & Plan) =>
  `${label}, seed ${seed}: ${name}${directionSeed === null ? '' : `, directions ${directionSeed}`}`;

/** Scans what `scan` asks for around one run; surfaces that are finished are left as they are. */
export async function* scanRun(
  context: StudyContext,
  scan: ScanSpec,
  variant: Variant,
  scanned: Scanned,
  graphs: ScanGraphs,
): AsyncGenerator<WorkEvent, SurfaceResult[]> {
  const results: SurfaceResult[] = [];
  for (const plan of await planScan(context, scan, scanned)) {
    const finished = readSurfaceResult(context.layout.surface(plan.id));
    if (finished !== null) {
      yield* keepSurface(context, plan, scanned, finished);
      results.push(finished);
      const cells = plan.x.length * (plan.y?.length ?? 1);
      yield { kind: 'already', units: cells * finished.images };
      continue;
    }
    const size = plan.y === null ? `${plan.x.length}` : `${plan.x.length}×${plan.y.length}`;
    yield {
      kind: 'phase',
      text: `scanning ${nameOf(variant, scan, { ...scanned, ...plan })}, ${size} points`,
    };
    results.push(yield* scanPlan(context, scan, variant, scanned, plan, graphs));
  }
  return results;
}
