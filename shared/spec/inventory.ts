/** What manifests say of a study's files, and what is found when the files are held against it. */

import * as v from 'valibot';

/** A file as it was when its part of the study was finished. */
export const FileRecord = v.object({
  /** From the study's folder, with slashes; never out of it. */
  path: v.pipe(v.string(), v.regex(/^\w[\w.-]*(\/\w[\w.-]*)*$/, 'a path within the study')),
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal')),
});
export type FileRecord = v.InferOutput<typeof FileRecord>;

/** `foreign`: whole in itself, but of another study. */
export type FileTrouble = 'missing' | 'cut' | 'changed' | 'unreadable' | 'foreign';

/** A file that is not as it was written. */
export interface Finding {
  /** From the study's folder, with slashes. */
  readonly path: string;
  readonly trouble: FileTrouble;
  /** What is wrong with it, to follow its name: `is cut: 500 of 14,336 bytes`. */
  readonly what: string;
  /** What to do, as a sentence without its full stop. */
  readonly wayOut: string;
}

export interface VerifyReport {
  readonly folder: string;
  /** Files that were looked at, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Of them, those that were held against a recorded hash. */
  readonly recorded: number;
  readonly findings: readonly Finding[];
  /** What is worth knowing and no damage, a sentence each. */
  readonly notes: readonly string[];
}
