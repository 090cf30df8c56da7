/** Directions that were brought: the copy that was taken of their file, fitted to a network. */

import { Fault } from '../../../shared/fault';
import type { FileDirection } from '../../../shared/spec/direction';
import { readTensors, type NamedTensor, type TensorFile } from '../checkpoint/safetensors';
import type { Parameter } from '../model/model';
import { fromTorchOrder } from '../model/torch-order';
import { readTakenCopy } from '../taken-copy';

const AXES = ['xdirection', 'ydirection'] as const;

/** The tensors of one axis, which are called `xdirection/0`, `xdirection/1`, …; empty: none. */
function tensorsOf({ tensors }: TensorFile, axis: string): NamedTensor[] {
  const own = [...tensors.values()].filter(({ name }) => name.startsWith(`${axis}/`));
  const place = ({ name }: NamedTensor) => Number(name.slice(axis.length + 1));
  return own.sort((a, b) => place(a) - place(b));
}

/**
 * One or two directions for a network of `parameters`, tensor by tensor in order.
 * @throws Fault as `readTakenCopy`, or 'bad-value' when the file does not fit the network
 */
export function readDirections(
  { path, source }: Pick<FileDirection, 'path' | 'source'>,
  parameters: readonly Parameter[],
): Float32Array[] {
  const called = source ?? path;
  const file = readTensors(readTakenCopy(path, `the directions of ${called}`), path);
  const misfit = (reason: string) =>
    new Fault('bad-value', `${called} does not fit this network: ${reason}`);
  return AXES.flatMap((axis) => {
    const tensors = tensorsOf(file, axis);
    if (tensors.length === 0) return [];
    if (tensors.length !== parameters.length) {
      throw misfit(
        `${axis} holds ${tensors.length} tensors and the network has ${parameters.length}`,
      );
    }
    const last = parameters[parameters.length - 1];
    const direction = new Float32Array(last.offset + last.size);
    parameters.forEach((parameter, i) => {
      const { shape, values } = tensors[i];
      if (values.length !== parameter.size) {
        throw misfit(
          `tensor ${i} is ${shape.join('×')} and ${parameter.name} has ${parameter.size} numbers`,
        );
      }
      fromTorchOrder(values, parameter, direction);
    });
    return [direction];
  });
}
