/** The names that other programs give to tensors, brought to those of our networks. */

/** Rooms that wrappers put a whole network into (DataParallel, compile, Lightning, timm…). */
const WRAPPERS = /^(module|model|net|network|backbone|_orig_mod|resnet)\./;

/** What is counted and never computed with. */
export const isCounter = (name: string): boolean => name.endsWith('num_batches_tracked');

/** Removes the wrappers that all of `names` share. */
export function unwrapped(names: readonly string[]): string[] {
  const [first] = names;
  const match = first === undefined ? null : WRAPPERS.exec(first);
  if (match === null || !names.every((name) => name.startsWith(match[0]))) return [...names];
  return unwrapped(names.map((name) => name.slice(match[0].length)));
}

const PARTS: readonly (readonly [RegExp, string])[] = [
  [/\//g, '.'],
  [/\bdownsample\b/g, 'shortcut'],
  [/^(fc|classifier|head)\./, 'linear.'],
  [/\.(gamma)$/, '.weight'],
  [/\.(beta)$/, '.bias'],
  [/\.kernel$/, '.weight'],
  [/\.moving_mean$/, '.running_mean'],
  [/\.(moving_variance|running_var)$/, '.running_variance'],
];

/**
 * A name as our networks would have it; those that follow no known custom come back as they are.
 */
export const ourName = (name: string): string =>
  PARTS.reduce((text, [from, to]) => text.replace(from, to), name);
