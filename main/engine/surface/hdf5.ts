/**
 * Surfaces and directions as HDF5 in the layout of tomgoldstein/loss-landscape: `xcoordinates`,
 * `ycoordinates`,
 * `train_loss`, `train_acc` (percent); groups `xdirection` and `ydirection` with one dataset per
 * tensor.
 * Files pass through memory only: h5wasm's in-memory build cannot reach the disk.
 */

import { readFileSync } from 'node:fs';
import h5wasm, { Dataset, Group, type File } from 'h5wasm';
import { Fault } from '../../../shared/fault';
import type { Surface } from '../../../shared/spec/surface';
import { writeAtomically } from '../files';
import type { Parameter } from '../model/model';
import { fromTorchOrder, toTorchOrder } from '../model/torch-order';

let counter = 0;

/**
 * HDF5 stamps every object with the second of its making, which h5wasm cannot turn off; the same
 * study is to give
 * the same bytes, so its clock stands still while it writes.
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

/** Runs `use` on a file in memory and returns what it gives, and the file's bytes. */
async function inMemory<T>(bytes: Uint8Array | null, use: (file: File) => T) {
  const { FS, activate_throwing_error_handler } = await h5wasm.ready;
  // Without it, an external storage file reads as stale memory instead of failing.
  activate_throwing_error_handler();
  const path = `/${counter++}.h5`;
  if (bytes !== null) FS.writeFile(path, bytes);
  try {
    const result = atTimeZero(() => {
      const file = new h5wasm.File(path, bytes === null ? 'w' : 'r');
      try {
        return use(file);
      } finally {
        file.close();
      }
    });
    return { result, bytes: FS.readFile(path) };
  } finally {
    if (FS.analyzePath(path).exists) FS.unlink(path);
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
  const { bytes } = await inMemory(null, (file) => {
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
  writeAtomically(path, bytes);
}

const GROUPS = ['xdirection', 'ydirection'] as const;

/** Writes one or two directions, a dataset per tensor, in PyTorch's axis order as float32. */
export async function writeDirections(
  path: string,
  directions: readonly Float32Array[],
  parameters: readonly Parameter[],
): Promise<void> {
  const { bytes } = await inMemory(null, (file) => {
    directions.forEach((direction, axis) => {
      const group = file.create_group(GROUPS[axis]) as Group;
      parameters.forEach((parameter, i) => {
        const { shape, values } = toTorchOrder(direction, parameter);
        group.create_dataset({ name: String(i), data: values, shape, dtype: '<f' });
      });
    });
  });
  writeAtomically(path, bytes);
}

/**
 * Reads one or two directions for a network of `parameters`, tensor by tensor in order.
 * @throws Fault 'bad-value' when the file does not fit the network
 */
export async function readDirections(
  path: string,
  parameters: readonly Parameter[],
): Promise<Float32Array[]> {
  const last = parameters[parameters.length - 1];
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new Fault(
      'not-found',
      `cannot read the directions file ${path}; give the path of an HDF5 file`,
    );
  }
  const fit = (axis: string, count: number) =>
    `${path} does not fit this network: ${axis} holds ${count} tensors and the network has ${parameters.length}`;
  try {
    const { result } = await inMemory(bytes, (file) =>
      GROUPS.flatMap((axis) => {
        const group = file.get(axis);
        if (!(group instanceof Group)) return [];
        const count = group.keys().length;
        if (count !== parameters.length) throw new Fault('bad-value', fit(axis, count));
        const direction = new Float32Array(last.offset + last.size);
        parameters.forEach((parameter, i) => readTensor(group, i, parameter, direction, path));
        return [direction];
      }),
    );
    if (result.length > 0) return result;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('bad-value', `${path} cannot be read as HDF5 (${(error as Error).message})`);
  }
  throw new Fault(
    'bad-value',
    `${path} has no group 'xdirection'; give a direction file of loss-landscape`,
  );
}

function readTensor(
  group: Group,
  i: number,
  parameter: Parameter,
  into: Float32Array,
  path: string,
): void {
  const dataset = group.get(String(i));
  if (!(dataset instanceof Dataset)) {
    throw new Fault('bad-value', `${path}: tensor ${i} is not a dataset`);
  }
  // A virtual dataset whose source is absent would read as its fill value, silently.
  if (dataset.metadata.virtual_sources !== undefined) {
    throw new Fault('bad-value', `${path}: tensor ${i} lies in another file; store it in this one`);
  }
  const shape = dataset.shape ?? [];
  if (shape.reduce((product, length) => product * length, 1) !== parameter.size) {
    throw new Fault(
      'bad-value',
      `${path} does not fit this network: tensor ${i} is ${shape.join('×')} and ${parameter.name} has ${parameter.size} numbers`,
    );
  }
  fromTorchOrder(dataset.value as ArrayLike<number>, parameter, into);
}
