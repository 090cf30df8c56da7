/**
 * Between our axis order and PyTorch's: [h, w, in, out] ↔ [out, in, h, w], [in, out] ↔ [out, in].
 */

import type { Parameter } from './model';

/** For each place of a tensor in PyTorch's order, its place in ours. */
function places({ shape }: Parameter): Int32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const result = new Int32Array(size);
  if (shape.length === 1) {
    for (let i = 0; i < size; i++) result[i] = i;
    return result;
  }
  const [output, input] = [shape[shape.length - 1], shape[shape.length - 2]];
  const area = size / output / input;
  let i = 0;
  for (let o = 0; o < output; o++) {
    for (let c = 0; c < input; c++) {
      for (let p = 0; p < area; p++) result[i++] = (p * input + c) * output + o;
    }
  }
  return result;
}

/** One tensor of a flat vector, in PyTorch's order and shape. */
export function toTorchOrder(flat: Float32Array, parameter: Parameter) {
  const { offset, shape } = parameter;
  const order = places(parameter);
  const values = new Float32Array(order.length);
  for (let i = 0; i < order.length; i++) values[i] = flat[offset + order[i]];
  const torchShape =
    shape.length === 1
      ? [...shape]
      : [shape[shape.length - 1], shape[shape.length - 2], ...shape.slice(0, -2)];
  return { shape: torchShape, values };
}

/** Writes a tensor given in PyTorch's order into its place of a flat vector. */
export function fromTorchOrder(
  values: ArrayLike<number>,
  parameter: Parameter,
  into: Float32Array,
): void {
  const order = places(parameter);
  for (let i = 0; i < order.length; i++) into[parameter.offset + order[i]] = values[i];
}
