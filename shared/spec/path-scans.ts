/** The two scans that show a path of training: its whole plane, and its later half more closely. */

import type { PrincipalDirection } from './direction';
import type { ScanSpec } from './surface';

/** Room around the path, and a shape in which angles show at equal scales. */
const PARTS: Readonly<Record<PrincipalDirection['part'], Pick<PrincipalDirection, 'margin'>>> = {
  whole: { margin: 0.2 },
  late: { margin: 0.35 },
};
const ASPECT = 0.6;

export interface PathScanOptions extends Pick<ScanSpec, 'split' | 'subset' | 'only'> {
  /** Per side. */
  readonly points: number;
  readonly bn: 'frozen' | 'batch';
}

/** `name`, and `name-late`. */
export function pathScans(
  name: string,
  { points, only, ...rest }: PathScanOptions,
): [ScanSpec, ScanSpec] {
  const axis = { from: -1, to: 1, points };
  const scan = (part: PrincipalDirection['part']): ScanSpec => ({
    name: part === 'whole' ? name : `${name}-late`,
    directions: { kind: 'principal', part, aspect: ASPECT, ...PARTS[part] },
    x: axis,
    y: axis,
    ...rest,
    ...(only === undefined ? {} : { only }),
  });
  return [scan('whole'), scan('late')];
}
