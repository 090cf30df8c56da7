/**
 * Paths of training: for each network the plane of its whole path and a closer look at the later
 * half, both at equal scales, the angles of its later steps to the isocurves, and q over training.
 */

import { CHANCE } from '../maths/crossing';
import { numberText } from '../maths/statistics';
import type { FigureSpec } from '../spec/figure';
import { isocurvesText, type WhichIsocurves } from '../spec/trajectory';
import { angleShares, type SeedCrossing } from './angles';
import { layHeadings } from './headings';
import { noteBelow } from './panels';
import { anglesPanel, coursePanel, NOTHING } from './path-curves';
import { layPaths, type PathLayout, type PathPanel } from './path-layout';
import { drawPath, type Drawn } from './path-plane';
import { crossingsOf, isocurvesShown, pathSources, type PathSource } from './path-sources';
import type { PlotlyFigure } from './plotly';
import type { FigureSources, SurfaceSource } from './sources';
import { labelOf, scanStatement, troubleOf, verdictStatement } from './statements';
import { baseLayout, typePixels } from './style';

/** A network's path with how its seeds cross the isocurves shown, and the other ones. */
interface Shown {
  readonly path: PathSource;
  readonly seeds: readonly SeedCrossing[];
  readonly other: readonly SeedCrossing[];
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

function detailOf(sources: FigureSources, { path, seeds }: Shown): string {
  const { result } = path.whole;
  const { explained, walkShares, residuals } = result.trajectory!;
  const trouble = troubleOf(sources.runs.find(({ run }) => run.id === result.run)!.run.summary);
  const shares = `PC1 ${percent(explained[0])}, PC2 ${percent(explained[1])}`;
  const walk = `(walk: ${percent(walkShares[0])}, ${percent(walkShares[1])})`;
  const off = `off plane ≤ ${numberText(Math.max(...residuals), 1)}`;
  const late = seeds.map(({ crossing }) => numberText(crossing.late, 2)).join(', ');
  return [
    `${shares}<br>${walk}`,
    `${off}${trouble === '' ? '' : `, ${trouble}`}`,
    ...(late === '' ? [] : [`late q ${late}`]),
  ].join('<br>');
}

/** Of the isocurves that are not shown, those with the same batch norm. */
const otherOf = ({ of, bn }: WhichIsocurves): WhichIsocurves => ({
  of: of === 'loss' ? 'objective' : 'loss',
  bn,
});

/** Without decay both isocurves are the same, and are drawn once. */
function shownOf(path: PathSource, which: WhichIsocurves): Shown {
  const [seeds, other] = [which, otherOf(which)].map((one) => crossingsOf(path, one));
  const isSame = seeds.every(({ crossing }, i) => crossing.late === other[i]?.crossing.late);
  return { path, seeds, other: isSame ? [] : other };
}

function noteOf(
  which: WhichIsocurves,
  { hasLate, hasAngles }: PathLayout,
  shown: readonly Shown[],
) {
  const isByGrid = shown.some(({ seeds }) => seeds.some(({ crossing }) => crossing.by === 'grid'));
  const hasBand = shown.some(({ seeds }) => seeds.length > 1);
  const hasOther = shown.some(({ other }) => other.length > 0);
  const whose = (one: WhichIsocurves) => (one.of === 'loss' ? 'loss' : 'loss + weight decay');
  return [
    'Planes show the loss; both axes have one scale. Isocurves lie at losses that the path passes, so that each plane has its own. Dots: checkpoints, projected; they do not lie in the plane. Walk: what a random walk gives.',
    ...(hasLate && hasAngles
      ? [
          `Arrows: red the step, blue downhill, the negative gradient of the ${whose(which)} at the checkpoint itself, projected.`,
        ]
      : []),
    ...(hasAngles
      ? [
          `Angles between a later step and the line downhill: 0° crosses the isocurves, 90° follows them; q is their |cos|, the mean over later steps of each seed above (${isocurvesText(which)}${isByGrid ? '; by differences on the grid' : ''}). Dotted: chance, for q ${numberText(CHANCE, 2)}.${hasBand ? ' Band: range over seeds.' : ''}`,
        ]
      : []),
    ...(hasOther ? [`Dashed: q of the ${whose(otherOf(which))}.`] : []),
  ].join(' ');
}

/** The highest bar of all panels, in percent; null: how the paths cross is not known. */
function highestShare(shown: readonly Shown[]): number | null {
  const shares = shown.flatMap(({ seeds }) => (seeds.length === 0 ? [] : angleShares(seeds)));
  return shares.length === 0 ? null : 100 * Math.max(...shares);
}

function drawnIn(
  { classes }: FigureSources,
  spec: FigureSpec,
  which: WhichIsocurves,
  { row, pixels }: PathPanel,
  { path, seeds, other }: Shown,
): Drawn {
  const size = typePixels(spec);
  const plane = ({ surface, result }: SurfaceSource, arrows: WhichIsocurves | null) =>
    drawPath(surface, result.trajectory!, {
      ...{ classes, colours: spec.colours, pixels, size, which: arrows },
    });
  switch (row) {
    case 'whole':
      return plane(path.whole, null);
    case 'late':
      return path.late === null ? NOTHING : plane(path.late, which);
    case 'angles':
      return anglesPanel(seeds);
    case 'q':
      return coursePanel(seeds, other, size);
    default:
      return row satisfies never;
  }
}

export function trajectoriesFigure(sources: FigureSources, spec: FigureSpec): PlotlyFigure {
  const which = isocurvesShown(sources.study, spec.isocurves);
  const shown = pathSources(sources, spec).map((path) => shownOf(path, which));
  const paths = shown.map(({ path }) => path);
  const headingsFor = (width: number) =>
    layHeadings(
      shown.map((one) => ({
        title: labelOf(sources, one.path.variant),
        detail: detailOf(sources, one),
      })),
      // A title may lean over the room beside its panel.
      width + (spec.heightMm === undefined ? 2 : 1) * typePixels(spec),
      spec,
    );
  const layout = layPaths(paths, highestShare(shown), spec, (w) => headingsFor(w).height);
  const headings = headingsFor(layout.width);
  const results = paths.flatMap(({ all }) => all.map(({ result }) => result));
  const variants = paths.map(({ variant }) => variant);
  const { panels, tops, rowTitles, axes, height, axesOf } = layout.place(headings.height);
  const said = {
    known: [scanStatement(results), verdictStatement(sources, results[0].scan, variants)],
    own: [...headings.left, noteOf(which, layout, shown)],
  };
  const note = noteBelow(said, spec, { left: layout.left, bottom: 0, body: height + 8 });
  const drawn = panels.map((panel, i) => {
    const { traces, annotations } = drawnIn(sources, spec, which, panel, shown[panel.index]);
    const { xaxis, yaxis } = axesOf(i);
    return {
      traces: traces.map((trace) => ({ ...trace, xaxis, yaxis })),
      annotations: annotations.map((one) => ({
        ...one,
        ...{ xref: xaxis, yref: yaxis },
        ...(one['showarrow'] === true ? { axref: xaxis, ayref: yaxis } : {}),
      })),
    };
  });
  return {
    data: drawn.flatMap(({ traces }) => traces),
    layout: {
      ...baseLayout(spec, height + note.height + 8, note.left),
      margin: { l: layout.left, r: layout.right, t: 4, b: note.height + 4, autoexpand: false },
      showlegend: false,
      bargap: 0,
      annotations: [
        ...headings.above(tops),
        ...rowTitles,
        ...drawn.flatMap(({ annotations }) => annotations),
        ...note.annotations,
      ],
      ...axes,
    },
  };
}
