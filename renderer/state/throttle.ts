/** Few redraws from many changes. */

/**
 * Calls `work` soon after `ask`, and at most every `interval` milliseconds: the first change shows
 * at
 * once, the last one always.
 */
export function throttled(work: () => void, interval: number): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last = -Infinity;
  return function ask() {
    if (timer !== null) return;
    const wait = Math.max(0, last + interval - performance.now());
    timer = setTimeout(() => {
      timer = null;
      last = performance.now();
      work();
    }, wait);
  };
}
