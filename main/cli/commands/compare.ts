/**
 * `compare` and `resume`: run a study in the engine, show it grow, draw its figures, say what it
 * found.
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nameOfDataset } from '../../../shared/spec/dataset';
import type { JobStatus } from '../../../shared/contract';
import { Fault, onDisk } from '../../../shared/fault';
import type { FigureKind } from '../../../shared/spec/figure';
import { timeText, type Measured } from '../../../shared/spec/plan';
import type { StudyResults } from '../../../shared/spec/results';
import type { GuardedPath } from '../../../shared/spec/place';
import { checkStudy, type Study } from '../../../shared/spec/study';
import type { ChooseOptions } from '../../native/choose';
import { usersOwn } from '../../native/paths';
import type { Format } from '../../host/draw';
import type { Engine } from '../../host/engine-process';
import { withTakenFiles } from '../../host/taken-files';
import { withEngine } from '../engine';
import { clockText, ProgressLine, say, sayJson, tell } from '../print';
import { readStudyFile, resolveStudy, type StudyFlags } from '../study-file';
import { drawFigures, possibleFigures } from './figures';
import { printReport } from './report';

/** Where studies go when nothing is said. */
const STUDIES = 'isocurve-studies';
/** Exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

const studyJson = (study: Study): string => `${JSON.stringify(study.file, null, 2)}\n`;

/** The first of NAME, NAME-2, … that is free or holds this very study. */
export function defaultFolder(study: Study): string {
  const base = join(STUDIES, `${study.name}-${nameOfDataset(study.dataset)}`);
  for (let i = 1; ; i++) {
    const folder = i === 1 ? base : `${base}-${i}`;
    const file = join(folder, 'study.json');
    if (!existsSync(folder)) return folder;
    if (existsSync(file) && readFileSync(file, 'utf8') === studyJson(study)) return folder;
  }
}

/** Follows one job to its end. Ctrl-C cancels it once; a second one kills. */
async function follow(
  engine: Engine,
  start: () => Promise<{ job: string }>,
  onResults: (results: StudyResults) => void,
) {
  const line = new ProgressLine();
  let id = '';
  let results: StudyResults | null = null;
  const interrupt = () => {
    line.clear();
    tell('stopping after this step…');
    if (id !== '') void engine.call('job/cancel', { job: id }).catch(() => undefined);
    process.once('SIGINT', () => process.exit(INTERRUPTED));
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const stop = [
    engine.on('study/event', ({ event }) => {
      if (event.kind !== 'results') return;
      results = event.results;
      onResults(event.results);
    }),
  ];
  try {
    const ended = new Promise<JobStatus>((done) => {
      stop.push(
        engine.on('job/changed', (status) => {
          if (status.state === 'running' || status.state === 'paused') line.update(status);
          else done(status);
        }),
      );
    });
    ({ job: id } = await start());
    const gone = engine.closed.then((reason) => {
      throw new Fault('engine-gone', reason);
    });
    gone.catch(() => undefined);
    return { status: await Promise.race([ended, gone]), results: results as StudyResults | null };
  } finally {
    line.clear();
    stop.forEach((off) => off());
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

/** What is about to be done and how long it takes here, from timed steps and points. */
async function outlook(engine: Engine, study: Study): Promise<string[]> {
  const networks = study.variants.filter(({ surface }) => surface === null);
  const measured: Measured[] = [];
  for (const { name } of networks) {
    measured.push(await engine.call('plan/measure', { study: study.file, variant: name }));
  }
  if (measured.length === 0) return [];
  const counts = [plural(networks.length, 'network'), plural(study.seeds.length, 'seed')];
  return [`${counts.join(', ')}: on this machine ${timeText(measured)}`];
}

/** Draws the first picture as soon as two networks can be seen side by side. */
class FirstPicture {
  private drawing: Promise<void> | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly folder: GuardedPath,
    private readonly began: number,
  ) {}

  onResults({ surfaces, complete }: StudyResults): void {
    const planes = surfaces.filter((s) => s.y !== null && s.trajectory === null);
    const networks = new Set(planes.map(({ variant }) => variant)).size;
    if (this.drawing !== null || complete || networks < 2) return;
    this.drawing = drawFigures(this.engine, this.folder, ['surfaces'], () => ['png']).then(
      ([path]) => {
        const after = clockText((Date.now() - this.began) / 1000);
        tell(['', `first picture after ${after}: ${relative('.', path)}`]);
      },
      () => undefined, // whoever cannot draw is told at the end
    );
  }

  async settled(): Promise<void> {
    await this.drawing;
  }
}

/**
 * Runs the study in `folder` through `start`, reports, and draws unless told not to. Returns the
 * exit code.
 */
export async function conduct(
  engine: Engine,
  study: Study,
  folder: GuardedPath,
  start: () => Promise<{ job: string }>,
  draws = true,
): Promise<number> {
  const began = Date.now();
  const picture = new FirstPicture(engine, folder, began);
  const shown = relative('.', folder) || '.';
  const onResults = (results: StudyResults) => draws && picture.onResults(results);
  const { status, results } = await follow(engine, start, onResults).catch((error: unknown) => {
    if (!(error instanceof Fault) || error.code !== 'engine-gone') throw error;
    throw new Fault(
      'engine-gone',
      `${error.message}; nothing is lost, go on with 'isocurve resume ${shown}'`,
    );
  });
  await picture.settled();
  if (status.state === 'cancelled') {
    say(`stopped; go on with 'isocurve resume ${shown}'`);
    return INTERRUPTED;
  }
  if (status.fault !== null) {
    throw new Fault(status.fault.code as Fault['code'], status.fault.message);
  }
  if (results === null) throw new Fault('internal', 'the study ended without results');
  printReport(study, results);
  say('');
  if (draws) await drawAll(engine, folder, shown, results);
  say(`everything: ${shown} (${clockText((Date.now() - began) / 1000)})`);
  return 0;
}

/** Draws every figure there can be; what cannot draw says why. */
async function drawAll(
  engine: Engine,
  folder: GuardedPath,
  shown: string,
  results: StudyResults,
): Promise<void> {
  const kinds = possibleFigures(results);
  // The picture that turns gets an interactive page; as an SVG it would only hold a bitmap.
  const wanted = (kind: FigureKind): Format[] =>
    kind === 'surfaces' ? ['json', 'html', 'png'] : ['json', 'svg', 'png'];
  const problem = await drawFigures(engine, folder, kinds, wanted).then(
    () => null,
    (error: unknown) => error,
  );
  if (problem instanceof Fault && problem.code === 'no-browser') say(problem.message);
  else if (problem !== null) throw problem;
  say(`figures: ${kinds.join(', ')} in ${join(shown, 'figures')}`);
}

export interface CompareFlags extends StudyFlags {
  out?: string;
  print?: boolean;
  figures: boolean;
  backend?: ChooseOptions['build'];
}

/** `isocurve compare PRESET|FILE` */
export async function compare(name: string, flags: CompareFlags): Promise<number> {
  const asked = await resolveStudy(name, flags);
  if (flags.print === true) {
    sayJson(asked.file);
    return 0;
  }
  const study = checkStudy(await withTakenFiles(asked.file, usersOwn), name);
  const folder = usersOwn(flags.out ?? defaultFolder(study));
  return withEngine(flags.backend, async (engine) => {
    const said = existsSync(folder) ? [] : await outlook(engine, study);
    const start = async () => {
      const job = await engine.call('study/start', { study: study.file, folder });
      tell(said);
      return job;
    };
    return conduct(engine, study, folder, start, flags.figures);
  });
}

/** `isocurve resume FOLDER` */
export async function resume(
  path: string,
  flags: { backend?: ChooseOptions['build'] },
): Promise<number> {
  const folder = usersOwn(path);
  const file = join(folder, 'study.json');
  if (onDisk('read', file, () => statSync(file, { throwIfNoEntry: false })) === undefined) {
    throw new Fault('not-found', `${path} is not the folder of a study: it has no study.json`);
  }
  const study = readStudyFile(file);
  return withEngine(flags.backend, (engine) =>
    conduct(engine, study, folder, () => engine.call('study/resume', { folder })),
  );
}
