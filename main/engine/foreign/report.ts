/** What is said of a file before anything is done with it. */

import { guessArchitecture, type ArchitectureGuess } from '../../../shared/foreign/guess';
import { isCounter } from '../../../shared/foreign/names';
import { shortened } from '../../../shared/text';
import { isWeighted } from '../../../shared/spec/layers';
import type { ForeignSurface } from '../../../shared/spec/foreign-surface';
import type { FileKind, FileReport, TensorEntry } from '../../../shared/spec/foreign';
import type { Identified } from './identify';
import type { Source } from './source';
import { countOf, type ForeignTensor } from './tensors';

/** Characters in which a file says why its network is none. */
const MOST_REASON = 300;

/** Numbers that are NaN or infinite. */
function oddIn(tensor: ForeignTensor): number {
  const values = tensor.read();
  let odd = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) odd++;
  return odd;
}

const entryOf = (tensor: ForeignTensor): TensorEntry => ({
  name: tensor.name,
  shape: tensor.shape,
  dtype: tensor.dtype,
  odd: oddIn(tensor),
});

/** What can be done with each kind in a terminal. */
export const WAYS: Readonly<Record<FileKind, string>> = {
  checkpoint: "scan around it: 'isocurve scan FILE'",
  collection: "scan around them, or around the last of a series: 'isocurve scan FOLDER'",
  dataset: "take it in: 'isocurve dataset add PATH'",
  directions: "scan a network along it: 'isocurve scan CHECKPOINT --directions FILE'",
  surface: "show it beside others: 'isocurve beside STUDY FILE'",
  study: "run it: 'isocurve compare FILE'",
  figure: 'drop it on the window to come back to its study',
  other: '',
};

function pointsOf({ x, y, losses }: ForeignSurface): string {
  const finite = losses.filter((loss) => Number.isFinite(loss));
  const size = y === null ? `a line of ${x.length} points` : `${x.length}×${y.length} points`;
  const reach = (values: readonly number[]) =>
    values.map((value) => value.toPrecision(4)).join(' to ');
  const ends = finite.reduce(
    ([least, most], loss) => [Math.min(least, loss), Math.max(most, loss)],
    [Infinity, -Infinity],
  );
  return `${size}, losses ${reach(ends)}${finite.length < losses.length ? `, ${losses.length - finite.length} not finite` : ''}`;
}

/** What the file says of itself goes before what its names and shapes tell. */
function guessOf(
  { network }: Identified,
  entries: readonly TensorEntry[],
): ArchitectureGuess | null {
  if (network === undefined || typeof network === 'string') return guessArchitecture(entries);
  const { input, layers } = network;
  const count = layers.filter(isWeighted).length;
  const last = layers.findLast(isWeighted);
  const classes = last?.kind === 'dense' ? last.units : null;
  const says = `its own network of ${count} layers with weights, for ${(input ?? []).join('×')}`;
  return { model: network, classes, channels: input?.[2] ?? null, says, open: '' };
}

function verdictOf(found: Identified, entries: readonly TensorEntry[]): string {
  const { kind, format, surface } = found;
  if (surface !== undefined) return `${format}: ${pointsOf(surface)}`;
  if (kind !== 'checkpoint') return format;
  const numbers = entries
    .filter(({ name }) => !isCounter(name))
    .reduce((sum, { shape }) => sum + (countOf(shape) ?? 0), 0);
  const odd = entries.reduce((sum, entry) => sum + entry.odd, 0);
  const guess = guessOf(found, entries);
  const network =
    typeof found.network === 'string'
      ? `its own network cannot be taken: ${shortened(found.network, MOST_REASON)}`
      : guess === null
        ? 'a network that names and shapes do not tell'
        : guess.says;
  const broken = odd === 0 ? '' : `; ${odd} of them are NaN or infinite`;
  const plural = entries.length === 1 ? 'tensor' : 'tensors';
  return `${format}: ${entries.length} ${plural}, ${numbers.toLocaleString('en')} numbers${broken}; ${network}`;
}

/** Reads every number once and says what there is. @throws Fault 'damaged' */
export function reportOf(source: Source, found: Identified): FileReport {
  const tensors = found.tensors.map(entryOf);
  return {
    name: source.name,
    bytes: source.size,
    kind: found.kind,
    format: found.format,
    verdict: verdictOf(found, tensors),
    way: WAYS[found.kind],
    tensors,
    guess: found.kind === 'checkpoint' ? guessOf(found, tensors) : null,
    parts: found.beside?.parts ?? [],
  };
}
