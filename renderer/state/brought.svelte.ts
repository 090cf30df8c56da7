/**
 * Files on their way in: sent in pieces, looked at by the host, and what is known of each. What
 * comes together lies together, so that a file finds those that it names.
 */

import { Fault, toFault } from '../../shared/fault';
import type { FileReport } from '../../shared/spec/foreign';
import type { Dropped } from './dropped';
import type { Link } from './link';
import { sendFile } from './sending';

export interface BroughtFile {
  readonly id: number;
  readonly name: string;
  readonly state: 'sending' | 'reading' | 'known' | 'part' | 'refused';
  /** Of the sending. */
  readonly share: number;
  /** As the host knows it; null until it is there. */
  readonly path: string | null;
  readonly report: FileReport | null;
  /** Why it was refused. */
  readonly fault: string | null;
  /** The file that names it as a part of itself. */
  readonly owner: string | null;
}

/** Files of a folder that are sent at once: browsers ask one server for no more. */
const AT_ONCE = 6;

export class Brought {
  files: readonly BroughtFile[] = $state.raw([]);
  private count = 0;

  constructor(private readonly link: Link) {}

  clear(): void {
    this.files = [];
  }

  /** Files and folders of this window's machine that came together. */
  async takeAll(dropped: readonly Dropped[]): Promise<void> {
    const uploads = uploadsFor(dropped);
    const ids = dropped.map(({ name }) => this.add(name, 'sending'));
    for (const [i, item] of dropped.entries()) {
      await this.look(ids[i], () => this.send(ids[i], uploads[i], item.files));
    }
    // Some may have missed those that came after them.
    const refused = this.files.filter(({ id, state }) => ids.includes(id) && state === 'refused');
    if (dropped.length > 1) {
      for (const { id, path } of refused) if (path !== null) await this.look(id, async () => path);
    }
    this.absorb(ids);
  }

  /** Files that others of `ids` name as parts of themselves are no longer looked at alone. */
  private absorb(ids: readonly number[]): void {
    const own = this.files.filter(({ id }) => ids.includes(id));
    for (const { id, name } of own) {
      const owner = own.find((other) => other.id !== id && other.report?.parts.includes(name));
      if (owner === undefined) continue;
      this.change(id, { state: 'part', owner: owner.name, report: null, fault: null });
    }
  }

  /** A file or folder of the host's machine. */
  async takePath(path: string): Promise<void> {
    const entry = this.add(path.split(/[\\/]/).filter(Boolean).pop() ?? path, 'reading');
    await this.look(entry, async () => path);
  }

  private add(name: string, state: BroughtFile['state']): number {
    const id = this.count++;
    const unknown = { share: 0, path: null, report: null, fault: null, owner: null };
    this.files = [...this.files, { id, name, state, ...unknown }];
    return id;
  }

  private change(id: number, patch: Partial<BroughtFile>): void {
    this.files = this.files.map((file) => (file.id === id ? { ...file, ...patch } : file));
  }

  private async look(id: number, bring: () => Promise<string>): Promise<void> {
    try {
      const path = await bring();
      this.change(id, { state: 'reading', path });
      const report = await this.link.call('host/inspect', { path });
      if (report.kind === 'collection') await this.open(id, path, report.parts);
      else this.change(id, { state: 'known', report });
    } catch (error) {
      this.change(id, { state: 'refused', fault: toFault(error).message });
    }
  }

  /** Puts the files of a folder in its place, each to be looked at. */
  private async open(id: number, folder: string, names: readonly string[]): Promise<void> {
    const entry = this.files.find((file) => file.id === id)!;
    const members = names.map((name) => ({
      ...entry,
      id: this.count++,
      name: `${entry.name}/${name}`,
      state: 'reading' as const,
    }));
    this.files = this.files.flatMap((file) => (file.id === id ? members : [file]));
    for (const [i, member] of members.entries()) {
      await this.look(member.id, async () => `${folder}/${names[i]}`);
    }
  }

  /** Sends files under their paths; gives where the host keeps what they make up. */
  private async send(id: number, upload: string, files: Dropped['files']): Promise<string> {
    if (files.length === 0) throw new Fault('bad-value', 'the folder is empty');
    const total = files.reduce((sum, { file }) => sum + file.size, 0);
    let sent = 0;
    let next = 0;
    let kept = '';
    const sendOn = async () => {
      while (next < files.length) {
        const { path: name, file } = files[next++];
        let own = 0;
        const tell = (bytes: number) => {
          sent += bytes - own;
          own = bytes;
          this.change(id, { share: sent / Math.max(1, total) });
        };
        kept = await sendFile(this.link, { upload, name, file, tell });
        tell(file.size);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
    return kept;
  }
}

/** One upload for what came together; another for whatever has the name of something before it. */
function uploadsFor(dropped: readonly Dropped[]): string[] {
  const together = crypto.randomUUID();
  return dropped.map(({ name }, i) =>
    dropped.findIndex((other) => other.name === name) === i ? together : crypto.randomUUID(),
  );
}

/** The files of one kind that can be taken. */
export const ofKind = (
  files: readonly BroughtFile[],
  kind: FileReport['kind'],
): (BroughtFile & { path: string; report: FileReport })[] =>
  files.flatMap((file) =>
    file.report?.kind === kind && file.path !== null
      ? [{ ...file, path: file.path, report: file.report }]
      : [],
  );
