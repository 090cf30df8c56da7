/**
 * The tables of a study: training, then one for each scan, a row per network. Numbers are means
 * over seeds; those of different scans are never put together.
 */

import { CHANCE } from '../maths/crossing';
import { estimateText, overSeeds } from '../maths/statistics';
import { LINE_COLUMNS, PATH_COLUMNS, PLANE_COLUMNS, RUN_COLUMNS, type Column } from './columns';
import type { RunResult, StudyResults, SurfaceResult } from './results';
import { isImported } from './run';
import type { Study } from './study';
import type { ScanSpec } from './surface';
import { trainingNotes } from './training-notes';

export interface TableCell {
  readonly text: string;
  /** What columns are sorted by; NaN: nothing was measured. */
  readonly mean: number;
}

export interface TableRow {
  readonly variant: string;
  readonly label: string;
  /** The variant's place in the study. */
  readonly index: number;
  /** Empty, or what else it is: `did not train`, `2 of 3 seeds trained`, `measured elsewhere`. */
  readonly standing: string;
  readonly cells: readonly TableCell[];
}

export type TableColumn = Pick<Column<unknown>, 'key' | 'name' | 'unit' | 'help'>;

export interface NumberTable {
  readonly key: string;
  readonly title: string;
  /** What the numbers are of, and what is to be known of them. */
  readonly notes: readonly string[];
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

/** What is said of imported weights whose loss here is high. */
export const DOUBT = 'other data or normalisation?';

/** How the runs of a variant failed to train; empty: they trained, or there are none. */
export function standingOf(runs: readonly RunResult[], variant: string): string {
  const own = runs.filter((run) => run.variant === variant);
  const failed = own.filter(({ summary }) => !summary.trained);
  if (failed.length === 0) return '';
  if (failed.length < own.length) {
    return `${own.length - failed.length} of ${own.length} seeds trained`;
  }
  // How these were trained is not known, nor on what: a high loss here is not that of a failure.
  if (failed.every(({ summary }) => isImported(summary))) return DOUBT;
  return failed.every(({ summary }) => summary.diverged) ? 'diverged' : 'did not train';
}

/** A column's heading: `test accuracy, %` where the unit is not in the name. */
export const headingOf = ({ name, unit }: TableColumn): string =>
  unit === '%' ? `${name}, %` : name;

function cellOf<Item extends { readonly seed: number }>(
  column: Column<Item>,
  items: readonly Item[],
): TableCell {
  const { digits, text } = column;
  const all = overSeeds(items.map((item) => ({ seed: item.seed, value: column.value(item) })));
  const over = column.isConstant === true ? { ...all, standardError: null } : all;
  const bound = items.some((item) => column.isBound?.(item)) ? '≥ ' : '';
  return { text: `${bound}${estimateText(over, digits, text)}`, mean: over.mean };
}

/** The table of `columns` over items by variant; null: no variant has any. */
function tableOf<Item extends { readonly variant: string; readonly seed: number }>(
  { variants }: Study,
  runs: readonly RunResult[],
  items: readonly Item[],
  columns: readonly Column<Item>[],
  about: Pick<NumberTable, 'key' | 'title' | 'notes'>,
): NumberTable | null {
  const rows = variants.flatMap(({ name, label, surface }, index): TableRow[] => {
    const own = items.filter(({ variant }) => variant === name);
    if (own.length === 0) return [];
    const standing = surface === null ? standingOf(runs, name) : 'measured elsewhere';
    const cells = columns.map((column) => cellOf(column, own));
    return [{ variant: name, label, index, standing, cells }];
  });
  if (rows.length === 0) return null;
  // What was measured of no network needs no column.
  const shown = columns.filter((_, i) => rows.some(({ cells }) => !Number.isNaN(cells[i].mean)));
  return {
    ...about,
    columns: shown,
    rows: rows.map((row) => ({
      ...row,
      cells: row.cells.filter((_, i) => shown.includes(columns[i])),
    })),
  };
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** What the surfaces of a scan have in common. */
function scanNotes(surfaces: readonly SurfaceResult[]): string[] {
  const all = surfaces.filter(({ origin }) => origin === undefined);
  const [first] = all;
  if (first === undefined) return ['measured elsewhere'];
  const grid = `${first.x.length}×${first.y?.length ?? 1} points`;
  const ratios = all.flatMap(({ validity }) =>
    (validity?.axes ?? []).map((axis) => axis.worstRatio),
  );
  const worst = ratios.reduce((a, b) => (Math.abs(b - 1) > Math.abs(a - 1) ? b : a), 1);
  const seeds = new Set(all.map(({ seed }) => seed)).size;
  const pairs = new Set(all.map(({ directionSeed }) => directionSeed)).size;
  const said = [
    first.normalisation,
    grid,
    `${first.images} ${first.split} images`,
    `batch norm ${first.bn}`,
    `numbers of ${first.metricsOf}`,
    plural(seeds, 'seed'),
    ...(first.directionSeed === null
      ? []
      : [`${plural(pairs, 'pair')} of directions, averaged within each seed`]),
    `worst filter ratio ‖d‖/‖w‖ ${worst.toFixed(6)}`,
  ];
  return [said.join('; ')];
}

function scanTables(study: Study, { runs, surfaces }: StudyResults, scan: string) {
  const own = surfaces.filter((surface) => surface.scan === scan);
  const planes = own.filter(
    ({ metrics, kind }) => metrics !== null && kind !== 'principal' && kind !== 'through',
  );
  const paths = own.filter(({ trajectory }) => trajectory !== null);
  const lines = own.filter(({ barrier }) => barrier !== null);
  return [
    tableOf(study, runs, planes, PLANE_COLUMNS, {
      key: `${scan}.plane`,
      title: `Surface '${scan}'`,
      notes: scanNotes(planes),
    }),
    tableOf(study, runs, paths, PATH_COLUMNS, {
      key: `${scan}.path`,
      title: `Trajectories '${scan}'`,
      notes: [
        `variance of the path along its principal components beside what a random walk gives; q = 1 is perpendicular to the isocurves, 0 along them, steps at random have ${CHANCE.toFixed(2)}; gradients at the checkpoints, projected on the plane, batch norm from the batch where nothing else is said`,
      ],
    }),
    tableOf(study, runs, lines, LINE_COLUMNS, {
      key: `${scan}.line`,
      title: `Line '${scan}'`,
      notes: [],
    }),
  ];
}

const isCloserLook = ({ directions }: ScanSpec, { scans }: Study): boolean =>
  directions.kind === 'principal' &&
  directions.part === 'late' &&
  scans.some((other) => other.directions.kind === 'principal' && other.directions.part === 'whole');

/** Everything that a study found, in tables. */
export function numberTables(study: Study, results: StudyResults): NumberTable[] {
  const { runs, surfaces } = results;
  const scans = new Set([
    ...study.scans.map(({ name }) => name),
    ...surfaces.map(({ scan }) => scan),
  ]);
  // A closer look at the later half of a path has the numbers of the path.
  for (const scan of study.scans) if (isCloserLook(scan, study)) scans.delete(scan.name);
  const training = tableOf(study, runs, runs, RUN_COLUMNS, {
    key: 'training',
    title: 'Training',
    notes: study.variants.flatMap((variant) => trainingNotes(variant, runs)),
  });
  const tables = [training, ...[...scans].flatMap((scan) => scanTables(study, results, scan))];
  return tables.filter((table) => table !== null);
}
