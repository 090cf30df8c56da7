/** `figure`: draws the figures of a study at a paper's sizes. */

import { resolve } from 'node:path';
import { Fault } from '../../../shared/fault';
import {
  columnWidths,
  figureKinds,
  type FigureSpec,
  scales,
  SLIDE,
} from '../../../shared/spec/figure';
import { formats, type Format } from '../../host/draw';
import { usersOwn } from '../../native/paths';
import { withEngine } from '../engine';
import { say } from '../print';
import { drawFigures, possibleFigures } from './figures';

export interface FigureFlags {
  kind?: string;
  format: string;
  width: string;
  font?: string;
  scale: string;
  scan?: string;
  bare?: boolean;
  out?: string;
}

function pick<T extends string>(flag: string, text: string, known: readonly T[]): T[] {
  return text.split(',').map((item) => {
    const found = known.find((name) => name === item.trim());
    if (found !== undefined) return found;
    throw new Fault('bad-value', `${flag} must be of ${known.join(', ')}; got '${item}'`);
  });
}

/** A named column, or millimetres. */
function widthOf(text: string): number {
  const width = columnWidths.get(text) ?? Number(text.replace(/mm$/, ''));
  if (width >= 20 && width <= 2000) return width;
  const names = [...columnWidths.keys()].join(', ');
  throw new Fault(
    'bad-value',
    `--width must be ${names}, or millimetres from 20 to 2000; got '${text}'`,
  );
}

/** `isocurve figure FOLDER` */
export async function figure(path: string, flags: FigureFlags): Promise<number> {
  const folder = usersOwn(path);
  const wanted: Format[] = pick('--format', flags.format, formats);
  const options: Partial<FigureSpec> = {
    widthMm: widthOf(flags.width),
    ...(flags.width === 'slide' ? SLIDE : {}),
    ...(flags.font === undefined ? {} : { fontPt: Number(flags.font) }),
    scale: pick('--scale', flags.scale, scales)[0],
    bare: flags.bare === true,
    ...(flags.scan === undefined ? {} : { scan: flags.scan }),
  };
  return withEngine('wasm', async (engine) => {
    const results = await engine.call('study/results', { folder });
    const kinds =
      flags.kind === undefined ? possibleFigures(results) : pick('--kind', flags.kind, figureKinds);
    const out = flags.out === undefined ? undefined : resolve(flags.out);
    const files = await drawFigures(engine, folder, kinds, () => wanted, options, out);
    files.forEach((file) => say(file));
    return 0;
  });
}
