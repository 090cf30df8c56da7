/**
 * Folders that are one network, where one file stands for the rest, and folders of several
 * checkpoints.
 */

import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { seriesIn } from '../../../shared/foreign/series';
import { leadsOut } from './within';

const MOST_NOTE = 64 * 2 ** 10;
/** How files of weights end; whether they are, each tells by its content. */
const WEIGHTS = /\.(pt|pth|ckpt|t7|safetensors|keras|h5|hdf5|npz|index)$/i;
const { compare } = new Intl.Collator('en', { numeric: true });

/** The newest of TensorFlow's checkpoints, by the note that lies beside them. */
function newestCheckpoint(folder: string): string | null {
  const note = join(folder, 'checkpoint');
  if (!existsSync(note) || leadsOut(folder, note)) return null;
  if (!statSync(note).isFile() || statSync(note).size > MOST_NOTE) return null;
  const named = /^model_checkpoint_path: "([^"\\/]+)"/m.exec(readFileSync(note, 'utf8'));
  return named === null ? null : `${named[1]}.index`;
}

/**
 * The files of weights in `folder`, as people count: `epoch_2` before `epoch_10`. Links are left
 * out.
 */
export const weightsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.') && WEIGHTS.test(name))
    .filter((name) => lstatSync(join(folder, name)).isFile())
    .sort(compare);

/** The file in `folder` that names the others; null where none does. */
export function spokesman(folder: string): string | null {
  // Checkpoints that make up a series are more than the newest of them.
  const newest =
    seriesIn(weightsIn(folder), (name) => name).length > 0 ? null : newestCheckpoint(folder);
  const known = ['saved_model.pb', 'model.json', newest];
  const index = readdirSync(folder).find((name) => name.endsWith('.safetensors.index.json'));
  const found = [...known, index ?? null].find(
    (name) =>
      name !== null && existsSync(join(folder, name)) && !leadsOut(folder, join(folder, name)),
  );
  return found == null ? null : join(folder, found);
}
