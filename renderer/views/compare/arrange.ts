/** Small multiples by factor: a row for each of its values, the other factors along the row. */

import { settingsOf } from '../../../shared/spec/differences';
import type { Study } from '../../../shared/spec/study';
import type { Panel } from './choose';

export interface Row {
  /** `depth 32`; empty where no factor makes rows. */
  readonly title: string;
  /** Null where the study has no such network, or nothing of it is measured. */
  readonly panels: readonly (Panel | null)[];
}

/** `model.depth` as it is said. */
export const factorName = (key: string): string => key.replace(/^[^.]*\./, '');

/** Settings in which the variants differ: what rows can be made of. Two at least are needed. */
export function factorsOf(study: Pick<Study, 'variants'>): string[] {
  const keys = settingsOf(study).flatMap(({ key, differs }) => (differs ? [key] : []));
  return keys.length > 1 ? keys : [];
}

/** Panels in one row, or in a row for each value of `factor`. */
export function arrange(
  study: Pick<Study, 'variants'>,
  panels: readonly Panel[],
  factor: string | null,
): Row[] {
  const factors = settingsOf(study).filter(({ differs }) => differs);
  const chosen = factors.find(({ key }) => key === factor);
  if (chosen === undefined) return [{ title: '', panels }];
  const others = factors.filter(({ key }) => key !== factor);
  const columnOf = (index: number) => others.map(({ values }) => values[index]).join('|');
  const columns = [...new Set(panels.map(({ index }) => columnOf(index)))];
  const values = [...new Set(panels.map(({ index }) => chosen.values[index]))];
  return values.map((value) => ({
    title: `${factorName(chosen.key)} ${value}`,
    panels: columns.map(
      (column) =>
        panels.find(({ index }) => chosen.values[index] === value && columnOf(index) === column) ??
        null,
    ),
  }));
}
