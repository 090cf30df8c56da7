/** Files on their way in: sent in pieces, looked at by the host, and what is known of each. */

import { toFault } from '../../shared/fault';
import type { FileReport } from '../../shared/spec/foreign';
import type { Link } from './link';

export interface BroughtFile {
  readonly id: number;
  readonly name: string;
  readonly state: 'sending' | 'reading' | 'known' | 'refused';
  /** Of the sending. */
  readonly share: number;
  /** As the host knows it; null until it is there. */
  readonly path: string | null;
  readonly report: FileReport | null;
  /** Why it was refused. */
  readonly fault: string | null;
}

/** What one frame carries. */
const PIECE = 4 * 2 ** 20;

export class Brought {
  files: readonly BroughtFile[] = $state.raw([]);
  private count = 0;

  constructor(private readonly link: Link) {}

  clear(): void {
    this.files = [];
  }

  /** A file of this window's machine. */
  async takeFile(file: File): Promise<void> {
    const entry = this.add(file.name, 'sending');
    await this.look(entry, () => this.send(entry, file));
  }

  /** A file or folder of the host's machine. */
  async takePath(path: string): Promise<void> {
    const entry = this.add(path.split(/[\\/]/).filter(Boolean).pop() ?? path, 'reading');
    await this.look(entry, async () => path);
  }

  private add(name: string, state: BroughtFile['state']): number {
    const id = this.count++;
    const entry = { id, name, state, share: 0, path: null, report: null, fault: null } as const;
    this.files = [...this.files, entry];
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
      this.change(id, { state: 'known', report });
    } catch (error) {
      this.change(id, { state: 'refused', fault: toFault(error).message });
    }
  }

  private async send(id: number, file: File): Promise<string> {
    const upload = crypto.randomUUID();
    let path = '';
    for (let at = 0; at === 0 || at < file.size; at += PIECE) {
      const bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
      ({ path } = await this.link.call('host/upload', { upload, name: file.name, at, bytes }));
      this.change(id, { share: Math.min(1, (at + PIECE) / Math.max(1, file.size)) });
    }
    return path;
  }
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
