/** Names where there is little room: what sets them apart, without what all of them say. */

/** Ends of a word within a name. */
const WORDS = /(?<=[\s,;:/_–-])/;

/** How many words all begin with. */
function shared(names: readonly (readonly string[])[]): number {
  const shortest = Math.min(...names.map(({ length }) => length));
  let count = 0;
  while (count < shortest - 1 && names.every((name) => name[count] === names[0][count])) count++;
  return count;
}

/**
 * Each of `labels` without the words that all begin with: `ResNet-20, skips` and `ResNet-56, skips`
 * are `20, skips` and `56, skips`. One label alone, and labels that share no word, stay whole.
 */
export function shortLabels(labels: readonly string[]): string[] {
  if (labels.length < 2) return [...labels];
  const words = labels.map((label) => label.split(WORDS));
  const from = shared(words);
  return words.map((parts) => parts.slice(from).join(''));
}
