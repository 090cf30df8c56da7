/** Settings kept per user. A damaged file never stops the app: what is wrong falls back. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { Settings } from '../../shared/spec/host';
import { replaceFile } from '../native/drafts';
import { configFolder } from '../native/places';

/** The keys of `input` that check; the rest become their defaults. */
export function mendSettings(input: unknown): Settings {
  const defaults = v.parse(Settings, {});
  if (typeof input !== 'object' || input === null) return defaults;
  const sound = Object.entries(input).filter(([key, value]) => {
    const schema = Object.hasOwn(Settings.entries, key)
      ? Settings.entries[key as keyof Settings]
      : null;
    return schema !== null && v.safeParse(schema, value).success;
  });
  return v.parse(Settings, Object.fromEntries(sound));
}

export class SettingsFile {
  constructor(private readonly path = join(configFolder(), 'settings.json')) {}

  read(): Settings {
    if (!existsSync(this.path)) return mendSettings({});
    try {
      return mendSettings(JSON.parse(readFileSync(this.path, 'utf8')));
    } catch {
      return mendSettings({}); // not JSON: the file is replaced at the next change
    }
  }

  write(settings: Settings): void {
    replaceFile(this.path, `${JSON.stringify(settings, null, 2)}\n`);
  }
}
