/** `setup` and `doctor`: make the machine ready, and say how it is. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { DoctorReport } from '../../../shared/spec/doctor';
import { chooseBackend, type ChooseOptions } from '../../native/choose';
import { cacheFolder } from '../../native/places';
import { removeProvisions } from '../../native/provision';
import { findBrowser } from '../../host/browser';
import { provisionProgress, withEngine } from '../engine';
import { ProgressLine, say, sayJson } from '../print';

export interface SetupFlags {
  cuda?: boolean;
  cpu?: boolean;
  wasm?: boolean;
  remove?: boolean;
}

/** `isocurve setup` */
export async function setup(flags: SetupFlags): Promise<number> {
  if (flags.remove === true) {
    removeProvisions();
    rmSync(join(cacheFolder(), 'datasets'), { recursive: true, force: true });
    say(`removed what was kept in ${cacheFolder()}`);
    return 0;
  }
  const build = flags.cuda ? 'cuda' : flags.cpu ? 'cpu' : flags.wasm ? 'wasm' : undefined;
  const line = new ProgressLine();
  const choice = await chooseBackend({ build, onProgress: provisionProgress(line) });
  line.clear();
  if (choice.tier === 'wasm' && build !== undefined && build !== 'wasm') {
    throw new Fault('no-backend', choice.reason);
  }
  return doctor({ quick: true, backend: build });
}

function printDoctor(report: DoctorReport, browser: string): void {
  const { engine, memoryGiB, speed, tests } = report;
  const { backend } = engine;
  const gib = (value: number) => value.toFixed(1);
  const facts: [string, string][] = [
    [
      'Isocurve',
      `${report.isocurve}, Node ${engine.node}, ${report.platform}, ${report.cores} cores`,
    ],
    ['backend', `${backend.tier} ${backend.version} on ${backend.device}`],
    [
      'memory',
      `${gib(memoryGiB.free)} of ${gib(memoryGiB.total)} GiB free, engine ${gib(memoryGiB.engine)} GiB`,
    ],
    ['cache', cacheFolder()],
    ['figures', browser],
  ];
  if (speed !== null) {
    const share = (100 * speed.convolution) / speed.matrixPeak;
    facts.push(
      ['matrix product', `${speed.matrixPeak.toFixed(0)} GFLOP/s (the measured peak)`],
      ['convolution', `${speed.convolution.toFixed(0)} GFLOP/s, ${share.toFixed(0)} % of it`],
    );
  }
  for (const [name, value] of facts) say(`${name.padEnd(16)}${value}`);
  if (backend.reason !== null && backend.tier === 'wasm')
    say(`not faster because: ${backend.reason}`);
  say('');
  for (const { name, passed, detail } of tests)
    say(`${passed ? 'ok    ' : 'FAILED'}  ${name}: ${detail}`);
}

/** `isocurve doctor` */
export async function doctor(flags: {
  json?: boolean;
  quick?: boolean;
  backend?: ChooseOptions['build'];
}): Promise<number> {
  return withEngine(flags.backend, async (engine) => {
    const report = await engine.call('engine/doctor', { quick: flags.quick === true });
    const browser = await findBrowser().then(
      ({ path }) => path,
      (error: Error) => error.message,
    );
    if (flags.json === true) sayJson({ ...report, browser });
    else printDoctor(report, browser);
    return report.tests.every((test) => test.passed) ? 0 : 1;
  });
}
