/** Puts a recipe into the bytes of a drawn figure without changing what is seen. */

import { crc32 } from 'node:zlib';

/** Signature and header chunk of a PNG. */
const PNG_START = 8 + 25;

/**
 * A recipe in signs that no format gives a meaning to: what stands in a drawn file is read as text,
 * whoever wrote it. One that `encodeRecipe` gave has none but these.
 */
const plain = (recipe: string): string =>
  // By way of bytes, since half a surrogate pair has no encoding.
  Buffer.from(recipe)
    .toString()
    .replaceAll(/[^\x20-\x7e]|[<>&"]/gu, (sign) => encodeURIComponent(sign));

/** A chunk of a PNG: length, kind, content, checksum (PNG specification, 5.3). */
function chunk(kind: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A PNG with a chunk more, right after its header. */
const withChunk = (png: Uint8Array, kind: string, content: Uint8Array): Buffer =>
  Buffer.concat([png.subarray(0, PNG_START), chunk(kind, content), png.subarray(PNG_START)]);

/** In a `tEXt` chunk after the header (PNG specification, 11.3.4.3). */
export const embedInPng = (png: Uint8Array, recipe: string): Buffer =>
  withChunk(png, 'tEXt', Buffer.from(`Comment\0${plain(recipe)}`, 'latin1'));

/** Gives a PNG its size on paper, in dots per metre (`pHYs`; PNG specification, 11.3.5.3). */
export function setDensity(png: Uint8Array, dpi: number): Buffer {
  const content = Buffer.alloc(9);
  const perMetre = Math.round(dpi / 0.0254);
  content.writeUInt32BE(perMetre, 0);
  content.writeUInt32BE(perMetre, 4);
  content[8] = 1;
  return withChunk(png, 'pHYs', content);
}

/** In a `metadata` element, the first of the drawing. */
export const embedInSvg = (svg: string, recipe: string): string =>
  svg.replace(/(<svg\b[^>]*>)/, (start) => `${start}<metadata>${plain(recipe)}</metadata>`);

/** Describes a drawing in words, where viewers and editors show them. */
export const sayInSvg = (svg: string, text: string): string =>
  svg.replace(/(<svg\b[^>]*>)/, (start) => `${start}<desc>${text}</desc>`);

/**
 * In a comment between the trailer and `startxref`, which no byte offset of the file counts
 * (ISO 32000-1, 7.2.4 and 7.5.5).
 */
export function embedInPdf(pdf: Uint8Array, recipe: string): Buffer {
  const bytes = Buffer.from(pdf);
  const at = bytes.lastIndexOf('startxref');
  if (at < 0) return bytes;
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(`%${plain(recipe)}\n`),
    bytes.subarray(at),
  ]);
}

/**
 * Sets a page's box to exactly `width` × `height` points: browsers print whole CSS pixels. The
 * numbers take the room of those they replace, so that nothing moves.
 */
export function setPageBox(pdf: Uint8Array, width: number, height: number): Buffer {
  const text = Buffer.from(pdf).toString('latin1');
  const exact = text.replace(/\/MediaBox\s*\[[^\]]*\]/, (box) => {
    const room = box.length;
    for (let digits = 4; digits >= 0; digits--) {
      const made = `/MediaBox [0 0 ${width.toFixed(digits)} ${height.toFixed(digits)}]`;
      if (made.length <= room) return made.padEnd(room);
    }
    return box;
  });
  return Buffer.from(exact, 'latin1');
}
