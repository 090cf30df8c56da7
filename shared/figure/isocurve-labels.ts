/** Where the losses of isocurves are written: on the curves, clear of the path and each other. */

import type { Surface } from '../spec/surface';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A text on a plane: its middle. */
export interface Label extends Point {
  readonly text: string;
}

/** Room that a label needs, in units of the axes, whose scales are equal. */
export interface LabelRoom {
  readonly perCharacter: number;
  readonly height: number;
}

/** Crossings of `level` with the lines of the grid, linear in the logarithm of the loss. */
function crossingsOf({ x, y, losses, measured }: Surface, level: number): Point[] {
  const rows = y!;
  const found: Point[] = [];
  const look = (a: number, b: number, from: Point, to: Point) => {
    const [low, high] = [losses[a], losses[b]];
    if (measured[a] !== 1 || measured[b] !== 1 || !(low > 0 && high > 0)) return;
    if (low < level === high < level || !Number.isFinite(low) || !Number.isFinite(high)) return;
    const share = Math.log(level / low) / Math.log(high / low);
    found.push({ x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) });
  };
  rows.forEach((at, row) =>
    x.forEach((across, column) => {
      const cell = row * x.length + column;
      const here = { x: across, y: at };
      if (column + 1 < x.length) look(cell, cell + 1, here, { x: x[column + 1], y: at });
      if (row + 1 < rows.length) look(cell, cell + x.length, here, { x: across, y: rows[row + 1] });
    }),
  );
  return found;
}

/** `0.0021`, `0.14`, `3.4`, `120`, `2e+4`: two digits. */
export const levelText = (level: number): string => {
  const rounded = Number(level.toPrecision(2));
  return rounded >= 1e4 || rounded < 1e-4 ? rounded.toExponential() : String(rounded);
};

const boxOf = ({ x, y, text }: Label, { perCharacter, height }: LabelRoom) => ({
  x,
  y,
  halfWidth: (text.length * perCharacter) / 2,
  halfHeight: height / 2,
});

/**
 * One label for each of `levels` that has room: of the places on its curve the one farthest from
 * the points `avoided`, from the `words` and the labels before it, inside the plane. Levels without
 * such a place have none.
 */
export function placeLabels(
  surface: Surface,
  levels: readonly number[],
  avoided: readonly Point[],
  words: readonly Label[],
  room: LabelRoom,
): Label[] {
  const { x } = surface;
  const y = surface.y!;
  const placed: Label[] = [];
  const clearance = (label: Label): number => {
    const { halfWidth, halfHeight } = boxOf(label, room);
    const sides = [
      label.x - x[0] - halfWidth,
      x[x.length - 1] - label.x - halfWidth,
      label.y - y[0] - halfHeight,
      y[y.length - 1] - label.y - halfHeight,
    ];
    const points = avoided.map((point) =>
      Math.max(Math.abs(point.x - label.x) - halfWidth, Math.abs(point.y - label.y) - halfHeight),
    );
    const labels = [...words, ...placed].map((other) => {
      const box = boxOf(other, room);
      return Math.max(
        Math.abs(box.x - label.x) - halfWidth - box.halfWidth,
        Math.abs(box.y - label.y) - halfHeight - box.halfHeight,
      );
    });
    // The frame is kept clear, not kept far from.
    const frame = Math.min(...sides);
    return frame < 0 ? -1 : Math.min(...points, ...labels);
  };
  for (const level of levels) {
    const text = levelText(level);
    let best: Label | null = null;
    let most = 0.15 * room.height;
    for (const point of crossingsOf(surface, level)) {
      const label = { ...point, text };
      const clear = clearance(label);
      if (clear > most) [best, most] = [label, clear];
    }
    if (best !== null) placed.push(best);
  }
  return placed;
}
