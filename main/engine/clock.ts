/** Time, in one place: results never depend on it, only progress and manifests do. */

/** Seconds since some fixed moment; never runs backwards. */
export const seconds = (): number => performance.now() / 1000;

/** The moment, for manifests. */
export const timestamp = (): string => new Date().toISOString();
