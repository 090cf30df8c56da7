/** A network at one point of a surface, opened. */

/** An image that the network gets most wrong. */
export interface HardImage {
  /** Number in its split. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** Cross-entropy. NaN or Infinity: the network overflowed. */
  readonly loss: number;
  /** Softmax probability of the predicted class. */
  readonly confidence: number;
  /** Grey or RGB bytes, row by row. */
  readonly pixels: Uint8Array;
}

export interface CellReport {
  readonly surface: string;
  readonly at: readonly number[];
  readonly loss: number;
  readonly accuracy: number;
  readonly standardError: number;
  readonly split: 'train' | 'test';
  readonly images: number;
  readonly classes: number;
  /** `confusion[label * classes + predicted]` images. */
  readonly confusion: Uint32Array;
  /** Images that do not have pixels have an empty shape. */
  readonly shape: readonly number[];
  /** The twelve of the highest loss. */
  readonly worst: readonly HardImage[];
}
