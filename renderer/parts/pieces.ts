/** Which rows of a long list are drawn: those in sight; gaps stand for the others. */

export type Piece =
  | { readonly kind: 'row'; readonly index: number }
  | { readonly kind: 'gap'; readonly id: string; readonly height: number };

/**
 * The rows that reach into `top` … `bottom` of the list, and the row `kept` wherever it is, with
 * gaps as high as what is left out. All numbers are pixels.
 */
export function piecesOf(
  heights: readonly number[],
  top: number,
  bottom: number,
  kept: number | null = null,
): Piece[] {
  const pieces: Piece[] = [];
  let [from, gap] = [0, 0];
  const close = () => {
    // Named by what comes before, so that a gap that grows is the same gap.
    const last = pieces[pieces.length - 1];
    const id = last?.kind === 'row' ? (last.index === kept ? 'after kept' : 'after') : 'before';
    if (gap > 0) pieces.push({ kind: 'gap', id: `gap ${id}`, height: gap });
    gap = 0;
  };
  heights.forEach((height, index) => {
    const isSeen = from < bottom && from + height > top;
    from += height;
    if (!isSeen && index !== kept) {
      gap += height;
      return;
    }
    close();
    pieces.push({ kind: 'row', index });
  });
  close();
  return pieces;
}
