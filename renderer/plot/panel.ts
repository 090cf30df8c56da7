/** One surface as a chart for the screen; all panels beside each other share a colour axis. */

import { heights, type ColourAxis } from '../../shared/figure/colour-axis';
import { drawPath, type Drawn as DrawnPath } from '../../shared/figure/path-plane';
import type { JsonObject } from '../../shared/figure/plotly';
import { pathMarks, planeMarks } from '../../shared/figure/plane-marks';
import { capped } from '../../shared/figure/surfaces';
import type { SurfaceHead, Surface } from '../../shared/spec/surface';
import type { FigureSpec } from '../../shared/spec/figure';
import type { Trajectory, WhichIsocurves } from '../../shared/spec/trajectory';
import type { Camera } from '../state/view';
import { AT_ONCE, thin } from './detail.svelte';
import { screenAxis, screenLayout } from './layout';
import type { Trace } from './plotly';
import { chartColours } from './theme.svelte';

/** What a panel draws: a surface that need not be whole. */
export interface PanelSource {
  readonly head: SurfaceHead;
  readonly surface: Surface;
  readonly version: number;
}

type Mode = 'contour' | 'heatmap' | 'surface';

export interface PanelOptions {
  readonly mode: Mode;
  readonly scale: ColourAxis;
  /** What training passed on its plane; null: it is no such plane, or is still measured. */
  readonly path: PathOptions | null;
  /** What else lies on the plane: the paths that share it. */
  readonly shared?: readonly JsonObject[];
}

/** How a path is drawn: with isocurves of its own, not on the scale that panels share. */
export interface PathOptions {
  readonly path: Trajectory;
  readonly classes: number | null;
  readonly colours: FigureSpec['colours'];
  /** The isocurves that arrows of downhill are of; null: there are no arrows. */
  readonly which: WhichIsocurves | null;
}

const colouring = ({ scale }: PanelOptions): Trace => ({
  colorscale: scale.colours,
  zmin: scale.low,
  zmax: scale.high,
  cmin: scale.low,
  cmax: scale.high,
  showscale: false,
});

function mainTrace(surface: Surface, options: PanelOptions): Trace {
  const z = heights({ surface }, options.scale);
  const common = { x: surface.x, y: surface.y, z, ...colouring(options), hoverinfo: 'none' };
  switch (options.mode) {
    case 'heatmap':
      return { ...common, type: 'heatmap', zsmooth: false };
    case 'contour':
      return {
        ...common,
        type: 'contour',
        autocontour: false,
        connectgaps: false,
        contours: { ...options.scale.contours, coloring: 'fill' },
        line: { width: 0.5, color: 'rgba(0,0,0,0.4)' },
      };
    case 'surface':
      return {
        ...common,
        ...capped(z, options.scale),
        type: 'surface',
        contours: {
          x: { highlight: false },
          y: { highlight: false },
          z: {
            show: true,
            usecolormap: false,
            color: 'rgba(0,0,0,0.25)',
            width: 1,
            highlight: false,
            ...options.scale.contours,
          },
        },
      };
    default:
      return options.mode satisfies never;
  }
}

/** Pixels of a panel of usual size, and of the words on it. */
const PANEL = { width: 320, height: 320 } as const;
const WORDS = 10;

const paths = new WeakMap<Trajectory, { readonly key: string; readonly drawn: DrawnPath }>();

/** A path over its plane; the very same while nothing of it changes. */
function pathOver(surface: Surface, { path, ...look }: PathOptions): DrawnPath {
  const key = JSON.stringify(look);
  const known = paths.get(path);
  if (known?.key === key) return known.drawn;
  const { traces, annotations } = drawPath(surface, path, { ...look, pixels: PANEL, size: WORDS });
  // What is skipped has no cursor.
  const heard = traces.map((trace) =>
    trace['type'] === 'contour' ? { ...trace, hoverinfo: 'none' } : trace,
  );
  const drawn = { traces: heard, annotations: annotations.map(onAxes) };
  paths.set(path, { key, drawn });
  return drawn;
}

/** What is said on a chart, in units of its axes. */
const onAxes = (said: JsonObject): JsonObject => ({
  ...said,
  ...{ xref: 'x', yref: 'y' },
  ...(said['showarrow'] === true ? { axref: 'x', ayref: 'y' } : {}),
});

/** What was drawn last of a surface, and from what. */
interface Drawn {
  readonly version: number;
  readonly options: PanelOptions;
  readonly whole: boolean;
  readonly traces: readonly Trace[];
}
const drawn = new WeakMap<Surface, Partial<Record<Mode, Drawn>>>();

/** What is marked over a plane; the marks of its cells wait until it is drawn whole. */
function marksOver(source: PanelSource, options: PanelOptions, shown: Surface): Trace[] {
  if (options.mode === 'surface') return [];
  const { surface, head } = source;
  if (options.shared !== undefined) return [...pathMarks(surface), ...options.shared];
  if (shown !== surface || head.kind === 'principal') return pathMarks(surface);
  return planeMarks(surface, heights({ surface }, options.scale), options.scale, {
    logarithmic: head.bn === 'frozen',
    stepwise: options.mode === 'heatmap',
  });
}

/** The traces of a panel; the very same ones while neither the surface nor the options change. */
export function panelTraces(
  source: PanelSource,
  options: PanelOptions,
  whole: boolean,
): readonly Trace[] {
  const modes = drawn.get(source.surface) ?? {};
  const known = modes[options.mode];
  const isLast = known?.version === source.version && known.options === options;
  if (isLast && (known.whole || !whole)) return known.traces;
  const shown = whole ? source.surface : thin(source.surface, AT_ONCE);
  const traces =
    options.path !== null && options.mode !== 'surface'
      ? pathOver(source.surface, options.path).traces
      : [mainTrace(shown, options), ...marksOver(source, options, shown)];
  const isWhole = shown === source.surface;
  modes[options.mode] = { version: source.version, options, whole: isWhole, traces };
  drawn.set(source.surface, modes);
  return traces;
}

/** `next`, or `before` where they would draw the same: charts follow identity. */
export const steady = (before: ColourAxis | null, next: ColourAxis): ColourAxis =>
  before !== null &&
  before.low === next.low &&
  before.high === next.high &&
  before.title === next.title &&
  before.guessing === next.guessing &&
  before.layout['colorscale'] === next.layout['colorscale']
    ? before
    : next;

export function panelLayout(
  { head, surface }: PanelSource,
  options: PanelOptions,
  camera: Camera,
): Trace {
  const { soft, line, ink } = chartColours();
  const isPath = head.kind === 'principal';
  const titles = isPath ? ['PC 1', 'PC 2'] : ['α', 'β'];
  const range = (values: readonly number[]) => [values[0], values[values.length - 1]];
  if (options.mode !== 'surface') {
    return screenLayout({
      margin: { l: 48, r: 8, t: 10, b: 38 },
      xaxis: screenAxis(titles[0], {
        showgrid: false,
        range: range(head.x),
        constrain: 'domain',
      }),
      yaxis: screenAxis(titles[1], {
        showgrid: false,
        range: range(head.y!),
        // Both axes have one unit, and angles are seen as they are.
        scaleanchor: 'x',
        constrain: 'domain',
      }),
      ...(options.path === null
        ? {}
        : { annotations: pathOver(surface, options.path).annotations }),
      dragmode: 'zoom',
    });
  }
  const axis = (text: string) => ({
    title: { text, font: { color: soft } },
    showbackground: false,
    showspikes: false,
    zeroline: false,
    gridcolor: line,
    color: ink,
    nticks: 4,
  });
  return screenLayout({
    margin: { l: 0, r: 0, t: 0, b: 0 },
    scene: {
      camera,
      // The camera is shared: whoever turned it, all follow.
      uirevision: JSON.stringify(camera),
      aspectmode: 'manual',
      aspectratio: { x: 1, y: 1, z: 0.7 },
      xaxis: axis(titles[0]),
      yaxis: axis(titles[1]),
      zaxis: {
        ...axis('L'),
        range: [options.scale.low, options.scale.high],
        ...options.scale.ticks,
      },
    },
  });
}
