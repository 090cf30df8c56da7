/** The same journeys through the real Electron, wherever its binary is. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { expect, test } from 'vitest';
import { findElectron } from '../../main/cli/commands/start';
import { ask, compare, lookCloser, watch } from './journeys';
import { PATIENCE } from './stage';

const binary = findElectron(join('node_modules', 'electron'));
const reason = 'no Electron binary is on this machine and none can be fetched';

test.skipIf(binary === null)(
  `the journeys play in Electron as they do in a browser (skipped where ${reason})`,
  async () => {
    const workspace = mkdtempSync(join(tmpdir(), 'isocurve-workspace-'));
    const config = mkdtempSync(join(tmpdir(), 'isocurve-config-'));
    const app = await _electron.launch({
      executablePath: binary!,
      args: ['.', '--workspace', workspace],
      env: { ...(process.env as Record<string, string>), ISOCURVE_CONFIG: config },
    });
    try {
      app.context().setDefaultTimeout(PATIENCE);
      const page = await app.firstWindow();
      // The hook that holds an engine is Node's; here the study lasts for minutes anyway.
      for (const play of [ask, watch, compare, lookCloser]) await play(page, null);
      expect(page.url()).toMatch(/^app:\/\/isocurve\//);
    } finally {
      await app.close();
    }
  },
  60 * 60_000,
);
