/**
 * Surfaces of other tools: the HDF5 of tomgoldstein/loss-landscape, the archives of Landscaper, the
 * results of PyLandscape, and JSON with axes and a grid. Each is brought to rows of y over columns
 * of x, which is not how all of them lie.
 */

import type { ForeignSurface } from '../../../shared/spec/foreign-surface';
import { Unpickler, type Value } from './pickle';
import type { Source } from './source';
import type { ForeignTensor } from './tensors';
import { NumpyArray, torchBuilder } from './torch';
import { decode } from './tensors';

type Parts = Omit<ForeignSurface, 'source'>;

const FORMAT = 'a surface';

interface Grid {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const gridOf = (tensor: ForeignTensor): Grid => ({
  shape: tensor.shape,
  values: Array.from(tensor.read()),
});

/** Columns become rows. */
function transposed({ shape: [rows, columns], values }: Grid): Grid {
  const turned = Array.from(
    { length: rows * columns },
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)],
  );
  return { shape: [columns, rows], values: turned };
}

/** @throws Fault 'damaged' when axes and values do not fit, or the axes do not climb */
function checkGrid(source: Source, parts: Parts): ForeignSurface {
  const { x, y, losses, accuracies } = parts;
  const cells = x.length * (y?.length ?? 1);
  if (losses.length !== cells || (accuracies !== null && accuracies.length !== cells)) {
    const axes = y === null ? `${x.length}` : `${x.length}×${y.length}`;
    throw source.refuse(FORMAT, 0, `its axes make ${axes} points and it has ${losses.length}`);
  }
  for (const axis of [x, y ?? [0, 1]]) {
    const climbs = axis.every(
      (value, i) => Number.isFinite(value) && (i === 0 || value > axis[i - 1]),
    );
    if (axis.length < 2 || !climbs) {
      throw source.refuse(FORMAT, 0, 'its coordinates are not two or more climbing numbers');
    }
  }
  return { source: source.name, ...parts };
}

/** What loss-landscape writes: accuracies in percent, planes as meshgrid(x, y) makes them. */
export function peerSurface(source: Source, tensors: readonly ForeignTensor[]): ForeignSurface {
  const find = (name: string) => tensors.find((tensor) => tensor.name === name);
  const split = find('train_loss') !== undefined ? 'train' : 'test';
  const [x, y] = [find('xcoordinates'), find('ycoordinates')];
  const [loss, accuracy] = [find(`${split}_loss`), find(`${split}_acc`)];
  if (x === undefined || loss === undefined) {
    throw source.refuse(FORMAT, 0, "it has no 'xcoordinates' or no 'train_loss'");
  }
  const isPlane = y !== undefined && loss.shape.length === 2;
  return checkGrid(source, {
    format: 'loss-landscape',
    x: Array.from(x.read()),
    y: isPlane ? Array.from(y.read()) : null,
    losses: [...gridOf(loss).values],
    accuracies: accuracy === undefined ? null : Array.from(accuracy.read(), (share) => share / 100),
    split,
  });
}

/**
 * Landscaper's `loss` and `coordinates`, PyLandscape's `alpha`, `beta` and `loss`: both index the
 * loss by the first direction first, so that rows are x.
 */
export function archivedSurface(
  source: Source,
  tensors: readonly ForeignTensor[],
): ForeignSurface | null {
  const find = (name: string) => tensors.find((tensor) => tensor.name === name);
  const [loss, coordinates, alpha, beta] = ['loss', 'coordinates', 'alpha', 'beta'].map(find);
  if (loss === undefined || (coordinates === undefined && alpha === undefined)) return null;
  const axes =
    coordinates === undefined
      ? [alpha!, ...(beta === undefined ? [] : [beta])].map((axis) => Array.from(axis.read()))
      : rowsOf(coordinates);
  return fromAxes(
    source,
    coordinates === undefined ? 'PyLandscape' : 'Landscaper',
    axes,
    gridOf(loss),
  );
}

function rowsOf({ shape: [rows, columns], read }: ForeignTensor): number[][] {
  const values = Array.from(read());
  return Array.from({ length: rows }, (_, i) => values.slice(i * columns, (i + 1) * columns));
}

function fromAxes(
  source: Source,
  format: string,
  axes: readonly number[][],
  grid: Grid,
): ForeignSurface {
  const fits =
    grid.shape.length === axes.length && grid.shape.every((n, i) => n === axes[i].length);
  if (!fits || axes.length < 1 || axes.length > 2) {
    const reason = `its loss is ${grid.shape.join('×')} over ${axes.length} axes; lines and planes can be drawn`;
    throw source.refuse(FORMAT, 0, reason);
  }
  const { values } = axes.length === 2 ? transposed(grid) : grid;
  const unknown = { accuracies: null, split: null } as const;
  return checkGrid(source, {
    format,
    x: axes[0],
    y: axes[1] ?? null,
    losses: [...values],
    ...unknown,
  });
}

const arrayOf = (value: Value | undefined): Grid | null =>
  value instanceof NumpyArray
    ? { shape: value.shape, values: Array.from(decode(value.bytes, value.dtype, value.little)) }
    : null;

/**
 * PyLandscape's pickled results: the first plane in them, or else the first line. Null: the pickle
 * is none of them. @throws Fault 'damaged'
 */
export function pickledSurface(source: Source): ForeignSurface | null {
  const refuse = (offset: number, reason: string) => source.refuse('a pickle', offset, reason);
  const root = new Unpickler(source.read(0, source.size), 0, torchBuilder, refuse).load();
  if (!(root instanceof Map)) return null;
  const found = [...(root as Map<Value, Value>).values()].flatMap((value) => {
    if (!(value instanceof Map)) return [];
    const result = value as Map<Value, Value>;
    const [alpha, beta, loss] = ['alpha', 'beta', 'loss'].map((key) => arrayOf(result.get(key)));
    return alpha === null || loss === null
      ? []
      : [{ axes: beta === null ? [alpha] : [alpha, beta], loss }];
  });
  const chosen = found.find(({ axes }) => axes.length === 2) ?? found[0];
  if (chosen === undefined) return null;
  const axes = chosen.axes.map(({ values }) => [...values]);
  return fromAxes(source, 'PyLandscape', axes, chosen.loss);
}

const X_KEYS = ['x', 'xs', 'alpha', 'alphas', 'x_coords', 'xcoordinates', 'x_range', 'x_grid'];
const Y_KEYS = ['y', 'ys', 'beta', 'betas', 'y_coords', 'ycoordinates', 'y_range', 'y_grid'];
const LOSS_KEYS = ['loss', 'losses', 'z', 'train_loss', 'loss_grid', 'loss_surface', 'values'];

const isNumber = (value: unknown): boolean => typeof value === 'number' || value === null;

/** A list of numbers; null stands for one that JSON cannot write. */
const listOf = (value: unknown): number[] | null =>
  Array.isArray(value) && value.every(isNumber)
    ? value.map((item) => (item === null ? NaN : (item as number)))
    : null;

/** Rows of numbers, as a grid; null: they are none. */
function nested(value: unknown): Grid | null {
  const line = listOf(value);
  if (line !== null) return { shape: [line.length], values: line };
  const rows = Array.isArray(value) ? value.map(listOf) : [];
  const [first] = rows;
  if (first === undefined || rows.some((row) => row === null || row.length !== first!.length))
    return null;
  return { shape: [rows.length, first!.length], values: rows.flatMap((row) => row!) };
}

/** An axis given as such, or as one of the two grids that meshgrid makes. */
function axisOf(value: unknown, along: 'rows' | 'columns'): number[] | null {
  const grid = nested(value);
  if (grid === null || grid.shape.length === 1) return grid === null ? null : [...grid.values];
  const [rows, columns] = grid.shape;
  return along === 'columns'
    ? grid.values.slice(0, columns)
    : Array.from({ length: rows }, (_, i) => grid.values[i * columns]);
}

/** JSON with axes and a grid of losses in rows of y, at its root or one level down; else null. */
export function jsonSurface(
  source: Source,
  keys: ReadonlyMap<string, unknown>,
  depth = 0,
): ForeignSurface | null {
  const lower = new Map([...keys].map(([key, value]) => [key.toLowerCase(), value]));
  const pick = (names: readonly string[]) => lower.get(names.find((name) => lower.has(name)) ?? '');
  const x = axisOf(pick(X_KEYS), 'columns');
  const y = axisOf(pick(Y_KEYS), 'rows');
  const grid = nested(pick(LOSS_KEYS));
  if (x !== null && grid !== null) {
    const isPlane = grid.shape.length === 2;
    if (isPlane && (y === null || grid.shape[0] !== y.length || grid.shape[1] !== x.length)) {
      throw source.refuse(FORMAT, 0, `its loss is ${grid.shape.join('×')} and its axes are others`);
    }
    const unknown = { accuracies: null, split: null } as const;
    return checkGrid(source, {
      format: 'JSON',
      x,
      y: isPlane ? y : null,
      losses: [...grid.values],
      ...unknown,
    });
  }
  if (depth > 0) return null;
  const inner = [...keys.values()].filter((value) => typeof value === 'object' && value !== null);
  for (const value of inner) {
    const found = jsonSurface(source, new Map(Object.entries(value as object)), depth + 1);
    if (found !== null) return found;
  }
  return null;
}
