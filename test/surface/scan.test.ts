import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openJournal } from '../../main/engine/surface/journal';
import { scanOrder } from '../../main/engine/surface/order';
import type { Points } from '../../main/engine/surface/points';
import { coordinatesOf, fillIn, scan, type MeasuredCell } from '../../main/engine/surface/scan';
import { Fault } from '../../shared/fault';
import { axisPoints, emptySurface, type Surface } from '../../shared/spec/surface';
import { stream } from '../../main/engine/backend/random';

/** Points of a function of the coordinates, counting how often it is asked. */
function pointsOf(f: (coordinates: readonly number[]) => number): Points & { asked: number } {
  return {
    perCall: 4,
    asked: 0,
    measure(coordinates) {
      this.asked += coordinates.length;
      return coordinates.map((c) => ({ loss: f(c), accuracy: 0.5, standardError: 0.01 }));
    },
    dispose: () => undefined,
  };
}

const empty = (columns = 9, rows = 7): Surface =>
  emptySurface(
    axisPoints({ from: -1, to: 1, points: columns }),
    axisPoints({ from: -2, to: 1, points: rows }),
  );

async function scanAll(
  surface: Surface,
  points: Points,
  stopAfter = Infinity,
): Promise<MeasuredCell[]> {
  const abort = new AbortController();
  const cells: MeasuredCell[] = [];
  try {
    for await (const group of scan(surface, points, abort.signal)) {
      cells.push(...group);
      if (cells.length >= stopAfter) abort.abort();
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  }
  return cells;
}

test('a quadratic slice equals its closed form to 1e-10 at every cell', async () => {
  const n = 30;
  const chance = stream(1, 'quadratic');
  const draw = (length: number) => Float64Array.from({ length }, () => chance.normal());
  const [theta, d, e, root] = [draw(n), draw(n), draw(n), draw(n * n)];
  const form = (x: Float64Array, y: Float64Array) => {
    let sum = 0; // xᵀRᵀRy
    for (let k = 0; k < n; k++) {
      let [p, q] = [0, 0];
      for (let i = 0; i < n; i++) {
        p += root[k * n + i] * x[i];
        q += root[k * n + i] * y[i];
      }
      sum += p * q;
    }
    return sum;
  };
  const surface = empty();
  await scanAll(
    surface,
    pointsOf(([a, b]) => {
      const moved = theta.map((value, i) => value + a * d[i] + b * e[i]);
      return 0.5 * form(moved, moved);
    }),
  );
  // ½θᵀAθ + aθᵀAd + bθᵀAe + ½a²dᵀAd + ab·dᵀAe + ½b²eᵀAe
  surface.losses.forEach((loss, cell) => {
    const [a, b] = coordinatesOf(surface, cell);
    const expected =
      0.5 * form(theta, theta) +
      a * form(theta, d) +
      b * form(theta, e) +
      0.5 * a * a * form(d, d) +
      a * b * form(d, e) +
      0.5 * b * b * form(e, e);
    expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-10);
  });
});

test('swapping the two directions transposes the surface', async () => {
  const f = ([a, b]: readonly number[]) => Math.sin(3 * a) + b ** 3;
  const side = axisPoints({ from: -1, to: 1, points: 7 });
  const [one, other] = [emptySurface(side, side), emptySurface(side, side)];
  await scanAll(one, pointsOf(f));
  await scanAll(
    other,
    pointsOf(([a, b]) => f([b, a])),
  );
  other.losses.forEach((loss, cell) =>
    expect(loss).toBe(one.losses[(cell % 7) * 7 + Math.floor(cell / 7)]),
  );
});

test('a surface scanned in two sittings equals one scanned in one, and no finished group is measured again', async () => {
  const f = ([a, b]: readonly number[]) => a * 10 + b;
  const [whole, parted] = [empty(), empty()];
  await scanAll(whole, pointsOf(f));
  const first = pointsOf(f);
  await scanAll(parted, first, 20);
  const second = pointsOf(f);
  await scanAll(parted, second);
  expect(parted).toEqual(whole);
  expect(first.asked + second.asked).toBe(63);
});

describe('the order of a scan', () => {
  test('takes every cell once, the centre first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (columns, rows) => {
          const order = [...scanOrder(columns, rows)];
          expect(order[0]).toBe(((rows - 1) >> 1) * columns + ((columns - 1) >> 1));
          expect(order.sort((a, b) => a - b)).toEqual(
            Array.from({ length: columns * rows }, (_, i) => i),
          );
        },
      ),
    );
  });

  test('is coarse first: a sixteenth of the cells already spans the grid', () => {
    const early = scanOrder(51, 51).subarray(0, Math.ceil((51 * 51) / 16));
    const columns = Array.from(early, (cell) => cell % 51);
    expect(Math.min(...columns)).toBeLessThan(4);
    expect(Math.max(...columns)).toBeGreaterThan(46);
  });
});

describe('the journal', () => {
  const place = () => join(mkdtempSync(join(tmpdir(), 'journal-')), 'journal.bin');
  const cells: MeasuredCell[] = [0, 1, 2].map((cell) => ({
    cell,
    loss: [0.1, NaN, Infinity][cell],
    accuracy: 0.5,
    standardError: 0.25,
  }));

  function written(): string {
    const path = place();
    const journal = openJournal(path, 'scan 1');
    journal.append(cells);
    journal.close();
    return path;
  }

  const reopened = (path: string) => {
    const journal = openJournal(path, 'scan 1');
    journal.close();
    return journal.cells;
  };

  test('gives back what was appended, NaN and infinity too', () => {
    expect(reopened(written())).toEqual(cells);
  });

  test('loses only the torn record, wherever the file is cut', () => {
    const length = readFileSync(written()).length;
    const header = length - 96;
    for (let cut = 0; cut <= length; cut++) {
      const path = written();
      truncateSync(path, cut);
      expect(reopened(path)).toEqual(cells.slice(0, Math.max(0, Math.floor((cut - header) / 32))));
      expect(readFileSync(path).length).toBe(
        header + 32 * Math.max(0, Math.floor((cut - header) / 32)),
      );
    }
  });

  test('drops a record whose bytes changed, and what follows it', () => {
    const path = written();
    const bytes = readFileSync(path);
    bytes[bytes.length - 40] ^= 1;
    writeFileSync(path, bytes);
    expect(reopened(path)).toEqual(cells.slice(0, 1));
  });

  test('goes on after rubbish at its end', () => {
    const path = written();
    appendFileSync(path, 'rubbish');
    const journal = openJournal(path, 'scan 1');
    journal.append([{ ...cells[0], cell: 9 }]);
    journal.close();
    expect(reopened(path).map(({ cell }) => cell)).toEqual([0, 1, 2, 9]);
  });

  test('refuses another scan in one sentence', () => {
    expect(() => openJournal(written(), 'scan 2')).toThrow(Fault);
    expect(() => openJournal(written(), 'scan 2')).toThrow(/belongs to another scan/);
  });

  test('with a changed byte in its header is called damaged, and never another scan', () => {
    const length = readFileSync(written()).length - 96;
    for (let at = 0; at < length; at++) {
      const path = written();
      const bytes = readFileSync(path);
      bytes[at] ^= 1;
      writeFileSync(path, bytes);
      expect(() => openJournal(path, 'scan 1')).toThrow(
        /journal.bin has a damaged header: .*; delete only this file, and resuming/,
      );
      expect(readFileSync(path).equals(bytes)).toBe(true);
    }
  });

  test('of an earlier version, whose header has no checksum, goes on as it is', () => {
    const path = place();
    const bytes = readFileSync(written());
    const header = Buffer.from('isocurve journal 1\nscan 1\n');
    writeFileSync(path, Buffer.concat([header, bytes.subarray(bytes.length - 96)]));
    const journal = openJournal(path, 'scan 1');
    journal.append([{ ...cells[0], cell: 9 }]);
    journal.close();
    expect(reopened(path).map(({ cell }) => cell)).toEqual([0, 1, 2, 9]);
    expect(readFileSync(path).subarray(0, header.length).equals(header)).toBe(true);
    expect(() => openJournal(path, 'scan 2')).toThrow(/another scan .*or its header is damaged/);
  });

  test('unmeasured is never a number', () => {
    const surface = empty();
    fillIn(surface, cells);
    expect([...surface.measured.subarray(0, 4)]).toEqual([1, 1, 1, 0]);
  });
});
