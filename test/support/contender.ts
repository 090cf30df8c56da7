/**
 * One of many processes that want the same locks. Asked for a lock by a line with its path, it says
 * whether it got it; it keeps what it got until it ends.
 */

import { createInterface } from 'node:readline';
import { takeLock } from '../../main/engine/lock';

for await (const path of createInterface({ input: process.stdin })) {
  const pause = () => new Promise<void>((next) => setImmediate(next));
  const answer = await takeLock(path, { what: path, pause }).then(
    () => 'got',
    (error: unknown) => (error as Error).message,
  );
  process.stdout.write(`${answer}\n`);
}
process.exit(0);
