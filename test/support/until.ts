/** Waiting for a state, where no event tells of it; the only place in the tests that sleeps. */

const LOOK_EVERY_MS = 20;
/** Only what never comes lasts as long. */
const PATIENCE_MS = 5 * 60_000;

/** Resolves once `isSo` says so. @throws Error that names `what` when it never does */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const last = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > last) throw new Error(`this has not come to pass: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
