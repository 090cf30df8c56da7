/** The answer of a study in the terminal: its tables, and the verdicts. */

import { nameOfDataset } from '../../../shared/spec/dataset';
import type { StudyResults } from '../../../shared/spec/results';
import type { Study } from '../../../shared/spec/study';
import {
  headingOf,
  numberTables,
  type NumberTable,
  type TableRow,
} from '../../../shared/spec/tables';
import { verdictText } from '../../../shared/spec/verdict-text';
import { say, tableLines } from '../print';

const nameOf = ({ label, standing }: TableRow): string =>
  standing === '' ? label : `${label} (${standing})`;

function linesOf({ title, notes, columns, rows }: NumberTable): string[] {
  const lines = tableLines(
    ['network', ...columns.map(headingOf)],
    rows.map((row) => [nameOf(row), ...row.cells.map((cell) => cell.text)]),
  );
  return ['', title, ...notes.map((note) => `  ${note}`), ...lines];
}

/** Prints everything that the study found. */
export function printReport(study: Study, results: StudyResults): void {
  const count = study.seeds.length;
  const seeds = `${count} seed${count === 1 ? '' : 's'}${count > 1 ? ', mean ± standard error over seeds' : ''}`;
  say(['', study.question, `${nameOfDataset(study.dataset)}, ${seeds}`]);
  for (const table of numberTables(study, results)) say(linesOf(table));
  if (results.claims.length > 0) say(['', 'Verdicts']);
  for (const claim of results.claims) {
    const head = `${claim.claim}: ${verdictText(claim).toUpperCase()}, n = ${claim.seeds}`;
    say([`  ${head}`, ...[claim.because, ...claim.notes].map((line) => `    ${line}`)]);
  }
}
