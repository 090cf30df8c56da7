/**
 * How the terminal is spoken to: lines, tables, a progress line that rewrites itself where there is
 * a terminal.
 */

import type { JobStatus } from '../../shared/contract';

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

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
export function tableText(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [line(header), rule, ...rows.map(line)].join('\n');
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
    const text = `${percent}  ${phase}${state === 'paused' ? ', paused' : left}`;
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
    process.stderr.write(`${text}\n`);
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[2K');
    this.shown = false;
  }
}
