/** Every number of a figure as CSV: one line per point, the recipe in a comment above. */

import type { FigureSources } from '../../../shared/figure/sources';
import type { FigureSpec } from '../../../shared/spec/figure';

const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function curveLines({ runs }: FigureSources): string[] {
  const header = 'run,epoch,step,train_loss,train_accuracy,test_loss,test_accuracy';
  const lines = runs.flatMap(({ run, epochs }) =>
    epochs.map((e) =>
      [
        quote(run.id),
        e.epoch + 1,
        e.step,
        e.trainLoss,
        e.trainAccuracy,
        e.testLoss,
        e.testAccuracy,
      ].join(),
    ),
  );
  return [header, ...lines];
}

function surfaceLines({ surfaces }: FigureSources, wanted: (scan: string) => boolean): string[] {
  const header = 'surface,variant,seed,x,y,loss,accuracy,standard_error';
  const lines = surfaces
    .filter(({ result }) => wanted(result.scan))
    .flatMap(({ result, surface }) =>
      Array.from(surface.losses, (loss, cell) => {
        const column = cell % surface.x.length;
        const row = (cell - column) / surface.x.length;
        return [
          quote(result.id),
          quote(result.variant),
          result.seed,
          surface.x[column],
          surface.y?.[row] ?? '',
          loss,
          surface.accuracies[cell],
          surface.standardErrors[cell],
        ].join();
      }),
    );
  return [header, ...lines];
}

/** The scan that `figure` was built from, by its kind. */
export function toCsv(
  sources: FigureSources,
  spec: FigureSpec,
  scan: string | null,
  recipe: string,
): string {
  const chosen = {
    ...sources,
    runs: sources.runs.filter(({ run }) => spec.variants?.includes(run.variant) ?? true),
    surfaces: sources.surfaces.filter(
      ({ result }) => spec.variants?.includes(result.variant) ?? true,
    ),
  };
  const lines =
    spec.kind === 'curves' ? curveLines(chosen) : surfaceLines(chosen, (name) => name === scan);
  return `# ${recipe}\n${lines.join('\n')}\n`;
}
