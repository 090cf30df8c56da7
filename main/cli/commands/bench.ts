/** `bench`: times a training step or a scan point of a network. */

import { check } from '../../../shared/spec/check';
import { BenchSpec, type BenchReport } from '../../../shared/spec/bench';
import { Fault } from '../../../shared/fault';
import type { ChooseOptions } from '../../native/choose';
import { withEngine } from '../engine';
import { say, sayJson } from '../print';

export interface BenchFlags {
  depth?: string;
  width?: string;
  skip?: string;
  batch?: string;
  size?: string;
  channels?: string;
  repeat?: string;
  points?: string;
  json?: boolean;
  backend?: ChooseOptions['build'];
}

const NUMBERS = ['depth', 'width', 'batch', 'size', 'channels', 'repeat', 'points'] as const;

function print(report: BenchReport): void {
  const { spec, median, fastest, slowest, gigaflops, tensorsLeft, memorySlope } = report;
  const unit = spec.work === 'train' ? 'training step' : 'scan point';
  const net = `ResNet-${spec.depth}, width ${spec.width}, ${spec.size}×${spec.size}×${spec.channels}, batch ${spec.batch}`;
  say(
    `${unit} of ${net}: ${median.toFixed(1)} ms (${fastest.toFixed(1)}–${slowest.toFixed(1)}), ` +
      `${gigaflops.toFixed(1)} GFLOP/s, ${tensorsLeft} tensors left over, memory ${memorySlope.toFixed(2)} MB per 1,000 ${unit}s`,
  );
}

/** `isocurve bench train|scan` */
export async function bench(work: string, flags: BenchFlags): Promise<number> {
  const numbers = NUMBERS.flatMap((key) =>
    flags[key] === undefined ? [] : [[key, Number(flags[key])] as const],
  );
  const skip = flags.skip === undefined ? {} : { skip: flags.skip };
  const spec = check(BenchSpec, { work, ...Object.fromEntries(numbers), ...skip }, 'bench');
  return withEngine(flags.backend, async (engine) => {
    const report = new Promise<BenchReport>((resolve, reject) => {
      engine.on('bench/report', (event) => resolve(event.report));
      engine.on('job/changed', ({ fault }) => {
        if (fault !== null) reject(new Fault(fault.code as Fault['code'], fault.message));
      });
      void engine.closed.then((reason) => reject(new Fault('engine-gone', reason)));
    });
    await engine.call('bench/start', spec);
    const result = await report;
    if (flags.json === true) sayJson(result, 0);
    else print(result);
    return 0;
  });
}
