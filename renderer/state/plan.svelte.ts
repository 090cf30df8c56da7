/** The study that is being planned: a file as it would be saved, checked as it is changed. */

import { toFault } from '../../shared/fault';
import { checkStudy, type Study, type StudyFile } from '../../shared/spec/study';
import { History } from './history.svelte';
import { problemOf, type Problem } from './plan-problem';

/** The draft survives a reload of the window. */
const KEPT = 'isocurve-plan';

export class PlanDraft {
  readonly history: History<StudyFile | null>;
  private readonly checked = $derived.by(() => this.check());
  /** The last plan without a fault. */
  private sound: Study | null = null;

  constructor() {
    this.history = new History(readKept());
  }

  get file(): StudyFile | null {
    return this.history.value;
  }

  /** The plan as a study; null while something is wrong with it. */
  get study(): Study | null {
    return this.checked.study;
  }

  /** What is wrong, in the words of the engine's own check; null: nothing. */
  get problem(): Problem | null {
    return this.checked.problem;
  }

  /** The plan, or what it was before something went wrong with it. */
  get lastSound(): Study | null {
    return this.checked.study ?? this.sound;
  }

  /** Starts from the first preset unless there is a draft already. */
  begin(presets: readonly StudyFile[]): void {
    const first = presets.find(({ name }) => name === 'skip') ?? presets[0];
    if (this.file === null && first !== undefined) this.history.reset(first);
  }

  /** Replaces parts of the plan; quick changes under one label undo together. */
  change(patch: Partial<StudyFile>, label: string): void {
    if (this.file === null) return;
    this.replace({ ...this.file, ...patch }, label);
  }

  replace(file: StudyFile, label: string): void {
    this.history.change(file, label);
    sessionStorage.setItem(KEPT, JSON.stringify(file));
  }

  private check(): { study: Study | null; problem: Problem | null } {
    const { file } = this;
    if (file === null) {
      return { study: null, problem: { text: 'No question has been chosen yet', at: null } };
    }
    try {
      this.sound = checkStudy(file, 'study');
      return { study: this.sound, problem: null };
    } catch (error) {
      const message = toFault(error).message.replace(/^study: /, '');
      return { study: null, problem: problemOf(message, file) };
    }
  }
}

function readKept(): StudyFile | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as StudyFile | null;
  } catch {
    return null;
  }
}
