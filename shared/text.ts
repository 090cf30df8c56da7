/**
 * Names and texts as they may stand in a sentence, a table or a line of a terminal: as long as a
 * reader can take in, and without what a terminal obeys, whoever wrote them.
 */

/** Of at most `most` characters; what is left out is taken from behind the middle. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.floor(most / 3);
  return `${text.slice(0, most - tail - 1)}…${text.slice(text.length - tail)}`;
}

/** As a sentence begins. */
export const capitalised = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** `5, 10 and 20` */
export const listText = (items: readonly (number | string)[]): string =>
  items.length < 2
    ? items.join('')
    : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;

/**
 * Controls of ISO 6429 (C0, C1 and DEL), line separators, and what turns the direction of writing
 * round (Unicode UAX #9, explicit embeddings, overrides and isolates).
 */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

const SHORT = new Map([
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
]);

/** `text` on one line, with what a terminal would obey spelt out as JSON spells it: `\u001b`. */
export const printable = (text: string): string =>
  text.replaceAll(
    OBEYED,
    (sign) => SHORT.get(sign) ?? String.raw`\u` + sign.charCodeAt(0).toString(16).padStart(4, '0'),
  );
