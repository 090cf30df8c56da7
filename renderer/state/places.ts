/** Where each page was scrolled to: whoever comes back finds it there. */

// How far down, in pixels, by the name of the page.
const tops = new Map<string, number>();

/** Attached to what scrolls: keeps the place of `name` and goes back to it. */
export const keepsPlace = (name: string) => (element: HTMLElement) => {
  const wanted = tops.get(name) ?? 0;
  // What is drawn later makes the page longer: until then the place cannot be reached.
  const reach = () => {
    element.scrollTop = wanted;
    if (element.scrollTop >= wanted - 1) grows.disconnect();
  };
  const grows = new ResizeObserver(reach);
  const note = () => tops.set(name, element.scrollTop);
  const stop = () => grows.disconnect();
  if (wanted > 0) {
    for (const child of element.children) grows.observe(child);
    reach();
  }
  element.addEventListener('scroll', note, { passive: true });
  element.addEventListener('wheel', stop, { passive: true });
  return () => {
    grows.disconnect();
    element.removeEventListener('scroll', note);
    element.removeEventListener('wheel', stop);
  };
};
