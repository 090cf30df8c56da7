/**
 * What the engine answers: one function per call, each a line or two towards the part that does it.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameOfDataset } from '../../shared/spec/dataset';
import type { AllEvents, CallName, EngineInfo, EventName } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import { buildFigure } from '../../shared/figure/build';
import type { Handlers } from '../../shared/rpc';
import type { GuardedPath } from '../../shared/spec/place';
import { check } from '../../shared/spec/check';
import { ModelSpec } from '../../shared/spec/model';
import { checkStudy, type Study, type StudyFile } from '../../shared/spec/study';
import { asset } from '../native/places';
import { version } from '../native/version';
import { runBench } from './bench';
import type { Backend } from './backend/start';
import { loadDataset } from './dataset/load';
import { previewDataset } from './dataset/preview';
import { listStored, removeStored } from '../native/datasets';
import { examine } from './doctor';
import { exportItem } from './export/item';
import { Jobs } from './jobs';
import { checkOwn, checkParts } from './own-file';
import { writeAnnotations } from './library/annotations';
import { openLibrary } from './library/apart';
import { listItems } from './library/items';
import { discard, emptyTrash, restore } from './library/trash';
import { extendStudy } from './study/extend';
import { matchFile } from './study/import-run';
import { loadFigureSources } from './study/figure-sources';
import { describePlan, measureVariant } from './study/measure';
import { lossByNormalisation } from './study/normalisations';
import { openCellOf } from './study/open-cell';
import { startSitting } from './study/sitting';
import { readResults } from './study/read-results';
import { openSnapshot } from './study/snapshot';
import { verifyInJob } from './study/verify';
import { layout, lockStudy, openStudy, readStudy } from './workspace';

export type Tell = <Name extends EventName>(name: Name, data: AllEvents[Name]) => void;

type Answers<Names extends CallName> = Pick<Handlers<CallName>, Names>;

const infoOf = ({ info }: Backend): EngineInfo => ({
  version,
  node: process.versions.node,
  backend: info,
});

/** Starts the study's work in its folder. */
async function startStudy(
  jobs: Jobs,
  backend: Backend,
  tell: Tell,
  study: Study,
  folder: GuardedPath,
): Promise<{ job: string }> {
  checkParts(folder);
  const job = await startSitting(jobs, { study, folder, backend }, (id, event) => {
    if (event.kind !== 'progress') tell('study/event', { job: id, folder, event });
  });
  tell('library/changed', { folder });
  return { job };
}

/** The first of NAME, NAME-2, … under `workspace` that is free. */
function freeFolder(workspace: GuardedPath, study: Study): string {
  const base = join(workspace, `${study.name}-${nameOfDataset(study.dataset)}`);
  for (let i = 1; ; i++) {
    const folder = i === 1 ? base : `${base}-${i}`;
    if (!existsSync(folder)) return folder;
  }
}

/** What `work` gives while nobody else may work on the study. */
async function locked<T>(folder: GuardedPath, work: () => T): Promise<T> {
  checkParts(folder);
  const held = await lockStudy(folder);
  try {
    return work();
  } finally {
    held.release();
  }
}

/** Checks that nobody is at work on a study, whatever its parts are. @throws Fault */
async function checkIdle(folder: GuardedPath): Promise<void> {
  checkOwn(layout(folder).lock);
  if (existsSync(folder)) (await lockStudy(folder)).release();
}

function studyAnswers(
  jobs: Jobs,
  backend: Backend,
  tell: Tell,
): Answers<Extract<CallName, `study/${string}`>> {
  const changed = (folder: string) => (tell('library/changed', { folder }), null);
  return {
    'study/presets': async () =>
      readdirSync(asset('presets')).map((name): StudyFile => {
        const text = readFileSync(asset(join('presets', name)), 'utf8');
        return checkStudy(JSON.parse(text), name).file;
      }),
    'study/start': async ({ study: input, folder }) => {
      const study = checkStudy(input, 'study');
      openStudy(folder, study);
      return startStudy(jobs, backend, tell, study, folder);
    },
    'study/resume': async ({ folder }) => {
      const study = readStudy(folder);
      return startStudy(jobs, backend, tell, study, folder);
    },
    'study/create': async ({ study: input, workspace }) => {
      const study = checkStudy(input, 'study');
      const folder = freeFolder(workspace, study);
      openStudy(folder, study);
      changed(folder);
      return { folder };
    },
    'study/extend': async ({ folder, study }) => {
      await locked(folder, () => extendStudy(folder, study));
      return changed(folder);
    },
    'study/open': async ({ folder }) => openSnapshot(folder),
    'study/results': async ({ folder }) => {
      const results = readResults(folder, readStudy(folder));
      if (results !== null) return results;
      throw new Fault(
        'not-found',
        `${folder} has no results yet; go on with 'isocurve resume ${folder}'`,
      );
    },
    'study/annotate': async ({ folder, annotations }) => {
      readStudy(folder);
      checkParts(folder);
      writeAnnotations(folder, annotations);
      return changed(folder);
    },
    'study/verify': ({ folder }) => verifyInJob(jobs, folder),
    'study/items': async ({ folder }) => listItems(folder),
    'study/remove': async ({ folder, workspace }) => {
      await checkIdle(folder);
      const trashed = discard(workspace, folder);
      changed(folder);
      return trashed;
    },
  };
}

type LibraryCall = Extract<CallName, `${'item' | 'trash' | 'library'}/${string}`>;

const libraryAnswers = (tell: Tell): Answers<LibraryCall> => ({
  'item/remove': async ({ folder, workspace, kind, id }) => {
    const trashed = await locked(folder, () => discard(workspace, join(folder, kind, id)));
    tell('library/changed', { folder });
    return trashed;
  },
  'item/export': (request) => exportItem(request),
  'trash/restore': async ({ workspace, id }) => {
    const restored = restore(workspace, id);
    tell('library/changed', restored);
    return restored;
  },
  'trash/empty': async ({ workspace }) => (emptyTrash(workspace), null),
  ...openLibrary(),
});

/** The handlers of one engine, and its jobs. */
export function buildHandlers(
  backend: Backend,
  tell: Tell,
): { handlers: Handlers<CallName>; jobs: Jobs } {
  const jobs = new Jobs((status) => tell('job/changed', status));
  const handlers: Handlers<CallName> = {
    ...studyAnswers(jobs, backend, tell),
    ...libraryAnswers(tell),
    'engine/info': async () => infoOf(backend),
    'engine/doctor': async ({ quick }) => examine(infoOf(backend), quick),
    'weights/match': async ({ file, model, dataset, mapping }) =>
      matchFile(
        { file, mapping },
        check(ModelSpec, model, 'the network'),
        await loadDataset(dataset),
      ),
    'dataset/list': async () => listStored(),
    'weights/normalisations': async ({ folder, run }) =>
      lossByNormalisation({ study: readStudy(folder), layout: layout(folder), backend }, run),
    'dataset/remove': async ({ name, hash }) => (removeStored(name, hash), null),
    'dataset/preview': async ({ dataset }) => previewDataset(await loadDataset(dataset)),
    'plan/describe': async ({ study: input }) => {
      const study = checkStudy(input, 'study');
      return describePlan(study, await loadDataset(study.dataset));
    },
    'plan/measure': async ({ study: input, variant }) => {
      const study = checkStudy(input, 'study');
      return measureVariant(study, variant, await loadDataset(study.dataset), backend);
    },
    'cell/open': async ({ folder, surface, at }) => {
      const study = readStudy(folder);
      const dataset = await loadDataset(study.dataset);
      const context = { study, folder, layout: layout(folder), dataset, backend };
      return openCellOf(context, surface, at);
    },
    'figure/build': async ({ folder, figure }) => buildFigure(loadFigureSources(folder), figure),
    'bench/start': async (spec) => ({
      job: jobs.start(
        { kind: 'bench', folder: null },
        () => runBench(spec, backend),
        (job, event) => {
          if (event.kind === 'report') tell('bench/report', { job, report: event.report });
        },
      ),
    }),
    'job/list': async () => jobs.list(),
    'job/pause': async ({ job }) => (jobs.pause(job), null),
    'job/continue': async ({ job }) => (jobs.proceed(job), null),
    'job/cancel': async ({ job }) => (jobs.cancel(job), null),
  };
  return { handlers, jobs };
}
