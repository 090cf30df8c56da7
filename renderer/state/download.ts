/** Saving bytes as a file: by the system's dialog where the host has one, else by the browser. */

import type { Link } from './link';

const TYPES = new Map([
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['pdf', 'application/pdf'],
  ['html', 'text/html'],
  ['json', 'application/json'],
  ['csv', 'text/csv'],
]);

export class Downloads {
  constructor(
    private readonly link: Link,
    private readonly hasDialogs: () => boolean,
  ) {}

  /** Resolves with where it went in words, or null when the user changed their mind. */
  async save(name: string, content: Uint8Array | string): Promise<string | null> {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    if (this.hasDialogs()) {
      return (await this.link.call('host/save', { name, bytes }))?.path ?? null;
    }
    const type = TYPES.get(name.split('.').pop() ?? '') ?? 'application/octet-stream';
    const url = URL.createObjectURL(new Blob([bytes.slice()], { type }));
    const anchor = document.createElement('a');
    anchor.href = url;
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return name;
  }
}
