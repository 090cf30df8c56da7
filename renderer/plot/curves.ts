/** Training curves of all variants as a chart for the screen. */

import { DASHES, translucent } from '../../shared/figure/style';
import type { LiveRun, StudySession } from '../state/study.svelte';
import type { ViewState } from '../state/view';
import { decimate, smooth } from './decimate';
import { logAxis, screenAxis, screenLayout } from './layout';
import type { Trace } from './plotly';
import { seriesColour } from './theme.svelte';

type WatchView = ViewState['watch'];

export const curveNames: Readonly<Record<WatchView['curve'], string>> = {
  loss: 'loss',
  accuracy: 'accuracy, %',
  rate: 'learning rate',
  gradientNorm: 'gradient norm ‖∇L‖',
  weightNorm: 'weight norm ‖θ‖',
};

/** Stretches of a curve, two points each: what half a screen can show. */
const BUCKETS = 300;

interface Style {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
}

const line = (style: Style, x: ArrayLike<number>, y: ArrayLike<number>, extra: Trace = {}) => ({
  type: 'scatter',
  mode: 'lines',
  name: style.name,
  x,
  y,
  line: { color: style.colour, dash: style.dash, width: 1.75 },
  hovertemplate: `${style.name}<br>%{x}: %{y:.4g}<extra></extra>`,
  ...extra,
});

/** The values per step: raw in pale behind the smoothed. */
function stepTraces(run: LiveRun, view: WatchView, style: Style): Trace[] {
  if (view.curve === 'accuracy') return [];
  const values = run.steps.values(view.curve);
  const plain = decimate(values, BUCKETS);
  const smoothes = view.smoothing > 0 && view.curve !== 'rate';
  if (!smoothes) return [line(style, plain.x, plain.y)];
  const mean = decimate(smooth(values, view.smoothing), BUCKETS);
  return [
    line({ ...style, colour: translucent(style.colour, 0.3), dash: 'solid' }, plain.x, plain.y, {
      hoverinfo: 'skip',
      hovertemplate: null,
    }),
    line(style, mean.x, mean.y),
  ];
}

/** Training and test values after each epoch; the test set's are the thicker ones. */
function epochTraces({ epochs }: LiveRun, view: WatchView, style: Style): Trace[] {
  const x = epochs.map(({ epoch }) => epoch + 1);
  const dots = { mode: 'lines+markers', marker: { size: 4, color: style.colour } };
  const pair = (train: number[], test: number[]) => [
    line({ ...style, name: `${style.name}, train`, dash: 'dot' }, x, train, dots),
    line({ ...style, name: `${style.name}, test` }, x, test, dots),
  ];
  if (view.curve === 'accuracy') {
    return pair(
      epochs.map((epoch) => 100 * epoch.trainAccuracy),
      epochs.map((epoch) => 100 * epoch.testAccuracy),
    );
  }
  return pair(
    epochs.map((epoch) => epoch.trainLoss),
    epochs.map((epoch) => epoch.testLoss),
  );
}

/** Accuracy is known per epoch only, rates and norms per step only. */
export const axisFor = ({ curve, axis }: WatchView): WatchView['axis'] =>
  curve === 'accuracy' ? 'epoch' : curve === 'loss' ? axis : 'step';

/** The traces of the variants that `shows` picks. */
export function curveTraces(
  session: StudySession,
  view: WatchView,
  shows: (variant: string) => boolean,
): Trace[] {
  return session.study.variants.flatMap(({ name, label }, i) => {
    if (!shows(name)) return [];
    const runs = session.runsOf(name);
    return runs.flatMap((run) => {
      const style = {
        name: runs.length > 1 ? `${label}, seed ${run.seed}` : label,
        colour: seriesColour(i),
        dash: DASHES[i % DASHES.length],
      };
      return axisFor(view) === 'step'
        ? stepTraces(run, view, style)
        : epochTraces(run, view, style);
    });
  });
}

export function curveLayout(view: WatchView, narrow: boolean): Trace {
  const log = view.log && view.curve !== 'accuracy';
  return screenLayout({
    xaxis: screenAxis(axisFor(view), { rangemode: 'tozero' }),
    yaxis: screenAxis(curveNames[view.curve], log ? logAxis(narrow) : {}),
    hovermode: 'closest',
  });
}
