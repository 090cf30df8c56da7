/** What of a comparison is seen at once: how high its panels may be, and where verdicts stand. */

import { tile, type Chrome } from '../../plot/tiling';

/** Beside the square of a panel: its title, axes, and two lines of words. */
export const PANEL_CHROME: Chrome = { width: 56, height: 112 };

/** A verdict at a glance: least pixels of width, pixels of height. */
export const GLANCE = { width: 380, height: 36 } as const;

/** Pixels of the colour bar with its space, of the page's sides, and around the panels. */
const [BAR, SIDES, BETWEEN] = [88, 48, 36];
/** How much smaller squares may be so that all that is said of verdicts is seen beside them. */
const WORTH = 0.85;

interface Given {
  /** Pixels of the page, its toolbar left out. */
  readonly width: number;
  readonly height: number;
  readonly panels: number;
  readonly claims: number;
  /** Pixels of height of the table of verdicts. */
  readonly verdicts: number;
}

/** Height for the panels, and whether verdicts are said at a glance, their table out of sight. */
export function sightOf({ width, height, panels, claims, verdicts }: Given) {
  const perLine = Math.max(1, Math.floor((width - SIDES + 24) / (GLANCE.width + 24)));
  const glance = claims === 0 ? 0 : Math.ceil(claims / perLine) * GLANCE.height + 30;
  const within = (reserved: number) => ({
    width: width - SIDES - BAR,
    height: height - BETWEEN - reserved,
  });
  const side = (reserved: number) => tile(panels, within(reserved), PANEL_CHROME).side;
  const fits = (reserved: number) =>
    tile(panels, within(reserved), PANEL_CHROME).height <= within(reserved).height;
  const isWhole = claims > 0 && fits(verdicts) && side(verdicts) >= WORTH * side(glance);
  return {
    height: within(isWhole ? verdicts : glance).height,
    glance: claims > 0 && !isWhole,
  };
}
