/** Which figures a study can have, and drawing them from the terminal. */

import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import { captionIn } from '../../../shared/figure/captions';
import { check } from '../../../shared/spec/check';
import { FigureSpec, type FigureKind } from '../../../shared/spec/figure';
import type { StudyResults } from '../../../shared/spec/results';
import type { GuardedPath } from '../../../shared/spec/place';
import { Drawer, type Format } from '../../host/draw';
import { replaceFile } from '../../native/drafts';
import type { Engine } from '../../host/engine-process';

/** The kinds that the surfaces and runs found so far allow. */
export function possibleFigures({ surfaces, runs }: StudyResults): FigureKind[] {
  const has = (test: (surface: StudyResults['surfaces'][number]) => boolean) => surfaces.some(test);
  const planes = has((s) => s.y !== null && s.trajectory === null);
  return [
    ...(planes ? (['surfaces', 'contours', 'heatmaps'] as const) : []),
    ...(has((s) => s.y === null) ? (['profiles'] as const) : []),
    // Imported weights have no past.
    ...(runs.some(({ summary }) => summary.step > 0) ? (['curves'] as const) : []),
    ...(has((s) => s.trajectory !== null) ? (['trajectories'] as const) : []),
  ];
}

/**
 * Draws `kinds` into `folder`/figures, each in the formats that `wanted` gives, with their captions
 * in one text beside them. Returns the files.
 * Where no browser can draw, JSON and HTML are still written and the fault is thrown after.
 */
export async function drawFigures(
  engine: Pick<Engine, 'call'>,
  folder: GuardedPath,
  kinds: readonly FigureKind[],
  wanted: (kind: FigureKind) => readonly Format[],
  options: Partial<FigureSpec> = {},
  into = join(folder, 'figures'),
): Promise<string[]> {
  const written: string[] = [];
  const captions: string[] = [];
  const needsBrowser = kinds.some((kind) =>
    wanted(kind).some((format) => format !== 'json' && format !== 'html'),
  );
  let drawer: Drawer | null = null;
  let missing: Fault | null = null;
  if (needsBrowser) {
    try {
      drawer = await Drawer.open();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      missing = error;
    }
  }
  try {
    for (const kind of kinds) {
      const spec = check(FigureSpec, { kind, ...options }, 'figure');
      const figure = await engine.call('figure/build', { folder, figure: spec });
      captions.push(`${kind}: ${captionIn(figure)}\n`);
      for (const format of wanted(kind)) {
        const path = join(into, `${kind}.${format}`);
        if (format === 'json' || format === 'html') Drawer.writePlain(figure, path, format);
        else if (drawer !== null) await drawer.draw(figure, path, format);
        else continue;
        written.push(path);
      }
    }
  } finally {
    await drawer?.close();
  }
  if (captions.length > 0) {
    const path = join(into, 'captions.txt');
    replaceFile(path, captions.join('\n'));
    written.push(path);
  }
  if (missing !== null) throw missing;
  return written;
}
