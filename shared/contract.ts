/**
 * The one table of what may be asked and told: `Calls` of the engine, `HostCalls` of the host that
 * stands between it and a window, and the events of both.
 */

import * as v from 'valibot';
import type { PlotlyFigure } from './figure/plotly';
import { BenchSpec, type BenchReport } from './spec/bench';
import type { CellReport } from './spec/cell';
import { whole } from './spec/check';
import {
  datasetName,
  DatasetSpec,
  TakeOptions,
  type DatasetPreview,
  type NormalisationLoss,
  type StoredDataset,
  type StoredEntry,
} from './spec/dataset';
import type { DoctorReport } from './spec/doctor';
import type { TakenWeights } from './foreign/imported';
import type { Match } from './foreign/match';
import type { StudyEvent } from './spec/events';
import type { FileReport } from './spec/foreign';
import type { PublicDataset } from './spec/public-dataset';
import type { ExportedFile } from './spec/export';
import { FigureSpec } from './spec/figure';
import type { EngineState, HostInfo, OpenedFile, Provisioning } from './spec/host';
import { Settings } from './spec/host';
import type { VerifyReport } from './spec/inventory';
import {
  Annotations,
  itemKinds,
  type LibraryItem,
  type StudyItem,
  type StudySnapshot,
  type StudySummary,
  type TrashedItem,
} from './spec/library';
import { place, shapedLike, type NamedPath } from './spec/place';
import type { Measured, VariantPlan } from './spec/plan';
import type { StudyResults } from './spec/results';
import { StudyFile } from './spec/study';

/** `interrupted`: its engine died; the study can be resumed. */
export type JobState = 'running' | 'paused' | 'done' | 'cancelled' | 'failed' | 'interrupted';

/** Long work as any client may see it. */
export interface JobStatus {
  readonly job: string;
  readonly kind: 'study' | 'bench' | 'verify';
  /** Of the study; null for other work. */
  readonly folder: string | null;
  readonly state: JobState;
  /** Share of the work done, from 0 to 1. */
  readonly share: number;
  /** Seconds left; null until 5 % are done. */
  readonly eta: number | null;
  readonly phase: string;
  /** Why it failed; null otherwise. */
  readonly fault: { readonly code: string; readonly message: string } | null;
}

export interface EngineInfo {
  readonly version: string;
  readonly node: string;
  readonly backend: {
    readonly tier: string;
    readonly version: string;
    readonly device: string;
    readonly reason: string | null;
  };
}

/** What the engine takes of the machine, told every two seconds. */
export interface EngineLoad {
  /** Bytes. */
  readonly memory: number;
  /** Cores in use, of `cores`. */
  readonly busy: number;
  readonly cores: number;
}

type None = Record<string, never>;
/** The folder of a study, as it is told to a client. */
interface Made {
  folder: string;
}
interface Folder {
  folder: NamedPath<'studyFolder'>;
}
interface Path {
  path: NamedPath<'readableFile'>;
}
interface Workspace {
  workspace: NamedPath<'workspace'>;
}
interface Job {
  job: string;
}

/** Client → engine. */
export interface Calls {
  'engine/info': { args: None; result: EngineInfo };
  'engine/doctor': { args: { quick: boolean }; result: DoctorReport };
  'study/presets': { args: None; result: StudyFile[] };
  'study/start': { args: Folder & { study: unknown }; result: Job };
  'study/resume': { args: Folder; result: Job };
  'study/create': { args: Workspace & { study: unknown }; result: Made };
  'study/extend': { args: Folder & { study: unknown }; result: null };
  'study/open': { args: Folder; result: StudySnapshot };
  'study/results': { args: Folder; result: StudyResults };
  'study/annotate': { args: Folder & { annotations: Annotations }; result: null };
  /** Holds its files against their hashes, as a job that tells how far it is. */
  'study/verify': { args: Folder; result: VerifyReport };
  'study/items': { args: Folder; result: StudyItem[] };
  'study/remove': { args: Folder & Workspace; result: { id: string } };
  'item/remove': {
    args: Folder & Workspace & { kind: StudyItem['kind']; id: string };
    result: { id: string };
  };
  /** A run's weights (`RUN`, or `RUN@STEP`) or a surface, in the format of another program. */
  'item/export': {
    args: Folder & { kind: 'runs' | 'surfaces'; id: string; format: string };
    result: ExportedFile[];
  };
  /** Which tensor of a file that was taken is which of a network's. */
  'weights/match': {
    args: {
      file: NamedPath<'readableFile'>;
      model: unknown;
      dataset: DatasetSpec;
      mapping: Record<string, string>;
    };
    result: Match;
  };
  'weights/normalisations': { args: Folder & { run: string }; result: NormalisationLoss[] };
  'dataset/list': { args: None; result: StoredEntry[] };
  'dataset/remove': { args: { name: string; hash: string }; result: null };
  'trash/list': { args: Workspace; result: TrashedItem[] };
  'trash/restore': { args: Workspace & { id: string }; result: Made };
  'trash/empty': { args: Workspace; result: null };
  'library/list': { args: Workspace; result: StudySummary[] };
  'library/items': { args: Workspace; result: LibraryItem[] };
  'dataset/preview': { args: { dataset: DatasetSpec }; result: DatasetPreview };
  'plan/describe': { args: { study: unknown }; result: VariantPlan[] };
  'plan/measure': { args: { study: unknown; variant: string }; result: Measured };
  'cell/open': {
    args: Folder & { surface: string; at: readonly number[] };
    result: CellReport;
  };
  'figure/build': { args: Folder & { figure: FigureSpec }; result: PlotlyFigure };
  'bench/start': { args: BenchSpec; result: Job };
  'job/list': { args: None; result: JobStatus[] };
  'job/pause': { args: Job; result: null };
  'job/continue': { args: Job; result: null };
  'job/cancel': { args: Job; result: null };
}

/** A figure to be made a file of; `recipe` is what `encodeRecipe` gave, or empty. */
export interface DrawRequest {
  readonly figure: PlotlyFigure;
  readonly format: 'svg' | 'pdf' | 'png' | 'html';
  /** Dots per inch of a PNG. */
  readonly dpi: number;
  readonly recipe: string;
}

/** Client → host. */
export interface HostCalls {
  'host/info': { args: None; result: HostInfo };
  'host/settings': { args: None; result: Settings };
  'host/save-settings': { args: { settings: Settings }; result: null };
  'host/draw': {
    args: DrawRequest;
    result: Uint8Array;
  };
  /** Asks where to save and saves; null: the user changed their mind. */
  'host/save': { args: { name: string; bytes: Uint8Array }; result: { path: string } | null };
  /**
   * Bytes at `at` of a file that lies with the client. Files of one `upload` lie beside each other,
   * by their names, which may be paths. Gives the path under which the calls below know the file,
   * or the folder that it came in.
   */
  'host/upload': {
    args: { upload: string; name: string; at: number; bytes: Uint8Array };
    result: { path: string };
  };
  /** What a file of others is. It, and what follows, is read in a process of its own. */
  'host/inspect': { args: Path; result: FileReport };
  'host/take-weights': { args: Path; result: TakenWeights };
  'host/take-surface': { args: Path; result: TakenWeights };
  'host/take-directions': { args: Path; result: TakenWeights };
  'host/take-dataset': { args: Path & { options: TakeOptions }; result: StoredDataset };
  'host/public-datasets': { args: None; result: PublicDataset[] };
  /** Downloads one of them; `host/taking` tells how far it is. */
  'host/fetch-dataset': { args: { name: string }; result: StoredDataset };
  'host/stop-fetching': { args: None; result: null };
  'host/log': { args: None; result: { path: string; tail: string } };
  'host/report': { args: None; result: { text: string } };
  'host/restart-engine': { args: None; result: null };
  'host/provision': { args: { build: 'cpu' | 'cuda' }; result: null };
}

/** Engine → clients. */
export interface Events {
  'job/changed': JobStatus;
  'study/event': { readonly job: string; readonly folder: string; readonly event: StudyEvent };
  'bench/report': { readonly job: string; readonly report: BenchReport };
  'engine/load': EngineLoad;
  /** Something in the workspace came, went or was renamed. */
  'library/changed': { readonly folder: string };
}

/** Host → clients. */
export interface HostEvents {
  'host/engine': EngineState;
  'host/provisioning': Provisioning;
  /** How far the reading of a file or a download is. */
  'host/taking': { readonly name: string; readonly phase: string; readonly share: number };
  /** Opened by a double click, the command line or a menu. */
  'host/opened': OpenedFile;
  /** A command of the registry was chosen in a native menu. */
  'host/command': { readonly command: string };
  /** A mistake of the host's own was caught and written to its log; everything goes on. */
  'host/accident': { readonly message: string };
  /** Events were left out because this client reads too slowly; the disk knows all of them. */
  'host/behind': { readonly frames: number };
}

export type CallName = keyof Calls;
export type EventName = keyof Events;
export type AllCalls = Calls & HostCalls;
export type AllEvents = Events & HostEvents;

const none = v.strictObject({});
const job = v.strictObject({ job: v.string() });
const path = place('readableFile');
const folder = place('studyFolder');
const workspace = place('workspace');
const id = v.pipe(v.string(), v.regex(/^[\w][\w.-]*$/, 'a name without slashes'), v.maxLength(255));
/** Checked by the engine, in one sentence; the files that it names are found by its schema. */
const study = v.pipe(v.unknown(), shapedLike(StudyFile));
/** A figure that a client built; what draws it only reads it. */
const figure = v.custom<PlotlyFigure>(
  (value) => typeof value === 'object' && value !== null && 'data' in value && 'layout' in value,
  'a Plotly figure',
);

const file = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  bytes: v.instance(Uint8Array),
});

/** What a file that is sent is called. */
export const UploadName = v.strictObject({
  /** Files of one upload lie beside each other. */
  upload: v.pipe(v.string(), v.regex(/^[\w-]{8,64}$/, 'an id of letters and digits')),
  /** Its path within the upload. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
});

/**
 * Every call's run-time check; a call without one does not compile, and neither does one whose
 * check does not say which of its arguments are places.
 */
export const callChecks = {
  'engine/info': none,
  'engine/doctor': v.strictObject({ quick: v.boolean() }),
  'study/presets': none,
  'study/start': v.strictObject({ study, folder }),
  'study/resume': v.strictObject({ folder }),
  'study/create': v.strictObject({ study, workspace }),
  'study/extend': v.strictObject({ study, folder }),
  'study/open': v.strictObject({ folder }),
  'study/results': v.strictObject({ folder }),
  'study/annotate': v.strictObject({ folder, annotations: Annotations }),
  'study/verify': v.strictObject({ folder }),
  'study/items': v.strictObject({ folder }),
  'study/remove': v.strictObject({ folder, workspace }),
  'item/remove': v.strictObject({ folder, workspace, kind: v.picklist(itemKinds), id }),
  'item/export': v.strictObject({
    folder,
    kind: v.picklist(['runs', 'surfaces']),
    id: v.pipe(v.string(), v.regex(/^[\w][\w.-]*(@\d+)?$/, 'a run, RUN@STEP, or a surface')),
    format: v.string(),
  }),
  'weights/match': v.strictObject({
    file: path,
    model: v.unknown(),
    dataset: DatasetSpec,
    mapping: v.record(v.string(), v.string()),
  }),
  'weights/normalisations': v.strictObject({ folder, run: id }),
  'dataset/list': none,
  'dataset/remove': v.strictObject({ name: datasetName, hash: v.string() }),
  'trash/list': v.strictObject({ workspace }),
  'trash/restore': v.strictObject({ workspace, id }),
  'trash/empty': v.strictObject({ workspace }),
  'library/list': v.strictObject({ workspace }),
  'library/items': v.strictObject({ workspace }),
  'dataset/preview': v.strictObject({ dataset: DatasetSpec }),
  'plan/describe': v.strictObject({ study }),
  'plan/measure': v.strictObject({ study, variant: v.string() }),
  'cell/open': v.strictObject({
    folder,
    surface: id,
    at: v.pipe(v.array(v.pipe(v.number(), v.finite())), v.minLength(1), v.maxLength(2)),
  }),
  'figure/build': v.strictObject({ folder, figure: FigureSpec }),
  'bench/start': BenchSpec,
  'job/list': none,
  'job/pause': job,
  'job/continue': job,
  'job/cancel': job,
} satisfies { [Name in CallName]: v.GenericSchema<unknown, Calls[Name]['args']> };

export const hostChecks = {
  'host/info': none,
  'host/settings': none,
  'host/save-settings': v.strictObject({ settings: Settings }),
  'host/draw': v.strictObject({
    figure,
    format: v.picklist(['svg', 'pdf', 'png', 'html']),
    dpi: v.pipe(v.number(), v.minValue(36), v.maxValue(2400)),
    recipe: v.pipe(v.string(), v.maxLength(4_000_000)),
  }),
  'host/save': file,
  'host/upload': v.strictObject({
    ...UploadName.entries,
    at: whole(0, Number.MAX_SAFE_INTEGER),
    bytes: v.instance(Uint8Array),
  }),
  'host/inspect': v.strictObject({ path }),
  'host/take-weights': v.strictObject({ path }),
  'host/take-surface': v.strictObject({ path }),
  'host/take-directions': v.strictObject({ path }),
  'host/take-dataset': v.strictObject({ path, options: TakeOptions }),
  'host/public-datasets': none,
  'host/fetch-dataset': v.strictObject({ name: v.string() }),
  'host/stop-fetching': none,
  'host/log': none,
  'host/report': none,
  'host/restart-engine': none,
  'host/provision': v.strictObject({ build: v.picklist(['cpu', 'cuda']) }),
} satisfies { [Name in keyof HostCalls]: v.GenericSchema<unknown, HostCalls[Name]['args']> };

/** Names of the engine's events, for hosts that pass them on. */
export const eventNames = [
  'job/changed',
  'study/event',
  'bench/report',
  'engine/load',
  'library/changed',
] as const satisfies readonly EventName[];
