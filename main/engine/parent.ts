/** The way from a child process to whoever started it. */

import type { Wire } from '../../shared/rpc';

/** Electron's way to the parent, where this process is one of its utility processes. */
interface ParentPort {
  postMessage(frame: unknown): void;
  on(name: 'message', listener: (event: { data: unknown }) => void): void;
}

const isBye = (frame: unknown): boolean => (frame as { kind?: string } | null)?.kind === 'bye';

/**
 * The parent over Node's own channel, or over Electron's; frames are structured clones, so NaN and
 * typed arrays survive. Electron's has no end that could be heard, so a last message says it.
 */
export function findParent(): Wire {
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort === undefined) {
    return {
      send: (frame) => void process.send?.(frame),
      onFrame: (listener) => void process.on('message', listener),
      onClose: (listener) => void process.on('disconnect', () => listener('the host is gone')),
    };
  }
  return {
    send: (frame) => parentPort.postMessage(frame),
    onFrame: (listener) => parentPort.on('message', ({ data }) => listener(data)),
    onClose: (listener) =>
      parentPort.on('message', ({ data }) => isBye(data) && listener('the host is gone')),
  };
}
