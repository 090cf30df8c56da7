/** `export`: a run's weights or a surface in the format of another program. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { ChooseOptions } from '../../native/choose';
import { usersOwn } from '../../native/paths';
import { withEngine } from '../engine';
import { say } from '../print';

export interface ExportFlags {
  run?: string;
  surface?: string;
  format: string;
  out?: string;
  backend?: ChooseOptions['build'];
}

/** `isocurve export FOLDER --run ID --format pt` */
export async function exportCommand(folder: string, flags: ExportFlags): Promise<number> {
  const { run, surface, format, out } = flags;
  const id = run ?? surface;
  if (id === undefined || (run !== undefined && surface !== undefined)) {
    throw new Fault(
      'bad-value',
      'say what is to be exported: --run ID, --run ID@STEP or --surface ID',
    );
  }
  const kind = run === undefined ? 'surfaces' : 'runs';
  return withEngine(flags.backend, async (engine) => {
    const request = { folder: usersOwn(folder), kind, id, format } as const;
    const files = await engine.call('item/export', request);
    const place = resolve(out ?? join(folder, 'exports', id));
    mkdirSync(place, { recursive: true });
    for (const { name, bytes } of files) {
      writeFileSync(join(place, name), bytes);
      say(join(place, name));
    }
    return 0;
  });
}
