/** Folders that are one network: which of their files stands for the rest. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { leadsOut } from './within';

const MOST_NOTE = 64 * 2 ** 10;

/** The newest of TensorFlow's checkpoints, by the note that lies beside them. */
function newestCheckpoint(folder: string): string | null {
  const note = join(folder, 'checkpoint');
  if (!existsSync(note) || leadsOut(folder, note)) return null;
  if (!statSync(note).isFile() || statSync(note).size > MOST_NOTE) return null;
  const named = /^model_checkpoint_path: "([^"\\/]+)"/m.exec(readFileSync(note, 'utf8'));
  return named === null ? null : `${named[1]}.index`;
}

/** The file in `folder` that names the others; null where none does. */
export function spokesman(folder: string): string | null {
  const known = ['saved_model.pb', 'model.json', newestCheckpoint(folder)];
  const index = readdirSync(folder).find((name) => name.endsWith('.safetensors.index.json'));
  const found = [...known, index ?? null].find(
    (name) =>
      name !== null && existsSync(join(folder, name)) && !leadsOut(folder, join(folder, name)),
  );
  return found == null ? null : join(folder, found);
}
