/** What floats over the views, and what views offer to commands while they are shown. */

import { tick } from 'svelte';
import type { App } from './app.svelte';
import type { ExportFormat } from './formats';

export type Panel = 'palette' | 'shortcuts' | 'files';

export class Panels {
  open: Panel | null = $state(null);
  /** Set by the figure studio while it is shown. */
  exporter: { export(): void; copy(): void } | null = null;
  /** Set by the desk while a page lies on it. */
  zoomer: { by(factor: number): void } | null = null;
  /** How near the page is looked at; null: so that all of it is seen. */
  zoom: number | null = $state(null);
  /** What the figure is exported as. */
  format: ExportFormat = $state('pdf');

  /** Closes this panel and no other: one that was opened meanwhile stays. */
  close(panel: Panel): void {
    if (this.open === panel) this.open = null;
  }

  /** Goes to the field of the library before the next key: letters typed at once are for it. */
  async focusSearch(): Promise<void> {
    await tick();
    document.querySelector<HTMLInputElement>('#search')?.focus();
  }

  exportNow(): void {
    this.exporter?.export();
  }

  copyNow(): void {
    this.exporter?.copy();
  }

  /** Creates and starts the planned study, or resumes the open one. */
  async run(app: App): Promise<void> {
    if (app.route.page === 'study') {
      if (app.session !== null) await app.resume(app.session.folder);
      return;
    }
    if (app.route.page === 'new') await startPlanned(app);
  }
}

/** Makes the planned study a folder, starts it and watches it. */
export async function startPlanned(app: App): Promise<void> {
  const { file, problem } = app.plan;
  if (file === null || problem !== null) return;
  await app.attempt(async () => {
    const { workspace } = app;
    const { folder } = await app.link.call('study/create', { study: file, workspace });
    await app.link.call('study/resume', { folder });
    await app.go({ page: 'study', folder, view: 'watch' });
  });
}
