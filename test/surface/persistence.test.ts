import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { basins, deepMinima } from '../../shared/maths/persistence';

interface Case {
  readonly columns: number;
  readonly rows: number;
  readonly values: number[];
  /** Cell, birth, death. */
  readonly basins: readonly [number, number, number][];
}
const oracle = JSON.parse(readFileSync('test/oracle/basins.json', 'utf8')) as Record<string, Case>;

const gridOf = ({ columns, rows, values }: Omit<Case, 'basins'>) => ({
  columns,
  rows,
  values: Float64Array.from(values),
  dx: 1,
  dy: 1,
});

test.each(Object.entries(oracle))('%s: the basins are those of GUDHI', (_, grid) => {
  const found = basins(gridOf(grid)).map(({ birth, death }) => [birth + 0, death + 0]);
  const ascending = (a: number[], b: number[]) => a[0] - b[0] || a[1] - b[1];
  // −0 is 0.
  const expected = grid.basins.map(([, birth, death]) => [birth + 0, death + 0]);
  expect(found.sort(ascending)).toEqual(expected.sort(ascending));
});

test('minima lie where GUDHI has them', () => {
  for (const name of ['two wells', 'bowl with noise', 'oblong noise']) {
    const cells = basins(gridOf(oracle[name])).map(({ cell }) => cell);
    expect(cells.sort((a, b) => a - b)).toEqual(oracle[name].basins.map(([cell]) => cell));
  }
});

describe('the egg crate −cos 4πa − cos 4πb on 41² cells', () => {
  const side = 41;
  const values = Array.from({ length: side ** 2 }, (_, cell) => {
    const at = (i: number) => Math.cos(4 * Math.PI * (-1 + i / 20));
    return -at(cell % side) - at(Math.floor(cell / side));
  });
  const crate = gridOf({ columns: side, rows: side, values });

  test('has 25 basins, nine of them inside; each is 2 deep, one passing others at its saddles', () => {
    const found = basins(crate);
    expect(found).toHaveLength(25);
    // From −2 up to the saddles at 0; the lowest of all up to the top at 2.
    const depths = found.map(({ birth, death }) => death - birth).sort((a, b) => a - b);
    depths.slice(0, -1).forEach((depth) => expect(depth).toBeCloseTo(2, 9));
    expect(depths[24]).toBeCloseTo(4, 9);
    expect(deepMinima(crate, 0.05)).toBe(9);
    expect(deepMinima(crate, 1.99)).toBe(9);
  });

  test('ripples of a depth below 0.05 are not counted', () => {
    const bowl = values.map((_, cell) => {
      const [a, b] = [cell % side, Math.floor(cell / side)].map((i) => -1 + i / 20);
      return 0.05 * (a * a + b * b) + 0.02 * values[cell];
    });
    const rippled = gridOf({ columns: side, rows: side, values: bowl });
    expect(deepMinima(rippled, 0.05)).toBe(1);
    expect(basins(rippled).length).toBeGreaterThan(1);
  });
});

test('a plane without relief has no minimum', () => {
  expect(basins(gridOf({ columns: 4, rows: 4, values: new Array<number>(16).fill(1) }))).toEqual(
    [],
  );
});
