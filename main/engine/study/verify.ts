/**
 * Holds every file of a study against the hashes in its manifests, and what has none against what
 * it says of itself. Reads, changes nothing, and takes no lock.
 */

import { lstat, opendir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { FileRecord, Finding, VerifyReport } from '../../../shared/spec/inventory';
import { isDraft } from '../../native/drafts';
import { readManifest } from '../files';
import type { Jobs } from '../jobs';
import { readStudy } from '../workspace';
import { checkByItself, filesExpected, type PartManifest } from './check-by-itself';
import { MISSING, recordsIn, troubleWith, type Trouble } from './inventory';
import { isForeign, lookAtManifest } from './manifest';
import { isOfPeople, partOf, wayOut } from './parts';

/** The files of a study that are of none of its parts. */
const OWN = ['study.json', 'manifest.json', 'results.json'];
/** Names that one note lists at most. */
const FEW = 5;

export type VerifyEvent =
  | { readonly kind: 'phase'; readonly text: string }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number };

type Sizes = Map<string, number>;

/** The files of `folder` and how long they are, by their paths with slashes; links lead nowhere. */
async function filesIn(folder: string, under = '', found: Sizes = new Map()): Promise<Sizes> {
  for await (const entry of await opendir(join(folder, under))) {
    const path = under === '' ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) await filesIn(folder, path, found);
    else if (entry.isFile()) found.set(path, (await lstat(join(folder, path))).size);
  }
  return found;
}

const few = (paths: readonly string[]): string =>
  paths.length > FEW
    ? `${paths.slice(0, FEW).join(', ')} and ${paths.length - FEW} more`
    : paths.join(', ');

const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** What is wrong with a manifest that `readManifest` refuses. */
const broken: Trouble = { trouble: 'changed', what: 'is cut or has changed' };

/** One pass over one study. */
class Verification {
  private readonly findings = new Map<string, Finding>();
  /** Files that lie in the study and that nothing speaks of. */
  private readonly extra: string[] = [];
  /** Files of earlier versions, which kept no hashes. */
  private older = 0;
  private recorded = 0;
  private done = 0;
  private readonly total: number;

  constructor(
    private readonly folder: string,
    private readonly files: Sizes,
    private readonly signal: AbortSignal,
  ) {
    this.total = [...files.values()].reduce((sum, bytes) => sum + bytes, 1);
  }

  async *run(): AsyncGenerator<VerifyEvent, VerifyReport> {
    yield { kind: 'phase', text: `verifying ${basename(this.folder)}` };
    const vouched = yield* this.checkStudy();
    for (const [part, paths] of this.parts()) {
      yield* this.checkPart(part, paths, vouched.has(`${part}/manifest.json`));
    }
    return {
      folder: this.folder,
      files: this.files.size,
      bytes: this.total - 1,
      recorded: this.recorded,
      findings: [...this.findings.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
      notes: this.notes(),
    };
  }

  private find(path: string, { trouble, what }: Trouble): void {
    if (this.findings.has(path)) return;
    this.findings.set(path, { path, trouble, what, wayOut: wayOut(path, trouble) });
  }

  private advance(path: string): VerifyEvent {
    this.done += this.files.get(path) ?? 0;
    return { kind: 'progress', done: this.done, total: this.total };
  }

  /** The files of each run and surface; the study's own are left out, what is nobody's is noted. */
  private parts(): Map<string, string[]> {
    const parts = new Map<string, string[]>();
    for (const path of [...this.files.keys()].sort()) {
      const part = !isDraft(path) ? partOf(path) : null;
      if (part !== null) parts.set(part, [...(parts.get(part) ?? []), path]);
      else if (!OWN.includes(path) && !isOfPeople(path)) this.extra.push(path);
    }
    return parts;
  }

  /**
   * Holds files against their records; returns those that agree. A list of which most is not so is
   * of other files, unless something else vouches for it.
   */
  private async *checkList(
    list: string,
    records: readonly FileRecord[],
    isVouched: boolean,
  ): AsyncGenerator<VerifyEvent, Set<string>> {
    const troubles = new Map<string, Trouble>();
    for (const record of records) {
      const isThere = this.files.has(record.path);
      const trouble = isThere ? await troubleWith(this.folder, record, this.signal) : MISSING;
      if (trouble !== null) troubles.set(record.path, trouble);
      yield this.advance(record.path);
    }
    if (!isVouched && isForeign(records, troubles)) {
      this.find(list, { trouble: 'foreign', what: 'lists other files than these' });
      return new Set();
    }
    this.recorded += records.length;
    for (const [path, trouble] of troubles) this.find(path, trouble);
    return new Set(records.map(({ path }) => path).filter((path) => !troubles.has(path)));
  }

  /** The study's own files. Returns the manifests of parts that are as the study's lists them. */
  private async *checkStudy(): AsyncGenerator<VerifyEvent, ReadonlySet<string>> {
    const { manifest, fault } = lookAtManifest(this.folder);
    const isBegun = [...this.files.keys()].some((path) => partOf(path) !== null);
    if (fault !== null) this.find('manifest.json', broken);
    else if (manifest === null && isBegun) this.find('manifest.json', MISSING);
    const records = manifest === null ? null : recordsIn(manifest);
    const vouched = yield* this.checkList('manifest.json', records ?? [], false);
    if (manifest !== null && records === null) {
      this.older += OWN.filter((name) => this.files.has(name)).length;
    }
    if (!this.files.has('study.json')) this.find('study.json', MISSING);
    else if (!vouched.has('study.json')) this.attempt('study.json', () => readStudy(this.folder));
    if (this.files.has('results.json') && !vouched.has('results.json')) {
      this.attempt('results.json', () => readManifest(join(this.folder, 'results.json')));
    }
    return vouched;
  }

  private attempt<T>(path: string, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.find(path, broken);
      return null;
    }
  }

  private async *checkPart(
    part: string,
    paths: readonly string[],
    isVouched: boolean,
  ): AsyncGenerator<VerifyEvent> {
    const path = `${part}/manifest.json`;
    const manifest = this.believed(path, part.split('/')[1]);
    const others = paths.filter((other) => other !== path);
    const records = manifest === null ? null : recordsIn(manifest);
    if (records !== null) {
      yield* this.checkList(path, records, isVouched);
      const listed = new Set(records.map((record) => record.path));
      this.extra.push(...others.filter((other) => !listed.has(other)));
      return;
    }
    for (const other of others) {
      const trouble = await checkByItself(this.folder, other, manifest, this.signal);
      if (trouble !== null) this.find(other, trouble);
      yield this.advance(other);
    }
    if (manifest === null) return;
    this.older += others.length + (isVouched ? 0 : 1);
    for (const expected of filesExpected(part, manifest)) {
      if (!this.files.has(expected)) this.find(expected, MISSING);
    }
  }

  /** The manifest at `path` as far as it can be believed; null: there is none such. */
  private believed(path: string, id: string): PartManifest | null {
    if (!this.files.has(path) || this.findings.has(path)) return null;
    const manifest = this.attempt(path, () => readManifest<PartManifest>(join(this.folder, path)));
    if (manifest === null || manifest.id === id) return manifest;
    this.find(path, { trouble: 'foreign', what: `is the manifest of '${manifest.id}'` });
    return null;
  }

  private notes(): string[] {
    const notes: string[] = [];
    if (this.older > 0) {
      const files = counted(this.older, 'file has', 'files have');
      notes.push(
        `made by an earlier version: ${files} no recorded hash and can only be held against each other`,
      );
    }
    if (this.extra.length > 0) {
      const files = counted(this.extra.length, 'file is', 'files are');
      notes.push(`${files} not of this study's making: ${few(this.extra)}`);
    }
    return notes;
  }
}

/** Verifies the study in `folder`. @throws Fault 'not-found' where there is none */
export async function* verifyStudy(
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<VerifyEvent, VerifyReport> {
  const files = await filesIn(folder).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    throw new Fault('not-found', `${folder} does not exist`);
  });
  if (!files.has('study.json') && !files.has('manifest.json')) readStudy(folder);
  signal.throwIfAborted();
  return yield* new Verification(folder, files, signal).run();
}

/** Verifies the study in `folder` as a job, so that it can be followed and cancelled. */
export const verifyInJob = (jobs: Jobs, folder: string): Promise<VerifyReport> =>
  new Promise((resolve, reject) => {
    const work = async function* (signal: AbortSignal): AsyncGenerator<VerifyEvent> {
      try {
        resolve(yield* verifyStudy(folder, signal));
      } catch (error) {
        reject(error as Error);
        throw error;
      }
    };
    jobs.start({ kind: 'verify', folder }, work, () => undefined);
  });
