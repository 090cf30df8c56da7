/**
 * What nobody caught in a host process: written to its log with the stack, said on the terminal and
 * to its windows, and never the end of what other windows do. Node would end the process, because
 * it cannot know what is left behind; here the numbers are computed by another process, files are
 * written before they are announced, and what a window holds it reads again from disk.
 */

import { printable } from '../../shared/text';
import { hostLog, writeLog } from './log';

export interface Accident {
  readonly message: string;
}

type Listener = (accident: Accident) => void;

/** Milliseconds within which the same accident is told once: some come in thousands. */
const AGAIN_MS = 60_000;
/** Accidents of different kinds that are remembered for that. */
const MOST_KINDS = 100;

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

export class Accidents {
  private readonly listeners = new Set<Listener>();
  private readonly told = new Map<string, number>();

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Never throws: what is told here has nowhere else to go. */
  report(error: unknown): void {
    try {
      const stack = textOf(error);
      if (this.isKnown(stack)) return;
      const reason = stack.split('\n')[0].slice(0, 200);
      const message = `something in Isocurve went wrong and was caught (${reason}); everything goes on, and ${hostLog()} says more`;
      this.each(() => writeLog(stack));
      this.each(() => void process.stderr.write(`isocurve: ${printable(message)}\n`));
      for (const listener of this.listeners) this.each(() => listener({ message }));
    } catch {
      // An error whose own text cannot be had.
    }
  }

  private isKnown(stack: string): boolean {
    const now = Date.now();
    const last = this.told.get(stack);
    if (last !== undefined && now - last < AGAIN_MS) return true;
    if (this.told.size >= MOST_KINDS) this.told.clear();
    this.told.set(stack, now);
    return false;
  }

  /** One that cannot be told keeps nobody else from hearing: a full disk, a window that is gone. */
  private each(tell: () => void): void {
    try {
      tell();
    } catch {
      // The others are told.
    }
  }
}

/**
 * Reports what nobody catches in this process, until the returned function is called. For processes
 * that serve windows; a command ends with a sentence and a code.
 */
export function catchAll(faults: NodeJS.EventEmitter, accidents: Accidents): () => void {
  const report = (error: unknown) => accidents.report(error);
  // A terminal that was closed can be told nothing, and says so whenever it is tried.
  const ignore = () => undefined;
  faults.on('uncaughtException', report).on('unhandledRejection', report);
  process.stderr.on('error', ignore);
  return () => {
    faults.off('uncaughtException', report).off('unhandledRejection', report);
    process.stderr.off('error', ignore);
  };
}
