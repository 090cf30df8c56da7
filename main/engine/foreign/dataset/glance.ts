/** What dataset lies at a path, in one sentence, without keeping any of it. */

import { Fault } from '../../../../shared/fault';
import { openBundle, type Bundle } from './bundle';
import { isTable } from './csv';
import { readFound } from './read';
import type { FoundDataset } from './samples';

function sizesOf({ format, inputShape, classes, train, test }: FoundDataset): string {
  const count = (labels: Int32Array) => labels.length.toLocaleString('en');
  const held = test === null ? '' : `, ${count(test.labels)} to test`;
  return `${format}: ${inputShape.join('×')}, ${classes} classes, ${count(train.labels)} to train${held}`;
}

/** Tables are not read to their end for a glance. */
const onlyTable = (bundle: Bundle): boolean => bundle.length === 1 && isTable(bundle[0]);

export interface Glance {
  readonly format: string;
  readonly verdict: string;
}

/** Null: it holds no dataset. */
export async function glanceAt(path: string): Promise<Glance | null> {
  try {
    const bundle = await openBundle(path);
    if (onlyTable(bundle)) return { format: 'a table', verdict: 'a table of numbers' };
    const found = await readFound(bundle, {});
    if (found === null) return null;
    return { format: found.format, verdict: sizesOf(found) };
  } catch (error) {
    // It is one, and leaves something open that its reader asks for.
    if (!(error instanceof Fault) || error.code !== 'bad-value') return null;
    return { format: 'a dataset', verdict: `a dataset, but ${error.message}` };
  }
}
