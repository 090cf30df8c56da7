/**
 * A surface as VTK's PolyData in XML, which ParaView opens: points of the plane with log₁₀(1 +
 * loss) as their height, quadrilaterals between them, and the numbers beside. Cells that were not
 * measured or overflowed are holes, never heights. Format: VTK File Formats, "PolyData".
 */

import { Fault } from '../../../shared/fault';
import type { Surface } from '../../../shared/spec/surface';

const list = (values: Iterable<number>): string => [...values].join(' ');

const array = (name: string, values: Iterable<number>, components = 1, type = 'Float64'): string =>
  `        <DataArray type="${type}" Name="${name}" NumberOfComponents="${components}" format="ascii">${list(values)}</DataArray>`;

/** The bytes of a `.vtp`. @throws Fault 'bad-value' for a line */
export function writeVtp({ x, y, losses, accuracies, measured }: Surface): Buffer {
  if (y === null) throw new Fault('bad-value', 'a line is no surface; export it as csv or h5');
  const heights = Float64Array.from(losses, (loss) => Math.log10(1 + loss));
  const known = heights.map((height, cell) =>
    Number(measured[cell] === 1 && Number.isFinite(height)),
  );
  const places = new Map<number, number>();
  known.forEach((is, cell) => is === 1 && places.set(cell, places.size));
  const cells = [...places.keys()];
  const points = cells.flatMap((cell) => [
    x[cell % x.length],
    y[Math.floor(cell / x.length)],
    heights[cell],
  ]);
  const faces: number[] = [];
  for (const cell of cells) {
    const [right, above] = [cell + 1, cell + x.length];
    const corners = [cell, right, above + 1, above];
    if ((cell + 1) % x.length === 0 || !corners.every((corner) => places.has(corner))) continue;
    faces.push(...corners.map((corner) => places.get(corner)!));
  }
  const count = faces.length / 4;
  const lines = [
    '<?xml version="1.0"?>',
    '<VTKFile type="PolyData" version="0.1" byte_order="LittleEndian">',
    '  <PolyData>',
    `    <Piece NumberOfPoints="${cells.length}" NumberOfVerts="0" NumberOfLines="0" NumberOfStrips="0" NumberOfPolys="${count}">`,
    '      <PointData Scalars="loss">',
    array(
      'loss',
      cells.map((cell) => losses[cell]),
    ),
    array(
      'log10(1+loss)',
      cells.map((cell) => heights[cell]),
    ),
    array(
      'accuracy',
      cells.map((cell) => accuracies[cell]),
    ),
    '      </PointData>',
    '      <Points>',
    array('Points', points, 3),
    '      </Points>',
    '      <Polys>',
    array('connectivity', faces, 1, 'Int32'),
    array(
      'offsets',
      Array.from({ length: count }, (_, i) => 4 * (i + 1)),
      1,
      'Int32',
    ),
    '      </Polys>',
    '    </Piece>',
    '  </PolyData>',
    '</VTKFile>',
    '',
  ];
  return Buffer.from(lines.join('\n'));
}
