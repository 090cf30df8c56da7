/** How near a page is looked at. */

/** One press of a key nearer or farther. */
export const ZOOM_STEP = 1.25;
const [LEAST, MOST] = [0.1, 8];

interface Size {
  readonly width: number;
  readonly height: number;
}

const kept = (zoom: number): number => Math.min(MOST, Math.max(LEAST, zoom));

/** The zoom at which all of `page` is seen in `room`; 1 where there is no room yet. */
export const fitting = (page: Size, room: Size): number =>
  room.width <= 0 || room.height <= 0
    ? 1
    : kept(Math.min(room.width / page.width, room.height / page.height));

/** `zoom` changed by `factor`, within what can be seen. */
export const nearer = (zoom: number, factor: number): number => kept(zoom * factor);

/** How many marks of a ruler come between two that have a number, so that numbers keep apart. */
export const marksBetween = (pixels: number): number => {
  const enough = [1, 2, 5, 10, 20, 50].find((count) => count * pixels >= 28);
  return enough ?? 100;
};
