/** What becomes of bytes that claim to be a file of weights. */

import { basename } from 'node:path';
import { identify } from '../../main/engine/foreign/identify';
import { reportOf } from '../../main/engine/foreign/report';
import { MemorySource } from '../../main/engine/foreign/source';
import { Fault } from '../../shared/fault';

/** The verdict on `content` as if it lay at `path`, or why it is refused; else it throws. */
export async function fate(path: string, content: Buffer): Promise<string> {
  const source = new MemorySource(basename(path), content);
  try {
    return reportOf(source, await identify(source, path)).verdict;
  } catch (error) {
    if (error instanceof Fault && error.code === 'damaged') return `refused: ${error.message}`;
    throw error;
  }
}
