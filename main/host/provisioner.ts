/** Fetches a better backend while the app runs, and starts the engine anew on it. */

import { toFault } from '../../shared/fault';
import type { Provisioning } from '../../shared/spec/host';
import { provision, type Build } from '../native/provision';

type Listener = (state: Provisioning) => void;

export class Provisioner {
  private readonly listeners = new Set<Listener>();
  private running = false;

  /** `ready` is called when the backend is there. */
  constructor(private readonly ready: () => Promise<void>) {}

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Passes on how the fetching goes that a host does by itself at its first start. */
  report = (state: Provisioning): void => {
    for (const listener of this.listeners) listener(state);
  };

  /** Begins in the background; a second call while it runs does nothing. */
  begin(build: Build): void {
    if (this.running) return;
    this.running = true;
    void provision(build, (progress) => this.report({ ...progress, message: null }))
      .then(() => this.ready())
      .then(
        () => this.report({ step: 'done', share: 1, message: null }),
        (error: unknown) =>
          this.report({ step: 'failed', share: null, message: toFault(error).message }),
      )
      .finally(() => (this.running = false));
  }
}
