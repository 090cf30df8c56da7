/** Finds the network behind a cell of a study's surface and opens it. */

import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { CellReport } from '../../../shared/spec/cell';
import { buildModel } from '../model/build';
import { openCell } from '../surface/cell';
import { buildEvaluationSet } from '../surface/evaluation-set';
import type { StudyContext } from './context';
import { planScan } from './spans';
import { readSurfaceHead } from './surface-files';

/**
 * The network at coordinates `at` of `surface`, measured on the surface's own images.
 * @throws Fault 'not-found' or 'bad-value'
 */
export async function openCellOf(
  context: Omit<StudyContext, 'signal'>,
  surface: string,
  at: readonly number[],
): Promise<CellReport> {
  const { study, dataset, folder } = context;
  const head = readSurfaceHead(join(folder, 'surfaces', surface));
  if (head === null) throw new Fault('not-found', `${folder} has no surface '${surface}'`);
  if (head.origin !== undefined) {
    throw new Fault(
      'bad-value',
      `'${surface}' was measured elsewhere (${head.origin}); there is no network here to open`,
    );
  }
  const scan = study.scans.find(({ name }) => name === head.scan);
  const variant = study.variants.find(({ name }) => name === head.variant);
  if (scan === undefined || variant === undefined) {
    throw new Fault('not-found', `'${surface}' is of a scan that this study no longer asks for`);
  }
  const axes = head.y === null ? 1 : 2;
  if (at.length !== axes) {
    throw new Fault('bad-value', `'${surface}' has ${axes} axes; got ${at.length} coordinates`);
  }
  const model = buildModel(variant.model, dataset);
  const scanned = { run: head.run, variant: head.variant, seed: head.seed, model };
  const plans = await planScan({ ...context, signal: new AbortController().signal }, scan, scanned);
  const plan = plans.find(({ id }) => id === surface);
  if (plan === undefined) throw new Fault('not-found', `the directions of '${surface}' are gone`);
  const mode = scan.bn === 'batch' ? 'batch' : 'frozen';
  const set = buildEvaluationSet(dataset, scan.split, scan.subset, mode === 'batch');
  try {
    const { split, images } = head;
    return openCell(dataset, model, set, { surface, at, span: plan.span, mode, split, images });
  } finally {
    set.dispose();
  }
}
