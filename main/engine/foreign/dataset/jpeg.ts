/**
 * JPEG by MozJPEG, a branch of libjpeg-turbo: to the last bit the pixels that Pillow, and with it
 * torchvision, reads. (Decoders differ most in how they widen colours that were stored at half
 * size.)
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import createDecoder from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';

/** Colours with transparency, row by row. */
export interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

interface Decoder {
  decode(bytes: Uint8Array, turnsByExif: boolean): Decoded | null;
}

/** What the decoder makes its result of; a browser brings it along. */
class ImageData implements Decoded {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

let decoder: Decoder | null = null;

/** Loads the decoder, once. */
export async function loadJpeg(): Promise<void> {
  if (decoder !== null) return;
  Object.assign(globalThis, { ImageData });
  const require = createRequire(import.meta.url);
  const place = require.resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  const options = {
    noInitialRun: true,
    wasmBinary: readFileSync(place),
    printErr: () => undefined,
  };
  decoder = (await createDecoder(options)) as unknown as Decoder;
}

/** The pixels of an image, once the decoder is loaded. @throws Error when it is damaged */
export function decodeJpeg(bytes: Uint8Array): Decoded {
  let decoded: Decoded | null | undefined;
  try {
    decoded = decoder?.decode(bytes, false);
  } catch (error) {
    // libjpeg ends its program where it gives up, and can be asked again; after a trap it cannot.
    if ((error as Error).name === 'RuntimeError') decoder = null;
  }
  if (decoded == null) throw new Error('its JPEG is damaged');
  return decoded;
}
