/** The theme as charts need it: colours that change with it. Exported figures do not use this. */

import { SERIES } from '../../shared/figure/style';
import type { Settings } from '../../shared/spec/host';

type Shade = 'light' | 'dark';

const system = window.matchMedia('(prefers-color-scheme: dark)');

class Theme {
  asked: Settings['theme'] = $state('system');
  private systemDark = $state(system.matches);
  readonly shade: Shade = $derived(
    this.asked === 'system' ? (this.systemDark ? 'dark' : 'light') : this.asked,
  );

  constructor() {
    system.addEventListener('change', () => (this.systemDark = system.matches));
  }
}

export const theme = new Theme();

const TOKENS = {
  light: { ink: '#1a1b1d', soft: '#595b60', line: '#dcdcd8', ground: '#fbfbfa', raised: '#ffffff' },
  dark: { ink: '#e9e9e7', soft: '#a9abb0', line: '#34363b', ground: '#17181a', raised: '#1e1f22' },
} as const;

export const chartColours = () => TOKENS[theme.shade];

/** Okabe–Ito's dark blue and black are too dark on a dark ground. */
const ON_DARK = new Map([
  ['#0072b2', '#4aa3df'],
  ['#000000', '#e9e9e7'],
]);

/** The colour of the variant at this place of the study. */
export function seriesColour(index: number): string {
  const colour = SERIES[index % SERIES.length];
  return theme.shade === 'dark' ? (ON_DARK.get(colour) ?? colour) : colour;
}
