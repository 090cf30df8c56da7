/**
 * Files on their way to the host: over Electron's port in pieces; in a browser, whose sockets are
 * slow for so much, by a request of their own.
 */

import { Fault } from '../../shared/fault';
import type { Link } from './link';

export interface Sending {
  /** Files of one upload lie beside each other. */
  readonly upload: string;
  /** The file's path within it. */
  readonly name: string;
  readonly file: File;
  /** Bytes of it that were sent. */
  tell(sent: number): void;
}

/** What one frame carries. */
const PIECE = 4 * 2 ** 20;

async function sendInPieces(link: Link, { upload, name, file, tell }: Sending): Promise<string> {
  let kept = '';
  for (let at = 0; at === 0 || at < file.size; at += PIECE) {
    const bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    ({ path: kept } = await link.call('host/upload', { upload, name, at, bytes }));
    tell(at + bytes.length);
  }
  return kept;
}

/** By XMLHttpRequest: fetch does not tell how far it is. */
const sendByRequest = ({ upload, name, file, tell }: Sending): Promise<string> =>
  new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const broken = () =>
      fail(new Fault('offline', `${name} was not sent: the connection broke; drop it again`));
    request.upload.onprogress = ({ loaded }) => tell(loaded);
    request.onerror = broken;
    request.onabort = broken;
    request.onload = () => {
      if (!request.getResponseHeader('Content-Type')?.includes('json')) return broken();
      const answer = JSON.parse(request.responseText) as { path: string } | Fault;
      if ('path' in answer) done(answer.path);
      else fail(new Fault(answer.code, answer.message));
    };
    request.open('PUT', `/upload/${upload}?name=${encodeURIComponent(name)}`);
    request.send(file);
  });

/** Sends a file; gives the path under which the host knows it. @throws Fault */
export const sendFile = (link: Link, sending: Sending): Promise<string> =>
  location.protocol === 'app:' ? sendInPieces(link, sending) : sendByRequest(sending);
