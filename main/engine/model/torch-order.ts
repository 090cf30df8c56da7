/**
 * Between our axis order and PyTorch's: [h, w, in, out] ↔ [out, in, h, w], [in, out] ↔ [out, in].
 */

import type { Parameter } from './model';

/** For each place of a tensor in PyTorch's order, its place in ours. */
function places({ shape }: Parameter): Int32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const result = new Int32Array(size);
  if (shape.length === 1) return result.map((_, i) => i);
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
  const values = Float32Array.from(places(parameter), (place) => flat[offset + place]);
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
  places(parameter).forEach((place, i) => (into[parameter.offset + place] = values[i]));
}
