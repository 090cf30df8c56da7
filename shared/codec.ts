/**
 * Frames as bytes, for wires that carry nothing better: MessagePack, with typed arrays kept typed.
 * NaN, infinities and −0 survive, because every number crosses as a float64.
 */

import { decode, encode, ExtensionCodec } from '@msgpack/msgpack';

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

/** Nesting beyond which a frame is refused rather than recursed into. */
const MAX_DEPTH = 200;

export const encodeFrame = (frame: unknown): Uint8Array<ArrayBuffer> =>
  encode(frame, {
    extensionCodec,
    forceIntegerToFloat: true,
    ignoreUndefined: true,
    maxDepth: MAX_DEPTH,
  }) as Uint8Array<ArrayBuffer>;

/** @throws Error when the bytes are no frame of ours */
export const decodeFrame = ({ buffer, byteOffset, byteLength }: Uint8Array): unknown =>
  // A plain view: of Node's buffers the decoder would make more buffers of Node's.
  decode(new Uint8Array(buffer, byteOffset, byteLength), { extensionCodec });
