/** What is said of a plane around a network: its roughness, what its range hides, its marks. */

import { numberText } from '../maths/statistics';
import type { VariantSurfaces } from './choose';
import type { ColourAxis } from './colour-axis';
import { shareAbove } from './plane-marks';
import type { FigureSources } from './sources';
import { metricStatement, trainingStatement } from './statements';

/** The lines under a panel's title. */
export function planeDetail(
  sources: FigureSources,
  { shown, all }: VariantSurfaces,
  scale: ColourAxis,
): string {
  // Around three checkpoints there is no one network to be told of.
  if (shown.result.shared !== undefined) return '';
  const said = `${trainingStatement(sources, shown.result)}<br>${metricStatement(all.map(({ result }) => result))}`;
  const above = shareAbove(shown.surface, scale);
  if (above === 0) return said;
  const share = above < 0.005 ? 'under 1 %' : `${(100 * above).toFixed(0)} %`;
  return `${said}, ${share} above ${numberText(scale.cap!, 2)}`;
}

/** What the marks on a plane mean, after `start`. */
export function marksLegend(scale: ColourAxis, classes: number | null, start: string): string {
  const said = [
    start,
    scale.cap === null ? '' : ` grey, hatched: above ${numberText(scale.cap, 2)};`,
    scale.guessing === null ? '' : ` thick line: ln ${classes}, the loss of guessing;`,
    ' white +: the network; red dots: misaligned cells, where descent leads away from it;',
    ' red crosses: overflow.',
  ];
  return said.join('');
}
