/**
 * How the terminal is spoken to: lines, tables, a progress line that rewrites itself where there is
 * a terminal. Nothing else writes there, so that no name of a file, and nothing that stands in one,
 * reaches a terminal as a command.
 */

import type { JobStatus } from '../../shared/contract';
import { toFault } from '../../shared/fault';
import { printable, shortened } from '../../shared/text';

/** Characters of a line, and of a cell in a table, where what they name is of absurd length. */
const MOST_LINE = 4000;
const MOST_CELL = 120;

/** One line, or several: a line break within one is spelt out. */
export type Lines = string | readonly string[];

const write = (stream: NodeJS.WriteStream, lines: Lines): void => {
  const all = typeof lines === 'string' ? [lines] : lines;
  stream.write(all.map((line) => `${shortened(printable(line), MOST_LINE)}\n`).join(''));
};

/** Says what was asked for. */
export const say = (lines: Lines): void => write(process.stdout, lines);

/** Says what is going on beside that. */
export const tell = (lines: Lines): void => write(process.stderr, lines);

/** Says a value to programs: whole, with what a terminal would obey escaped. */
export const sayJson = (value: unknown, indent = 2): void => {
  const lines = JSON.stringify(value, null, indent).split('\n').map(printable);
  process.stdout.write(`${lines.join('\n')}\n`);
};

/** Says what went wrong, and with `ISOCURVE_DEBUG` where in this program. */
export function complain(error: unknown): void {
  const { code, message } = toFault(error);
  tell(`isocurve: ${message}`);
  if (code !== 'internal' || process.env['ISOCURVE_DEBUG'] === undefined) return;
  tell(String((error as Error).stack ?? error).split('\n'));
}

/** A name in a column. */
export const cellText = (text: string): string => shortened(printable(text), MOST_CELL);

const isTerminal = (): boolean => process.stderr.isTTY === true;

/** `1:05` or `2:03:40`. */
export function clockText(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours, minutes, rest] = parts;
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** Columns as wide as their widest cell; numbers to the right, the first column to the left. */
export function tableLines(
  header: readonly string[],
  cells: readonly (readonly string[])[],
): string[] {
  const rows = cells.map((row) => row.map(cellText));
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [line(header), rule, ...rows.map(line)];
}

/**
 * The state of long work on standard error: one line that is rewritten, or a line now and then in a
 * log.
 */
export class ProgressLine {
  private shown = false;
  private lastPhase = '';
  private lastTenth = -1;

  update({ share, eta, phase, state }: Pick<JobStatus, 'share' | 'eta' | 'phase' | 'state'>): void {
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    const left = eta === null ? '' : `, ${clockText(eta)} left`;
    const text = printable(`${percent}  ${phase}${state === 'paused' ? ', paused' : left}`);
    if (isTerminal()) {
      const width = process.stderr.columns ?? 80;
      process.stderr.write(`\r\x1b[2K${text.slice(0, width - 1)}`);
      this.shown = true;
      return;
    }
    const tenth = Math.floor(share * 10);
    if (phase === this.lastPhase && tenth === this.lastTenth) return;
    this.lastPhase = phase;
    this.lastTenth = tenth;
    tell(text);
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[2K');
    this.shown = false;
  }
}
