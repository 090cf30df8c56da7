/** What every part of a study's work shares. */

import type { Study } from '../../../shared/spec/study';
import type { Backend } from '../backend/start';
import type { Dataset } from '../dataset/dataset';
import type { Layout } from '../workspace';

export interface StudyContext {
  readonly study: Study;
  readonly folder: string;
  readonly layout: Layout;
  readonly dataset: Dataset;
  readonly backend: Backend;
  readonly signal: AbortSignal;
}
