import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mendSettings, SettingsFile } from '../../main/host/settings-file';

const defaults = mendSettings({});

test('what is wrong in the settings falls back key by key, and the rest is kept', () => {
  expect(mendSettings({ theme: 'dark', unit: 'furlong', dpi: -1, strange: true })).toEqual({
    ...defaults,
    theme: 'dark',
  });
});

test('whatever the settings hold, the app gets settings', () => {
  fc.assert(
    fc.property(fc.anything(), (input) => void mendSettings(input)),
    { numRuns: 1000 },
  );
});

test('a settings file that is not JSON counts as none', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'isocurve-config-')), 'settings.json');
  writeFileSync(path, '{ "theme": ');
  expect(new SettingsFile(path).read()).toEqual(defaults);
});
