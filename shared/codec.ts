/**
 * Frames as bytes, for wires that carry nothing better: MessagePack, with typed arrays kept typed.
 * NaN, infinities and −0 survive, because every number crosses as a float64.
 */

import { decode, encode, ExtensionCodec } from '@msgpack/msgpack';
import { checkFrame, MAX_DEPTH } from './frame';

/**
 * Bytes of the largest frame that a window sends: a figure to be drawn. Files have a request of
 * their own. What a host sends is not bounded, since its window trusts it.
 */
export const MOST_SENT = 32 * 2 ** 20;

/** Extension types of MessagePack that this program gives a meaning. */
const TYPED_ARRAYS = [
  { type: 1, Kind: Float32Array },
  { type: 2, Kind: Float64Array },
  { type: 3, Kind: Uint32Array },
  { type: 4, Kind: Int32Array },
] as const;

const extensionCodec = new ExtensionCodec();
for (const { type, Kind } of TYPED_ARRAYS) {
  extensionCodec.register({
    type,
    encode: (value: unknown) =>
      value instanceof Kind
        ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        : null,
    // A copy: views of four and eight bytes need an aligned start, which a frame does not give.
    decode: (bytes) => new Kind(new Uint8Array(bytes).buffer),
  });
}

export const encodeFrame = (frame: unknown): Uint8Array<ArrayBuffer> =>
  encode(frame, {
    extensionCodec,
    forceIntegerToFloat: true,
    ignoreUndefined: true,
    maxDepth: MAX_DEPTH,
  }) as Uint8Array<ArrayBuffer>;

/**
 * The frame that `bytes` hold; `most`: bytes of memory that it may take.
 * @throws Error when they are no frame of ours
 */
export function decodeFrame(bytes: Uint8Array, most = Infinity): unknown {
  checkFrame(bytes, most);
  // A plain view: of Node's buffers the decoder would make more buffers of Node's.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return decode(view, { extensionCodec });
}
