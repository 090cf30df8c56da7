/**
 * What resuming does with parts that are finished: their files are held against the lists in their
 * manifests; what is missing and follows from the rest is written again; all else that differs is a
 * fault that names the file, so that nothing is measured from it.
 */

import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { WorkEvent } from '../../../shared/spec/events';
import type { FileRecord } from '../../../shared/spec/inventory';
import type { StudyContext } from './context';
import { recordsIn, troubleWith } from './inventory';
import { isDerived, readPart, wayOut } from './parts';

/**
 * Checks the files that `manifest` lists and returns those that are to be written again.
 * @throws Fault 'damaged' for the first that differs otherwise
 */
export async function* checkPart(
  { folder, signal }: StudyContext,
  manifest: string,
  name: string,
): AsyncGenerator<WorkEvent, FileRecord[]> {
  const missing: FileRecord[] = [];
  const records = recordsIn(readPart(manifest));
  if (records === null) return missing;
  yield { kind: 'checking', text: `checking ${name}` };
  for (const record of records) {
    const { path } = record;
    const found = await troubleWith(folder, record, signal);
    if (found === null) continue;
    if (found.trouble === 'missing' && isDerived(path)) {
      missing.push(record);
      continue;
    }
    const way = wayOut(path, found.trouble);
    throw new Fault('damaged', `${join(folder, path)} ${found.what}; ${way}`);
  }
  return missing;
}

/** @throws Fault 'damaged' when a file that was written again is not what it was */
export async function checkMended(
  { folder, signal }: StudyContext,
  manifest: string,
  records: readonly FileRecord[],
): Promise<void> {
  for (const record of records) {
    if ((await troubleWith(folder, record, signal)) === null) continue;
    throw new Fault(
      'damaged',
      `${join(folder, record.path)} was written again and is not what it was, as by another version of Isocurve; delete ${manifest}, and resuming writes all of this part`,
    );
  }
}
