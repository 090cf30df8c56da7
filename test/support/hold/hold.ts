/**
 * Work that stands still where a test wants it to, however fast or slow the machine is: the engine
 * is started with a hook that stops its job after a chosen event.
 */

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkEngine, type Spawn } from '../../../main/host/engine-process';
import type { StudyEvent } from '../../../shared/spec/events';

const hook = new URL('hook.mjs', import.meta.url).href;

export class Hold {
  private readonly file = join(mkdtempSync(join(tmpdir(), 'isocurve-hold-')), 'hold');
  private count = 0;

  /** Variables under which whatever engine a process starts is held. */
  get env(): { NODE_OPTIONS: string; ISOCURVE_TEST_HOLD: string } {
    return { NODE_OPTIONS: `--import ${hook}`, ISOCURVE_TEST_HOLD: this.file };
  }

  /** Starts an engine that is held. */
  readonly spawn: Spawn = (entry, env, log, flags) =>
    forkEngine(entry, { ...env, ...this.env }, log, flags);

  /**
   * From now on work stands still once it has told of the `nth` event of this kind, in every
   * process anew, until it is asked for something else. `of`: only of runs or surfaces in whose
   * name this stands.
   */
  at(kind: Exclude<StudyEvent['kind'], 'progress'>, { nth = 1, of = '' } = {}): void {
    const draft = `${this.file}.next`;
    writeFileSync(draft, `${kind} ${of} ${nth} ${this.count++}`);
    // Whoever reads it meanwhile reads the old one or the new one.
    renameSync(draft, this.file);
  }

  /** Lets work go on to its end. */
  letGo(): void {
    rmSync(this.file, { force: true });
  }
}
