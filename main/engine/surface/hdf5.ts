/**
 * Surfaces and directions as HDF5 in the layout of tomgoldstein/loss-landscape: `xcoordinates`,
 * `ycoordinates`, `train_loss`, `train_acc` (percent); groups `xdirection` and `ydirection` with
 * one dataset per tensor. Files pass through memory only: h5wasm's in-memory build cannot reach the
 * disk. /
 */

import h5wasm, { type File, type Group } from 'h5wasm';
import type { Surface } from '../../../shared/spec/surface';
import { writeAtomically } from '../files';
import type { Parameter } from '../model/model';
import { toTorchOrder } from '../model/torch-order';

let counter = 0;

/**
 * HDF5 stamps every object with the second of its making, which h5wasm cannot turn off; the same
 * study is to give the same bytes, so its clock stands still while it writes.
 */
function atTimeZero<T>(work: () => T): T {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}

/** Writes what `fill` puts into a file to `path`. */
async function write(path: string, fill: (file: File) => void): Promise<void> {
  const { FS } = await h5wasm.ready;
  const place = `/${counter++}.h5`;
  try {
    atTimeZero(() => {
      const file = new h5wasm.File(place, 'w');
      try {
        fill(file);
      } finally {
        file.close();
      }
    });
    writeAtomically(path, FS.readFile(place));
  } finally {
    if (FS.analyzePath(place).exists) FS.unlink(place);
  }
}

/** Writes a surface. A plane is [y, x], as meshgrid(x, y) makes it; cells not measured are NaN. */
export async function writeSurface(
  path: string,
  surface: Surface,
  split: 'train' | 'test',
): Promise<void> {
  const shape = surface.y === null ? [surface.x.length] : [surface.y.length, surface.x.length];
  const masked = (values: Float64Array) =>
    values.map((value, cell) => (surface.measured[cell] === 1 ? value : NaN));
  await write(path, (file) => {
    const put = (name: string, data: Float64Array, dims: number[]) =>
      file.create_dataset({ name, data, shape: dims, dtype: '<d' });
    put('xcoordinates', Float64Array.from(surface.x), [surface.x.length]);
    if (surface.y !== null) put('ycoordinates', Float64Array.from(surface.y), [surface.y.length]);
    put(`${split}_loss`, masked(surface.losses), shape);
    put(
      `${split}_acc`,
      masked(surface.accuracies).map((share) => 100 * share),
      shape,
    );
    put(`${split}_loss_standard_error`, masked(surface.standardErrors), shape);
  });
}

const GROUPS = ['xdirection', 'ydirection'] as const;

/** Writes one or two directions, a dataset per tensor, in PyTorch's axis order as float32. */
export async function writeDirections(
  path: string,
  directions: readonly Float32Array[],
  parameters: readonly Parameter[],
): Promise<void> {
  await write(path, (file) => {
    directions.forEach((direction, axis) => {
      const group = file.create_group(GROUPS[axis]) as Group;
      parameters.forEach((parameter, i) => {
        const { shape, values } = toTorchOrder(direction, parameter);
        group.create_dataset({ name: String(i), data: values, shape, dtype: '<f' });
      });
    });
  });
}
