/**
 * PNG and JPEG as bytes of grey or colour. Sizes are read from the header and bounded before
 * anything is unpacked.
 */

import { PNG } from 'pngjs';
import { Fault } from '../../../../shared/fault';
import type { Entry } from './bundle';
import { decodeJpeg } from './jpeg';
import { checkPng } from './png';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: red, green, blue; transparency is left out. */
  readonly channels: 1 | 3;
}

export interface Pixels extends Picture {
  /** Row by row, channels last. */
  readonly bytes: Uint8Array;
}

const PNG_MAGIC = Buffer.from('89504e470d0a1a0a', 'hex');
const MOST_PIXELS = 64 * 2 ** 20;

const damaged = (entry: Entry, reason: string): Fault =>
  new Fault('damaged', `${entry.name} cannot be read as an image: ${reason}`);

const isPng = (bytes: Buffer): boolean => bytes.subarray(0, 8).equals(PNG_MAGIC);
const isJpeg = (bytes: Buffer): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

/** Colour types 0 and 4 of PNG are grey (its specification, §11.2.2). */
const pngHeader = (bytes: Buffer): Picture => ({
  width: bytes.readUInt32BE(16),
  height: bytes.readUInt32BE(20),
  channels: bytes[25] === 0 || bytes[25] === 4 ? 1 : 3,
});

/** The frame header of a JPEG: the markers C0 to CF but C4, C8 and CC (ITU T.81, table B.1). */
function jpegHeader(bytes: Buffer): Picture | null {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return { width, height, channels: bytes[at + 9] === 1 ? 1 : 3 };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** What the header of an image says. @throws Fault 'damaged' */
export function pictureOf(entry: Entry, bytes: Buffer): Picture {
  const isWhole = bytes.length > 26;
  const header = !isWhole
    ? null
    : isPng(bytes)
      ? pngHeader(bytes)
      : isJpeg(bytes)
        ? jpegHeader(bytes)
        : null;
  if (header === null) throw damaged(entry, 'it is neither a PNG nor a JPEG');
  const { width, height } = header;
  if (width < 1 || height < 1 || width * height > MOST_PIXELS) {
    throw damaged(entry, `it claims ${width}×${height} pixels`);
  }
  return header;
}

/** Every fourth byte of RGBA left out, or all but the first of four. */
function withoutAlpha(rgba: Uint8Array | Uint8ClampedArray, channels: 1 | 3): Uint8Array {
  const count = rgba.length / 4;
  const bytes = new Uint8Array(count * channels);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) bytes[i * channels + c] = rgba[4 * i + c];
  }
  return bytes;
}

/** The pixels of an image in `channels`. @throws Fault 'damaged' */
export function decodePicture(entry: Entry, bytes: Buffer, channels: 1 | 3): Pixels {
  const { width, height } = pictureOf(entry, bytes);
  try {
    if (isPng(bytes)) checkPng(bytes);
    const decoded = isPng(bytes) ? PNG.sync.read(bytes) : decodeJpeg(bytes);
    if (decoded.width !== width || decoded.height !== height) {
      throw new Error(`it claims ${width}×${height} pixels and has others`);
    }
    return { width, height, channels, bytes: withoutAlpha(decoded.data, channels) };
  } catch (error) {
    throw damaged(entry, (error as Error).message);
  }
}

/** Weights of a triangle filter for each of `to` pixels over `from`, as wide as it shrinks. */
function filters(from: number, to: number): { first: number; weights: number[] }[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(from, Math.floor(centre + reach + 0.5));
    const raw = Array.from({ length: last - first }, (_, k) =>
      Math.max(0, 1 - Math.abs((first + k + 0.5 - centre) / reach)),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

/**
 * The middle square of an image, scaled to `side` by a triangle filter that covers what is shrunk
 * (the "bilinear" of Pillow, with antialiasing).
 */
export function squared({ width, height, channels, bytes }: Pixels, side: number): Uint8Array {
  const cut = Math.min(width, height);
  const [left, top] = [Math.floor((width - cut) / 2), Math.floor((height - cut) / 2)];
  const taps = filters(cut, side);
  const rows = new Float32Array(cut * side * channels);
  for (let y = 0; y < cut; y++) {
    for (let x = 0; x < side; x++) {
      const { first, weights } = taps[x];
      for (let c = 0; c < channels; c++) {
        const start = ((y + top) * width + left + first) * channels + c;
        rows[(y * side + x) * channels + c] = weights.reduce(
          (sum, weight, k) => sum + weight * bytes[start + k * channels],
          0,
        );
      }
    }
  }
  const result = new Uint8Array(side * side * channels);
  const pitch = side * channels;
  for (let y = 0; y < side; y++) {
    const { first, weights } = taps[y];
    for (let x = 0; x < pitch; x++) {
      const value = weights.reduce(
        (sum, weight, k) => sum + weight * rows[(first + k) * pitch + x],
        0,
      );
      result[y * pitch + x] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
  return result;
}
