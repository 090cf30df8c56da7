/**
 * The answer of a study in the terminal: a table of runs, one of surfaces, one of trajectories, and
 * the verdicts.
 */

import { nameOfDataset } from '../../../shared/spec/dataset';
import { estimate, estimateText, median, numberText } from '../../../shared/maths/statistics';
import type { RunResult, StudyResults, SurfaceResult } from '../../../shared/spec/results';
import type { Study } from '../../../shared/spec/study';
import { say, tableLines } from '../print';

const over = <T>(items: readonly T[], pick: (item: T) => number, digits = 3) =>
  items.length === 0 ? '–' : estimateText(estimate(items.map(pick)), digits);

function rates(runs: readonly RunResult[]): string {
  const [first] = runs;
  if (Number.isNaN(first.summary.learningRate)) return '–';
  return `${first.summary.learningRate}${first.trial === null ? '' : ' (trial)'}`;
}

function state(runs: readonly RunResult[]): string {
  const failed = runs.filter(({ summary }) => !summary.trained);
  if (failed.length === 0) return 'trained';
  const how = failed.some(({ summary }) => summary.diverged) ? 'DIVERGED' : 'DID NOT TRAIN';
  return runs.length === 1 ? how : `${how} (${failed.length} of ${runs.length})`;
}

function runTable(study: Study, { runs }: StudyResults): string[] {
  const rows = study.variants.flatMap(({ name, label }) => {
    const own = runs.filter((run) => run.variant === name);
    if (own.length === 0) return [];
    return [
      [
        label,
        state(own),
        over(own, ({ summary }) => summary.trainLoss, 4),
        over(own, ({ summary }) => summary.trainAccuracy),
        over(own, ({ summary }) => summary.testLoss),
        over(own, ({ summary }) => summary.testAccuracy),
        rates(own),
        over(own, ({ summary }) => summary.stepsPerSecond, 1),
        own[0].parameters.toLocaleString('en'),
      ],
    ];
  });
  return tableLines(
    [
      'network',
      'state',
      'train loss',
      'train acc',
      'test loss',
      'test acc',
      'rate',
      'steps/s',
      'weights',
    ],
    rows,
  );
}

function metricTable(
  study: Study,
  { surfaces, runs }: StudyResults,
  scan: string,
): string[] | null {
  const rows = study.variants.flatMap(({ name, label }) => {
    const own = surfaces.filter((s) => s.variant === name && s.scan === scan && s.metrics !== null);
    if (own.length === 0) return [];
    const metric = (pick: (m: NonNullable<SurfaceResult['metrics']>) => number, digits = 3) =>
      over(own, (surface) => pick(surface.metrics!), digits);
    const untrained = runs.some((run) => run.variant === name && !run.summary.trained);
    return [
      [
        untrained ? `${label} (did not train)` : label,
        metric((m) => m.misaligned),
        metric((m) => m.minima, 1),
        metric((m) => m.lowArea),
        metric((m) => m.basinArea),
        metric((m) => m.fragments[2].count, 1),
        metric((m) => m.elongation, 2),
        metric((m) => m.negativeCurvature),
        metric((m) => m.variation, 2),
        metric((m) => m.plateau),
        metric((m) => m.highest, 2),
      ],
    ];
  });
  if (rows.length === 0) return null;
  return tableLines(
    [
      'network',
      'misaligned',
      'minima',
      '0.1-area',
      'basin',
      'parts at +1',
      'elongation',
      'neg. curv.',
      'TV',
      'plateau',
      'highest',
    ],
    rows,
  );
}

const middleOf = (values: readonly number[]) => median(values.filter(Number.isFinite));

const share = (value: number) => `${(100 * value).toFixed(1)} %`;

function trajectoryTable(study: Study, { surfaces }: StudyResults): string[] | null {
  const rows = study.variants.flatMap(({ name, label }) => {
    const own = surfaces.filter((s) => s.variant === name && s.trajectory !== null);
    if (own.length === 0) return [];
    const paths = own.map((surface) => surface.trajectory!);
    const [first] = paths;
    return [
      [
        label,
        `${share(first.explained[0])} + ${share(first.explained[1])}`,
        `${share(first.walkShares[0])} + ${share(first.walkShares[1])}`,
        over(paths, (path) => path.early),
        over(paths, (path) => path.middle),
        over(paths, (path) => path.late),
        over(paths, (path) => middleOf(path.descentCosines)),
        over(paths, (path) => Math.max(...path.residuals), 2),
        over(paths, (path) => path.weightNorms[path.weightNorms.length - 1], 1),
      ],
    ];
  });
  if (rows.length === 0) return null;
  return tableLines(
    [
      'network',
      'variance PC1 + PC2',
      'random walk',
      'q early',
      'q middle',
      'q late',
      'downhill',
      'off plane',
      '‖θ‖',
    ],
    rows,
  );
}

function lineTable(study: Study, { surfaces }: StudyResults): string[] | null {
  const rows = study.variants.flatMap(({ name, label }) =>
    surfaces
      .filter((s) => s.variant === name && s.barrier !== null)
      .map((s) => [label, s.scan, `seed ${s.seed}`, numberText(s.barrier!)]),
  );
  return rows.length === 0 ? null : tableLines(['network', 'line', 'run', 'barrier'], rows);
}

function scanHeading({ surfaces }: StudyResults, scan: string): string {
  const all = surfaces.filter(({ scan: of, origin }) => of === scan && origin === undefined);
  const [first] = all;
  if (first === undefined) return `Surface '${scan}', measured elsewhere`;
  const repetitions = all.filter((surface) => surface.variant === first.variant).length;
  const grid = `${first.x.length}×${first.y?.length ?? 1}`;
  const ratios = all.flatMap(({ validity }) =>
    (validity?.axes ?? []).map((axis) => axis.worstRatio),
  );
  const worst = ratios.reduce((a, b) => (Math.abs(b - 1) > Math.abs(a - 1) ? b : a), 1);
  return `Surface '${scan}': ${first.normalisation}; ${grid} points; ${first.images} ${first.split} images; batch norm ${first.bn}; numbers of ${first.metricsOf}; ${repetitions} repetition${repetitions === 1 ? '' : 's'}; worst filter ratio ‖d‖/‖w‖ ${worst.toFixed(6)}`;
}

/** Prints everything that the study found. */
export function printReport(study: Study, results: StudyResults): void {
  const seeds = `${study.seeds.length} seed${study.seeds.length === 1 ? '' : 's'}`;
  const spread = study.seeds.length > 1 ? ', mean ± standard error' : '';
  say(['', study.question, `${nameOfDataset(study.dataset)}, ${seeds}${spread}`, '']);
  if (results.runs.length > 0) say(runTable(study, results));
  const principal = study.scans.filter(({ directions }) => directions.kind === 'principal');
  const scans = new Set([
    ...study.scans.map(({ name }) => name),
    ...results.surfaces.map(({ scan }) => scan),
  ]);
  for (const scan of scans) {
    const table = metricTable(study, results, scan);
    if (table === null || principal.some(({ name }) => name === scan)) continue;
    say(['', scanHeading(results, scan), ...table]);
  }
  const trajectories = trajectoryTable(study, results);
  if (trajectories !== null) {
    say([
      '',
      'Trajectories: variance explained beside what a random walk gives; q = 1 is perpendicular to the isocurves, downhill = median cos(step, −gradient) in full space',
      ...trajectories,
    ]);
  }
  const lines = lineTable(study, results);
  if (lines !== null) say(['', ...lines]);
  if (results.claims.length > 0) say(['', 'Verdicts']);
  for (const { claim, verdict, because } of results.claims) {
    say([`  ${claim}: ${verdict.toUpperCase()}`, `    ${because}`]);
  }
}
