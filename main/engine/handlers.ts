/**
 * What the engine answers: one function per call, each a line or two towards the part that does it.
 */

import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EngineInfo, Events } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import { buildFigure } from '../../shared/figure/build';
import type { Handlers } from '../../shared/rpc';
import type { StudyResults } from '../../shared/spec/results';
import { checkStudy, type Study } from '../../shared/spec/study';
import { version } from '../native/version';
import { runBench } from './bench';
import type { Backend } from './backend/start';
import { loadDataset } from './dataset/load';
import { examine } from './doctor';
import { readManifest } from './files';
import { Jobs } from './jobs';
import { loadFigureSources } from './study/figure-sources';
import { openManifest } from './study/manifest';
import { runStudy } from './study/run-study';
import { layout, lockStudy, openStudy, readStudy } from './workspace';

export type Tell = <Name extends keyof Events>(name: Name, data: Events[Name]) => void;

const infoOf = ({ info }: Backend): EngineInfo => ({
  version,
  node: process.versions.node,
  backend: info,
});

/**
 * Locks the folder and starts the study's work in it. The lock is given back however the job ends.
 */
async function startStudy(
  jobs: Jobs,
  backend: Backend,
  tell: Tell,
  study: Study,
  folder: string,
): Promise<{ job: string }> {
  const unlock = lockStudy(folder);
  try {
    const dataset = await loadDataset(study.dataset);
    openManifest(folder, study, dataset, backend);
    const job = jobs.start(
      'study',
      (signal) => runStudy({ study, folder, layout: layout(folder), dataset, backend, signal }),
      (id, event) => {
        if (event.kind !== 'progress') tell('study/event', { job: id, event });
      },
      unlock,
    );
    return { job };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The handlers of one engine, and its jobs. */
export function buildHandlers(backend: Backend, tell: Tell): { handlers: Handlers; jobs: Jobs } {
  const jobs = new Jobs((status) => tell('job/changed', status));
  const handlers: Handlers = {
    'engine/info': async () => infoOf(backend),
    'engine/doctor': async ({ quick }) => examine(infoOf(backend), quick),
    'study/start': async ({ study: input, folder }) => {
      const study = checkStudy(input, 'study');
      const path = resolve(folder);
      openStudy(path, study);
      return startStudy(jobs, backend, tell, study, path);
    },
    'study/resume': async ({ folder }) => {
      const study = readStudy(resolve(folder));
      return startStudy(jobs, backend, tell, study, realpathSync(folder));
    },
    'study/results': async ({ folder }) => {
      const { results } = layout(resolve(folder));
      readStudy(resolve(folder));
      if (!existsSync(results)) {
        throw new Fault(
          'not-found',
          `${folder} has no results yet; go on with 'isocurve resume ${folder}'`,
        );
      }
      return readManifest<StudyResults>(results);
    },
    'figure/build': async ({ folder, figure }) =>
      buildFigure(loadFigureSources(resolve(folder)), figure),
    'bench/start': async (spec) => ({
      job: jobs.start(
        'bench',
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
