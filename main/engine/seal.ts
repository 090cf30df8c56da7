/**
 * Manifests that carry a checksum of themselves: their last key is the SHA-256 of all text before
 * it, so that a changed byte is noticed wherever they are read.
 */

import { createHash } from 'node:crypto';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Seals the JSON text of an object that has keys. */
export function seal(json: string): string {
  const body = json.slice(0, json.lastIndexOf('\n}'));
  return `${body},\n  "seal": "${hashOf(body)}"\n}\n`;
}

/**
 * Whether `text` is as it was sealed. What was never sealed passes: manifests of earlier versions,
 * which list no files either.
 */
export function sealHolds(text: string): boolean {
  const match = /,\n {2}"seal": "([0-9a-f]{64})"\n\}\n$/.exec(text);
  if (match === null) return !/\n {2}"(files|seal)":/.test(text);
  return hashOf(text.slice(0, match.index)) === match[1];
}
